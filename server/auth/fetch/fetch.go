package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// The defaults of a Config.
const (
	DefaultTimeout  = 5 * time.Second
	DefaultMaxBytes = 64 << 10
	DefaultParallel = 16
)

// Config says what may be fetched. Its zero value works, for public addresses alone.
type Config struct {
	// AnyAddress lets every address be dialled, for documents whose URL the operator
	// wrote down.
	AnyAddress bool
	// Networks may be dialled although they are not public.
	Networks []netip.Prefix
	// Plain lets http be used beside https.
	Plain bool
	// Redirects is how many redirects are followed, on the same host; none by default.
	Redirects int
	// Timeout is for one document, with all of its redirects, and beside that for waiting
	// until others are through. Default: 5 s.
	Timeout time.Duration
	// MaxBytes is the size of the largest document. Default: 64 KiB.
	MaxBytes int64
	// Parallel is how many documents are fetched at the same time; who comes later
	// waits. Default: 16.
	Parallel int
	// TLS is for servers whose certificates are not those of the system's roots.
	TLS *tls.Config
}

// Errors of this package wrap one of these. No message repeats what a server said.
var (
	// ErrRefused: the address is not one that may be fetched from.
	ErrRefused = errors.New("fetch: this address is not fetched from")
	// ErrAway: nothing usable was answered in time.
	ErrAway = errors.New("fetch: the document was not to be had")
	// ErrBusy: too many were fetched at the same time, and the address was not asked.
	ErrBusy = errors.New("fetch: too many are fetched at the same time")
)

// Client fetches documents. It is safe for concurrent use.
type Client struct {
	config Config
	http   *http.Client
	slots  chan struct{}
}

// New returns a client.
func New(c Config) *Client {
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	if c.Parallel == 0 {
		c.Parallel = DefaultParallel
	}
	client := &Client{config: c, slots: make(chan struct{}, c.Parallel)}
	dialer := &net.Dialer{Timeout: c.Timeout, ControlContext: c.Guard}
	client.http = &http.Client{
		CheckRedirect: client.redirect,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: c.TLS, TLSHandshakeTimeout: c.Timeout, ResponseHeaderTimeout: c.Timeout,
			MaxResponseHeaderBytes: 16 << 10, MaxIdleConns: c.Parallel, MaxIdleConnsPerHost: 1, IdleConnTimeout: 30 * time.Second,
			// No HTTP/2, which a custom dialler turns off: strangers name the hosts.
			DisableCompression: true, // or a small answer becomes a large one
		},
	}
	return client
}

// Guard refuses what may not be dialled; it is the ControlContext of a [net.Dialer]. It sees
// the address after its name was resolved: whatever the name says a moment later, this is
// where the connection goes. The error wraps [ErrRefused].
func (c Config) Guard(_ context.Context, _, address string, _ syscall.RawConn) error {
	where, err := netip.ParseAddrPort(address)
	if err != nil {
		return ErrRefused
	}
	if c.AnyAddress || Public(where.Addr()) || within(c.Networks, where.Addr().Unmap()) {
		return nil
	}
	return fmt.Errorf("%w: it is not public", ErrRefused)
}

// redirect follows what stays on the host.
func (c *Client) redirect(next *http.Request, before []*http.Request) error {
	first := before[0].URL
	if len(before) > c.config.Redirects || next.URL.Scheme != first.Scheme || next.URL.Host != first.Host || next.URL.User != nil {
		return http.ErrUseLastResponse
	}
	next.Header.Del("Referer")
	return nil
}

// Get returns the document at an address. The error wraps [ErrRefused], [ErrAway] or
// [ErrBusy].
func (c *Client) Get(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || !c.takes(u.Scheme) {
		return nil, fmt.Errorf("%w: it is no https address", ErrRefused)
	}
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func() { <-c.slots }()
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	return c.get(ctx, u)
}

// enter waits for room.
func (c *Client) enter(ctx context.Context) error {
	patience := time.NewTimer(c.config.Timeout)
	defer patience.Stop()
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: nobody waits for it", ErrAway)
	case <-patience.C:
		return ErrBusy
	}
}

// takes tells how documents may come.
func (c *Client) takes(scheme string) bool {
	return scheme == "https" || c.config.Plain && scheme == "http"
}

func (c *Client) get(ctx context.Context, u *url.URL) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: it is no https address", ErrRefused)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "teg")
	answer, err := c.http.Do(request)
	switch {
	case errors.Is(err, ErrRefused):
		return nil, fmt.Errorf("%w: it is not public", ErrRefused)
	case err != nil:
		return nil, fmt.Errorf("%w: no answer", ErrAway)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: status %d", ErrAway, answer.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, c.config.MaxBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: it did not arrive whole", ErrAway)
	case int64(len(body)) > c.config.MaxBytes:
		return nil, fmt.Errorf("%w: it is larger than %d bytes", ErrAway, c.config.MaxBytes)
	}
	return body, nil
}

// Close ends the connections that are idle.
func (c *Client) Close() { c.http.CloseIdleConnections() }
