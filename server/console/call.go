package console

import (
	"net/http"
	"strings"
	"sync"
)

// calls are those that a page is made of, in the order in which they were made.
type calls struct {
	mu   sync.Mutex
	list []string // addresses, without the server
}

// noting sends requests, and notes those that read. Others are shown before they are made.
type noting struct {
	way   http.RoundTripper
	calls *calls
}

// RoundTrip sends a request.
func (n noting) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodGet {
		n.calls.mu.Lock()
		n.calls.list = append(n.calls.list, request.URL.RequestURI())
		n.calls.mu.Unlock()
	}
	return n.way.RoundTrip(request)
}

// commands are the calls as lines for a shell.
func (n *calls) commands(c *Console, r *http.Request) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var lines []string
	for _, address := range n.list {
		lines = append(lines, curl+" "+quoted(c.origin(r)+address))
	}
	return lines
}

const curl = `curl -s -H "Authorization: Bearer $TEG_TOKEN"`

// origin is where the API is reached by whoever looks at the page.
func (c *Console) origin(r *http.Request) string {
	switch {
	case c.config.API == nil:
		return c.root()
	case r.TLS == nil && r.Header.Get("X-Forwarded-Proto") != "https":
		return "http://" + r.Host
	}
	return "https://" + r.Host
}

// quoted is a text as a shell takes it literally.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
