package outside

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config says where a service is. Name and URL are required; every other field has a
// working zero value.
type Config struct {
	// Name is what errors call the service, such as opa.
	Name string
	// URL is https, or http to this machine itself, and has no user, query or fragment.
	URL string
	// Token is sent as a bearer token. Empty: none is sent.
	Token string
	// Timeout is for one request with its answer. Default: 10 seconds.
	Timeout time.Duration
	// MaxAnswer is how much of an answer is read, in bytes; a longer one is an error.
	// Default: 64 KiB.
	MaxAnswer int64
	// Idle is how many connections are kept for the next requests. Default: 2.
	Idle int
	// Transport carries requests. Nil means one of this package.
	Transport http.RoundTripper
}

const maxHeaders = 64 << 10

// Service is a service. It is safe for concurrent use.
type Service struct {
	name, base, token string
	limit             int64
	client            *http.Client
}

// New makes a client of a service. It asks the service nothing.
func New(c Config) (*Service, error) {
	base, err := CheckURL(c.URL)
	if err != nil {
		return nil, errors.New(c.Name + ": " + err.Error())
	}
	if strings.ContainsFunc(c.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New(c.Name + ": the token must be printable ASCII without spaces")
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.MaxAnswer == 0 {
		c.MaxAnswer = 64 << 10
	}
	if c.Idle == 0 {
		c.Idle = 2
	}
	if c.Transport == nil {
		c.Transport = newTransport(c.Timeout, c.Idle)
	}
	return &Service{name: c.Name, base: base, token: c.Token, limit: c.MaxAnswer, client: &http.Client{
		Transport: c.Transport, Timeout: c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func newTransport(timeout time.Duration, idle int) *http.Transport {
	return &http.Transport{
		DialContext: (&net.Dialer{Timeout: timeout}).DialContext, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout,
		MaxResponseHeaderBytes: maxHeaders, MaxIdleConns: idle, MaxIdleConnsPerHost: idle, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
	}
}

// Close lets connections go that are kept for the next requests.
func (s *Service) Close() { s.client.CloseIdleConnections() }

// CheckURL says why an address cannot be that of a service, or returns it without a
// slash at its end.
func CheckURL(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return "", errors.New("not an address such as https://service.example/v1")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", errors.New("the address has a user, a query or a fragment, which it must not; a token is given by itself")
	case u.Scheme != "https" && (u.Scheme != "http" || !local(u.Hostname())):
		return "", errors.New("must be https, or http to this machine itself: whoever is on the way could answer in its place")
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
