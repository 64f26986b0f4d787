package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/server/auth/fetch"
	"github.com/agentvault/teg-layer/teg"
)

// MinKey is how long the key is at least, in bytes.
const MinKey = 32

// Config says how messages are carried. Key is required; every other field has a working
// zero value.
type Config struct {
	// Key is what the secrets of all webhooks are made from, at least [MinKey] bytes. With
	// another key all receivers need other secrets.
	Key []byte
	// AllowPrivate lets messages go to every address, also by http, for development and
	// networks whose agents are all trusted.
	AllowPrivate bool
	// Timeout is for one message with its answer. Default: 10 seconds.
	Timeout time.Duration
	// TLS is for receivers whose certificates are not those of the system's roots.
	TLS *tls.Config
}

const (
	defaultTimeout = 10 * time.Second
	maxAnswer      = 4 << 10 // of an answer's body, so that its connection can be used again
	maxHeaders     = 16 << 10
	idlePerHost    = 4
	maxIdle        = 256
)

// Courier carries messages. It is safe for concurrent use.
type Courier struct {
	config Config
	client *http.Client
}

var _ teg.Courier = (*Courier)(nil)

// New makes a courier. It speaks to nobody yet.
func New(c Config) (*Courier, error) {
	if len(c.Key) < MinKey {
		return nil, errors.New("webhook: the key must have at least " + strconv.Itoa(MinKey) + " bytes")
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	guard := fetch.Config{AnyAddress: c.AllowPrivate}
	dialer := &net.Dialer{Timeout: c.Timeout, ControlContext: guard.Guard}
	return &Courier{config: c, client: &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: c.TLS, TLSHandshakeTimeout: c.Timeout, ResponseHeaderTimeout: c.Timeout,
			MaxResponseHeaderBytes: maxHeaders, MaxIdleConns: maxIdle, MaxIdleConnsPerHost: idlePerHost, IdleConnTimeout: time.Minute,
			DisableCompression: true, // or a small answer becomes a large one
		},
	}}, nil
}

// Close lets connections go that are kept for the next messages.
func (c *Courier) Close() { c.client.CloseIdleConnections() }

// CheckURL implements [teg.Courier]. What a name resolves to is seen when it is dialled.
func (c *Courier) CheckURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return errors.New("must be an address such as https://agent.example/hooks")
	case u.User != nil:
		return errors.New("must have no user and no password; check signatures instead")
	case u.Fragment != "":
		return errors.New("must have no fragment")
	case u.Scheme != "https" && (u.Scheme != "http" || !c.config.AllowPrivate):
		return errors.New("must begin with https://")
	case !c.config.AllowPrivate && private(u.Hostname()):
		return errors.New("must be an address of the open network")
	}
	return nil
}

// private reports whether a host is known not to be reached from elsewhere before it is
// looked up.
func private(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ip, err := netip.ParseAddr(host); err == nil {
		return !fetch.Public(ip)
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || !strings.Contains(host, ".")
}

// What owners are told where there was no answer. It says nothing of the network.
var (
	errNotPublic = errors.New("the address is not one of the open network")
	errTooSlow   = errors.New("no answer in time")
	errNoAnswer  = errors.New("no connection, or none that answered")
	errTLS       = errors.New("the certificate was not accepted")
)

// Deliver implements [teg.Courier].
func (c *Courier) Deliver(ctx context.Context, p teg.Parcel) (teg.Reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(p.Body))
	if err != nil {
		return teg.Reply{}, errNoAnswer
	}
	signature, err := c.sign(&p)
	if err != nil {
		return teg.Reply{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "teg-webhooks")
	request.Header.Set("Webhook-Id", p.Message.String())
	request.Header.Set("Webhook-Timestamp", strconv.FormatInt(p.At.Unix(), 10))
	request.Header.Set("Webhook-Signature", signature)
	answer, err := c.client.Do(request)
	if err != nil {
		return teg.Reply{}, reason(err)
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer) // an answer is its status
	return teg.Reply{Status: answer.StatusCode, RetryAfter: retryAfter(answer.Header.Get("Retry-After"), p.At)}, nil
}

// reason is what the owner is told of an error.
func reason(err error) error {
	var certificate *tls.CertificateVerificationError
	var late interface{ Timeout() bool }
	switch {
	case errors.Is(err, fetch.ErrRefused):
		return errNotPublic
	case errors.As(err, &certificate):
		return errTLS
	case errors.As(err, &late) && late.Timeout():
		return errTooSlow
	}
	return errNoAnswer
}

// retryAfter reads the header: seconds, or a date.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}
