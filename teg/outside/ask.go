package outside

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// What can be wrong with a service; see errors.Is.
var (
	ErrAway   = errors.New("the service is away") // it may answer later
	ErrAnswer = errors.New("the service does not answer as it should")
)

// Request is what a service is asked.
type Request struct {
	Method string
	Path   string // behind the service's address; begins with a slash, or is empty
	Header http.Header
	Body   any // sent as JSON; nil: none
}

// Answer is what a service answers.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // JSON, where the status is 200 and there is one
}

// Ask sends a request and returns the answer, whatever its status is but a redirect. It
// is ErrAway where the service could not be reached or did not finish, and ErrAnswer
// where it redirects, changes the protocol, says too much, or 200 and no JSON.
func (s *Service) Ask(ctx context.Context, r Request) (Answer, error) {
	request, err := s.request(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	token := strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer ")
	response, err := s.client.Do(request)
	if err != nil {
		return Answer{}, s.away(err, token)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols { // its body is the connection itself, and has no time limit
		return Answer{}, s.Wrong("it changes the protocol")
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, s.limit+1))
	switch {
	case err != nil:
		return Answer{}, s.away(err, token)
	case int64(len(body)) > s.limit:
		return Answer{}, s.Wrong(fmt.Sprintf("more than %d bytes", s.limit))
	case response.StatusCode >= 300 && response.StatusCode < 400 && response.StatusCode != http.StatusNotModified:
		return Answer{}, s.Wrong("it redirects, which is not followed")
	case response.StatusCode == http.StatusOK && len(body) > 0 && !isJSON(response.Header.Get("Content-Type")):
		return Answer{}, s.Wrong("no JSON")
	}
	return Answer{response.StatusCode, response.Header, body}, nil
}

func (s *Service) request(ctx context.Context, r Request) (*http.Request, error) {
	var body io.Reader
	if r.Body != nil {
		text, err := json.Marshal(r.Body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, s.base+r.Path, body)
	if err != nil {
		return nil, s.away(err, s.token)
	}
	for name, values := range r.Header {
		request.Header[name] = values
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	return request, nil
}

func isJSON(header string) bool {
	kind, _, err := mime.ParseMediaType(header)
	return err == nil && (kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"))
}

// maxFault is how much is told of what went wrong, in bytes.
const maxFault = 200

// fault is what is wrong with a service.
type fault struct {
	text  string
	kind  error // ErrAway or ErrAnswer
	cause error // nil: none
}

func (f *fault) Error() string { return f.text }

func (f *fault) Unwrap() []error {
	if f.cause == nil {
		return []error{f.kind}
	}
	return []error{f.kind, f.cause}
}

// away is the error of a service that could not be asked. It is told without the address,
// in whose path a key may stand. Its words are in part the service's own: they are made
// printable and short, and the token is taken out where it comes back.
func (s *Service) away(cause error, token string) error {
	var at *url.Error
	if errors.As(cause, &at) {
		cause = at.Err
	}
	text := cause.Error()
	if token != "" {
		text = strings.ReplaceAll(text, token, "…")
	}
	text = strings.ToValidUTF8(text[:min(len(text), maxFault)], "")
	f := &fault{fmt.Sprintf("%s: %v: %q", s.name, ErrAway, text), ErrAway, nil}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(cause, end) {
			f.cause = end
		}
	}
	return f
}

// Wrong is the error of a service that does not keep to the protocol.
func (s *Service) Wrong(how string) error {
	return &fault{fmt.Sprintf("%s: %v: %s", s.name, ErrAnswer, how), ErrAnswer, nil}
}

// Refused says what a status means that is no success: that the service is away where it
// is busy or out of order, else that it does not answer as it should. The body is left
// out: it is somebody else's.
func (s *Service) Refused(status int) error {
	if status == http.StatusTooManyRequests || status >= http.StatusInternalServerError {
		return &fault{fmt.Sprintf("%s: %v: it answers %d", s.name, ErrAway, status), ErrAway, nil}
	}
	return s.Wrong(fmt.Sprintf("it answers %d", status))
}
