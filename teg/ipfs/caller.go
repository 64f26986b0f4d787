package ipfs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/agentvault/teg-layer/teg"
)

const (
	handshake  = 10 * time.Second
	maxHeaders = 64 << 10
	maxAnswer  = 1 << 20 // of JSON
	maxSaid    = 240     // characters of what an error says
)

// caller speaks HTTP to one address.
type caller struct {
	name   string // for errors
	base   *url.URL
	token  string
	client *http.Client
}

// newCaller refuses an address that could not be meant.
func newCaller(name, address, token string) (*caller, error) {
	base, err := url.Parse(address)
	switch {
	case err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Hostname() == "" || base.Opaque != "":
		return nil, errors.New("must be an address such as http://127.0.0.1:5001")
	case base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("must be an address without user, ? and #; a token is given by itself")
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, errors.New("its token must be printable ASCII without spaces")
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxResponseHeaderBytes: maxHeaders, DisableCompression: true,
		TLSHandshakeTimeout: handshake, IdleConnTimeout: 30 * time.Second, MaxIdleConnsPerHost: 4, ForceAttemptHTTP2: true,
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &caller{name: name, base: base, token: token, client: &http.Client{Transport: transport, CheckRedirect: stay}}, nil
}

// ask sends a request and reads the whole answer, of at most limit bytes. Errors are
// those of a store that is not available, except errLonger.
func (c *caller) ask(ctx context.Context, method, path string, query url.Values, body []byte, limit int64) (status int, answer []byte, err error) {
	u := c.base.JoinPath(path)
	u.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, c.unavailable(err)
	}
	if len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.client.Do(request)
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err // without the address: keys of services stand in paths
	}
	if err != nil {
		return 0, nil, c.unavailable(err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols { // its body is the connection itself, and has no time limit
		return 0, nil, c.unavailable(errors.New("it changes the protocol"))
	}
	answer, err = io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return 0, nil, c.unavailable(err)
	case int64(len(answer)) > limit:
		return response.StatusCode, nil, errLonger
	case response.Trailer.Get("X-Stream-Error") != "": // kubo, when it fails after it began to answer
		return 0, nil, c.unavailable(errors.New(response.Trailer.Get("X-Stream-Error")))
	}
	return response.StatusCode, answer, nil
}

// errLonger is the answer that was longer than it may be.
var errLonger = errors.New("the answer is too long")

// unavailable is the error of a store that could not be asked, or did not answer as it
// should. What went wrong is often told in words of the other side: they are made
// printable and short, and the token is taken out where it comes back in them.
func (c *caller) unavailable(cause error) error {
	text := cause.Error()
	if c.token != "" {
		text = strings.ReplaceAll(text, c.token, "…")
	}
	return &teg.StorageUnavailableError{Cause: &fault{fmt.Sprintf("%s at %s: %s", c.name, c.base.Host, printable(text)), cause}}
}

// fault is an error with other words.
type fault struct {
	text  string
	cause error
}

// Error is what may be read by anybody.
func (f *fault) Error() string { return f.text }

// Unwrap gives the error as it was.
func (f *fault) Unwrap() error { return f.cause }

// refused is the error of an answer that is none of those that were hoped for.
func (c *caller) refused(status int, said string) error {
	switch {
	case status >= 300 && status < 400:
		said = "redirects are not followed"
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		said = strings.TrimSuffix("the token is not taken: "+said, ": ")
	}
	return c.unavailable(fmt.Errorf("status %d: %s", status, said))
}

// printable cuts what others say to what may stand in a log.
func printable(text string) string {
	text = text[:min(len(text), utf8.UTFMax*(maxSaid+1))]
	shown := []rune(strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text))
	if len(shown) > maxSaid {
		shown = append(shown[:maxSaid], '…')
	}
	return string(shown)
}
