package client

import (
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
)

// defaultPrefix is where the API of a server lies that says nothing else.
const defaultPrefix = "/api/v1"

// What a client has that is told nothing else.
const (
	defaultTimeout   = time.Minute
	defaultRetries   = 3
	defaultMaxAnswer = 32 << 20
	idlePerHost      = 64
)

// Client calls one server. It is safe for many goroutines, and meant to be kept: it holds
// connections, and the session of a login.
type Client struct {
	root, api string // where what has no prefix lies, and what has one
	http      *http.Client
	identity  identity
	agent     string // User-Agent
	retries   int
	maxAnswer int64
	service   string // whose challenges alone are signed; empty for any
	wait      waiter
}

// Option sets up a client.
type Option func(*settings) error

// settings are those of a client until it is made.
type settings struct {
	*Client
	prefix string
}

// New makes a client of the server at a base URL, with or without /api/v1:
// "http://127.0.0.1:8002", "https://economy.example/api/v1". It sends nothing yet. The
// error says what is wrong with the URL or with an option.
func New(base string, options ...Option) (*Client, error) {
	c := &Client{agent: "teg-client", retries: defaultRetries, maxAnswer: defaultMaxAnswer, identity: nobody{}, wait: sleep}
	s := &settings{Client: c, prefix: defaultPrefix}
	for _, option := range options {
		if err := option(s); err != nil {
			return nil, err
		}
	}
	if c.http == nil {
		c.http = &http.Client{Timeout: defaultTimeout, Transport: newTransport()}
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, s.locate(base)
}

// newTransport keeps more connections than the default does, as all requests go to one
// host.
func newTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	own := standard.Clone()
	own.MaxIdleConnsPerHost = idlePerHost
	return own
}

// locate sets where requests go.
func (s *settings) locate(base string) error {
	at, err := url.Parse(base)
	switch {
	case err != nil && strings.Contains(base, "@"): // of which the reason may repeat a part of a password, as a port
		return errors.New("client: the base URL cannot be read: it has nothing but scheme, host and path, and no names and passwords")
	case err != nil:
		var at *url.Error // which repeats the URL
		errors.As(err, &at)
		return fmt.Errorf("client: the base URL: %w", at.Err)
	case at.Scheme != "http" && at.Scheme != "https" || at.Host == "":
		return errors.New("client: the base URL must have a scheme and a host, like https://economy.example")
	case at.User != nil || at.RawQuery != "" || at.Fragment != "":
		return errors.New("client: the base URL has nothing but scheme, host and path: take out names, passwords, ? and #")
	}
	s.root = at.Scheme + "://" + at.Host + strings.TrimSuffix(strings.TrimRight(at.EscapedPath(), "/"), s.prefix)
	s.api = s.root + s.prefix
	return nil
}

// WithToken sends this token with every request that needs one.
func WithToken(token string) Option {
	return func(s *settings) error {
		_, err := sendable(token, nil)
		s.identity = constant(token)
		return err
	}
}

// WithTokenSource asks for the token at each request, and once more where the server does
// not take it: if the source has another one by then, the request is sent again with it.
// The source has to be safe for many goroutines.
func WithTokenSource(source TokenSource) Option {
	return func(s *settings) error {
		if source == nil {
			return errors.New("client: WithTokenSource needs a source")
		}
		s.identity = source
		return nil
	}
}

// WithLogin logs in as the DID when a token is first needed, by a signature of its key:
// Ed25519, or ECDSA on P-256, as the type of signer.Public says. Tokens are renewed before
// they expire, and where the server does not take them any more. Say with [WithService] whose
// challenges it may sign. See [Client.EndSession].
func WithLogin(agent did.DID, signer crypto.Signer) Option {
	return func(s *settings) error {
		if agent.IsZero() {
			return errors.New("client: WithLogin needs a DID")
		}
		sign, err := signatureBy(signer)
		s.identity = newSession(s.Client, agent, sign)
		return err
	}
}

// WithService signs challenges of the service of this name alone (JWT_AUDIENCE of the
// server, or JWT_ISSUER, or "teg"), so that no server in the middle can have an agent log
// in elsewhere.
func WithService(name string) Option {
	return func(s *settings) error {
		s.service = name
		return nil
	}
}

// WithPrefix says where the API of a server lies whose API_V1_PREFIX is another than /api/v1.
func WithPrefix(prefix string) Option {
	return func(s *settings) error {
		s.prefix = "/" + strings.Trim(prefix, "/")
		if s.prefix == "/" {
			s.prefix = ""
		}
		return nil
	}
}

// WithHTTPClient sends requests by this client: its transport, time limit and cookies. It is
// copied. Redirects are followed by none: the API has no use for them, and a token must
// not go to another host. Without it requests have a minute each.
func WithHTTPClient(given *http.Client) Option {
	return func(s *settings) error {
		if given == nil {
			return errors.New("client: WithHTTPClient needs a client: leave the option out for the default")
		}
		own := *given
		s.http = &own
		return nil
	}
}

// WithUserAgent names the program in the header User-Agent.
func WithUserAgent(name string) Option {
	return func(s *settings) error {
		if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' }) {
			return errors.New("client: WithUserAgent takes ASCII on one line")
		}
		s.agent = name
		return nil
	}
}

// WithRetries says how often a request is sent again at most, where that is safe (see the
// package comment): 3 by default, 0 for never.
func WithRetries(most int) Option {
	return func(s *settings) error {
		s.retries = max(most, 0)
		return nil
	}
}

// WithMaxAnswer bounds the body of an answer, in bytes: 32 MiB by default. What is longer
// is an [UnexpectedAnswerError].
func WithMaxAnswer(bytes int64) Option {
	return func(s *settings) error {
		if bytes < 1 {
			return errors.New("client: WithMaxAnswer needs a byte at least")
		}
		s.maxAnswer = bytes
		return nil
	}
}

// CloseIdleConnections closes connections that no request uses now. The client can be used
// on.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }
