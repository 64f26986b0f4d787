package arbiter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// Config says where the service is. URL is required; every other field has a working
// zero value.
type Config struct {
	// URL is under which the service's cases are, such as https://court.example/v1. It
	// is https, or http to this machine itself, and has no user, query or fragment.
	URL string
	// Token is sent as a bearer token. Empty: none is sent.
	Token string
	// Timeout is for one request with its answer. Default: 10 seconds.
	Timeout time.Duration
	// Transport carries requests. Nil means one of this package, without a proxy.
	Transport http.RoundTripper
}

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 64 << 10

// Service is an outside arbitrator. It is safe for concurrent use.
type Service struct {
	base   string
	token  string
	client *http.Client
}

var _ teg.Arbitrator = (*Service)(nil)

// errAnswer is what a service does that does not keep to the protocol.
var errAnswer = errors.New("arbiter: the service does not answer as it should")

// New makes a client of the service. It asks the service nothing.
func New(c Config) (*Service, error) {
	base, err := CheckURL(c.URL)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(c.Token, "\r\n\x00") {
		return nil, errors.New("arbiter: the token has characters that no header can have")
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Transport == nil {
		c.Transport = &http.Transport{
			DialContext: (&net.Dialer{Timeout: c.Timeout}).DialContext, TLSHandshakeTimeout: c.Timeout, ResponseHeaderTimeout: c.Timeout,
			MaxResponseHeaderBytes: maxAnswer, MaxIdleConns: 2, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		}
	}
	return &Service{base: base, token: c.Token, client: &http.Client{
		Transport: c.Transport, Timeout: c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// CheckURL says why an address cannot be that of a service, or returns it without a
// slash at its end.
func CheckURL(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		return "", errors.New("arbiter: not an address such as https://court.example/v1")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", errors.New("arbiter: the address has a user, a query or a fragment, which it must not")
	case u.Scheme != "https" && (u.Scheme != "http" || !local(u.Hostname())):
		return "", errors.New("arbiter: must be https, or http to this machine itself")
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ask sends a request and returns the status and the body of the answer. A body that
// is not JSON, or too long, is an error; so are redirects.
func (s *Service) ask(ctx context.Context, method, path, key string, in any) (int, []byte, error) {
	request, err := s.request(ctx, method, path, key, in)
	if err != nil {
		return 0, nil, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, s.unavailable(err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols { // its body is the connection itself, and has no time limit
		return 0, nil, fmt.Errorf("%w: it changes the protocol", errAnswer)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return 0, nil, s.unavailable(err)
	case len(body) > maxAnswer:
		return 0, nil, fmt.Errorf("%w: more than %d bytes", errAnswer, maxAnswer)
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return 0, nil, fmt.Errorf("%w: it redirects, which is not followed", errAnswer)
	case response.StatusCode == http.StatusOK && len(body) > 0 && !isJSON(response.Header.Get("Content-Type")):
		return 0, nil, fmt.Errorf("%w: no JSON", errAnswer)
	}
	return response.StatusCode, body, nil
}

// maxFault is how much is told of what went wrong, in bytes.
const maxFault = 200

// unavailable is the error of a service that could not be asked. It is told without
// the address, in whose path a key may stand. Its words are in part the service's own:
// they are made printable and short, and the token is taken out where it comes back.
func (s *Service) unavailable(cause error) error {
	var at *url.Error
	if errors.As(cause, &at) {
		cause = at.Err
	}
	text := cause.Error()
	if s.token != "" {
		text = strings.ReplaceAll(text, s.token, "…")
	}
	text = strings.ToValidUTF8(text[:min(len(text), maxFault)], "")
	return &away{fmt.Sprintf("the service is away: %q", text)}
}

// away is the error of a service that is to be asked again later.
type away struct{ text string }

// Error does not speak of the database, as [teg.ErrUnavailable] does.
func (a *away) Error() string { return "arbiter: " + a.text }

// Unwrap makes it a [teg.ErrUnavailable].
func (a *away) Unwrap() error { return teg.ErrUnavailable }

func (s *Service) request(ctx context.Context, method, path, key string, in any) (*http.Request, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.base+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", key)
	}
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	return request, nil
}

func isJSON(header string) bool {
	kind, _, err := mime.ParseMediaType(header)
	return err == nil && kind == "application/json"
}

// put sends what the service is to remember. That it knows it already is no failure.
func (s *Service) put(ctx context.Context, path, key string, in any) error {
	status, _, err := s.ask(ctx, http.MethodPost, path, key, in)
	switch {
	case err != nil:
		return err
	case status >= 200 && status < 300, status == http.StatusConflict:
		return nil
	}
	return refusedWith(status)
}

// refusedWith says what a status means. Its body is left out: it is somebody else's.
func refusedWith(status int) error {
	switch {
	case status == http.StatusNotFound:
		return &teg.Refusal{Reason: teg.ErrNotFound, Message: "the service does not know the case"}
	case status == http.StatusTooManyRequests, status >= 500:
		return &away{fmt.Sprintf("the service answers %d", status)}
	}
	return fmt.Errorf("%w: it answers %d", errAnswer, status)
}
