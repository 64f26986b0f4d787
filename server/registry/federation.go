package registry

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
)

// Config says which registries there are, and how they are asked. Its zero value is a
// federation of nobody.
type Config struct {
	Registries []Registry // as [Parse] reads them
	// Timeout is for one look-up. Default: 2 seconds.
	Timeout time.Duration
	// TTL is how long what a registry said counts without asking again; that it does not
	// know an agent, a tenth of it. Default: 10 minutes.
	TTL time.Duration
	// MaxStale is how long what it said counts, from when it was last asked with success,
	// while it does not answer. Default: 24 hours.
	MaxStale time.Duration
	// Rest is how long a registry is left alone that did not answer. Default: 10 seconds.
	Rest time.Duration
	// Remembered is how many agents are remembered of each registry. Default: 10,000.
	Remembered int
	// Logger takes what an operator should know. Default: discarded.
	Logger *slog.Logger
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// Transport carries requests. Nil: one without a proxy, which follows no redirects.
	Transport http.RoundTripper
}

func (c Config) withDefaults() Config {
	for field, value := range map[*time.Duration]time.Duration{
		&c.Timeout: 2 * time.Second, &c.TTL: 10 * time.Minute, &c.MaxStale: 24 * time.Hour, &c.Rest: 10 * time.Second,
	} {
		if *field == 0 {
			*field = value
		}
	}
	if c.Remembered == 0 {
		c.Remembered = 10_000
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Agent is what a registry says of an agent.
type Agent struct {
	Metadata json.RawMessage   // a JSON object of at most [MaxMetadata] bytes; nil: none
	Keys     []json.RawMessage // public JSON Web Keys with which the agent signs
}

// ErrUnknown is that no registry that may speak for an agent knows it.
var ErrUnknown = errors.New("registry: no registry knows this agent")

// Federation asks registries about agents. It is safe for concurrent use.
type Federation struct {
	sources []*source
	logger  *slog.Logger
}

// New makes a federation. It asks nobody: a server starts without its registries.
func New(c Config) (*Federation, error) {
	c = c.withDefaults()
	f := &Federation{logger: c.Logger}
	for _, r := range c.Registries {
		if r.MetadataURL == "" {
			continue
		}
		s, err := newSource(r, c)
		if err != nil {
			return nil, err
		}
		f.sources = append(f.sources, s)
	}
	return f, nil
}

// Metadata is what the registry that issued an agent's token says of it; nil where it
// says nothing, does not answer, or may not speak for the agent. It takes no longer than
// Config.Timeout, and no time at all while the registry is left alone.
func (f *Federation) Metadata(ctx context.Context, issuer string, agent did.DID) json.RawMessage {
	i := slices.IndexFunc(f.sources, func(s *source) bool { return s.Issuer == issuer && s.SpeaksFor(agent.Method()) })
	if i < 0 {
		return nil
	}
	found, err := f.sources[i].agent(ctx, agent)
	if err != nil {
		if !errors.Is(err, ErrUnknown) {
			f.logger.InfoContext(ctx, "a registry does not tell of an agent, which goes on without", "issuer", issuer, "error", err)
		}
		return nil
	}
	return found.Metadata
}

// Keys are the public JSON Web Keys of an agent, by the first registry that names the
// method of its DID and knows it. The error is ErrUnknown where none does. Another one is
// that of a registry that did not answer: those behind it are not asked then, so that
// whose word counts for an agent does not change with who is away.
func (f *Federation) Keys(ctx context.Context, agent did.DID) ([]json.RawMessage, error) {
	for _, s := range f.sources {
		if !slices.Contains(s.DIDMethods, agent.Method()) {
			continue
		}
		found, err := s.agent(ctx, agent)
		switch {
		case err == nil && len(found.Keys) > 0:
			return found.Keys, nil
		case err != nil && !errors.Is(err, ErrUnknown):
			return nil, err
		}
	}
	return nil, ErrUnknown
}

// Methods are the DID methods that a registry is asked for keys of; none of no federation.
func (f *Federation) Methods() []string {
	if f == nil {
		return nil
	}
	var all []string
	for _, s := range f.sources {
		all = append(all, s.DIDMethods...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Health is how each registry answered that is asked about agents, by its issuer. It
// asks nobody.
func (f *Federation) Health() map[string]func(context.Context) error {
	checks := make(map[string]func(context.Context) error, len(f.sources))
	for _, s := range f.sources {
		checks[s.Issuer] = func(context.Context) error { return s.lastFault() }
	}
	return checks
}

// Close lets connections go.
func (f *Federation) Close() {
	for _, s := range f.sources {
		s.service.Close()
	}
}
