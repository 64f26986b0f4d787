// Package didweb finds the keys of did:web, in the document that its host publishes.
//
// The host is whoever the DID names, so it is fetched from with the guards of package
// fetch; what it says is read strictly, and counts only for the DID that it names as
// its id. What was found is remembered for some minutes in a bounded memory, and that
// nothing was found for half a minute, so that nobody can make this server ask another
// one much.
package didweb

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth/fetch"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
)

// Bounds of what is remembered.
const (
	DefaultTTL = 5 * time.Minute // how long keys are remembered
	failureTTL = 30 * time.Second
	remembered = 4096 // DIDs
)

// Config says how documents are found. Its zero value works.
type Config struct {
	// Client fetches documents. Default: one for public addresses, which follows two
	// redirects on the same host.
	Client *fetch.Client
	// TTL is how long keys are remembered after they were found: for so long a key
	// that was taken out of a document may still be used here. Default: 5 min.
	TTL time.Duration
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// Resolver finds keys of did:web. It is safe for concurrent use.
type Resolver struct {
	config Config
	get    func(ctx context.Context, address string) ([]byte, error)
	known  *lru.Cache[did.DID, entry]
}

type entry struct {
	keys  []pubkey.Key
	err   error
	until time.Time
}

// ErrNotFound is what errors of [Resolver.Keys] wrap that are no context's: the DID is
// none of did:web, or its document was not to be had or is not sound.
var ErrNotFound = errors.New("didweb: no keys were found for this DID")

// New returns a resolver.
func New(c Config) *Resolver {
	if c.Client == nil {
		c.Client = fetch.New(fetch.Config{Redirects: 2})
	}
	if c.TTL == 0 {
		c.TTL = DefaultTTL
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	known, err := lru.New[did.DID, entry](remembered)
	if err != nil { // a size of none, which this is not
		known = nil
	}
	return &Resolver{config: c, get: c.Client.Get, known: known}
}

// Keys returns the keys that the DID's document names for authentication.
func (r *Resolver) Keys(ctx context.Context, of did.DID) ([]pubkey.Key, error) {
	address, err := Address(of)
	if err != nil {
		return nil, err
	}
	if found, ok := r.known.Get(of); ok && r.config.Now().Before(found.until) {
		return found.keys, found.err
	}
	found := entry{until: r.config.Now().Add(r.config.TTL)}
	document, err := r.get(ctx, address)
	if err == nil {
		found.keys, err = readDocument(document, of)
	}
	switch {
	case ctx.Err() != nil: // says nothing about the host
		return nil, ctx.Err()
	case errors.Is(err, fetch.ErrBusy): // nor does this
		return nil, errors.Join(ErrNotFound, err)
	case err != nil:
		found = entry{err: errors.Join(ErrNotFound, err), until: r.config.Now().Add(failureTTL)}
	}
	r.known.Add(of, found)
	return found.keys, found.err
}

// Address is where the document of a did:web is: its host, perhaps a port, and the
// path, or /.well-known. A host is a name in lower case, no address.
func Address(of did.DID) (string, error) {
	if of.Method() != "web" {
		return "", ErrNotFound
	}
	parts := strings.Split(of.ID(), ":")
	host, err := hostOf(parts[0])
	if err != nil {
		return "", err
	}
	path := "/.well-known"
	if len(parts) > 1 {
		path = ""
	}
	for _, part := range parts[1:] {
		name, err := url.PathUnescape(part)
		if err != nil || name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") {
			return "", ErrNotFound
		}
		path += "/" + url.PathEscape(name)
	}
	return "https://" + host + path + "/did.json", nil
}

// hostOf reads the host, after which %3A begins a port.
func hostOf(part string) (string, error) {
	name, port, ported := strings.Cut(strings.ReplaceAll(part, "%3a", "%3A"), "%3A")
	if !isHostname(name) || ported && !isPort(port) {
		return "", ErrNotFound
	}
	if ported {
		return net.JoinHostPort(name, port), nil
	}
	return name, nil
}

// isHostname wants names of letters, digits and hyphens, the last of them no number:
// some resolvers read numbers as an address.
func isHostname(text string) bool {
	if len(text) == 0 || len(text) > 253 {
		return false
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return false
	}
	labels := strings.Split(text, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return last[0] < '0' || last[0] > '9'
}

func isPort(text string) bool {
	_, err := netip.ParseAddrPort("127.0.0.1:" + text)
	return err == nil && text[0] != '0'
}
