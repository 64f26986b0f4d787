package server

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/rs/cors"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/server/cache"
	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/teg"
)

// Config says how a server behaves. The zero value of every field but Verifier
// works.
type Config struct {
	// Prefix is where the API begins. Default: /api/v1.
	Prefix string
	// Verifier checks tokens. Without one, every route that needs a caller
	// answers 401.
	Verifier *auth.Verifier
	// Peers tells who is at the other end of a connection that proved it by itself, as
	// X.509-SVIDs do, and whether anybody is known there. It is asked where a request has
	// no Authorization header: a token that is given is what counts. Default: nobody is
	// known by a connection.
	Peers func(*tls.ConnectionState) (auth.Identity, bool)
	// Version is told by / and /health. Default: "dev".
	Version string
	// Environment is told by / and /health. Default: "development". In
	// "production" answers tell browsers to come back over TLS only.
	Environment string
	// Debug adds "detail" to errors. Never set it in production.
	Debug bool
	// Logger takes one line per request. Default: discarded.
	Logger *slog.Logger
	// Metrics is told what happens. Default: nobody.
	Metrics Metrics
	// MetricsPage answers GET /metrics, for everybody. Default: there is no such route.
	MetricsPage http.Handler
	// MaxBody is the largest body in bytes. Default: 1 MiB.
	MaxBody int64
	// MaxConcurrent is how many requests are worked on at the same time; one more is
	// refused at once with SYS_UNAVAILABLE. Those for /health and /metrics are let in
	// all the same. Default: 4096; negative is no bound.
	MaxConcurrent int
	// Streams bounds the streams of events, which go on for as long as their clients like.
	Streams Streams
	// Limiter counts the requests of each caller. Default: none, nobody is limited.
	Limiter limit.Limiter
	// Limits are how many requests a caller may send.
	Limits Limits
	// TrustedProxies are the networks whose X-Forwarded-For is believed. Default: none,
	// a request comes from where its connection does.
	TrustedProxies []netip.Prefix
	// Origins are the web origins that may call the API from a browser; "*" is
	// all. Default: none.
	Origins []string
	// Proofs tells whether who registers with a bootstrap token has a key of the DID,
	// where no token of it says so. Default: Login, and without it nobody has.
	Proofs Proofs
	// ProvisionRegistry makes a profile for a caller who has none and whose token an
	// issuer signed, on first use.
	ProvisionRegistry bool
	// Metadata is what is told of a caller who gets a profile in this way, a JSON object of
	// at most 16 KiB; nil: nothing. The call waits for it. Default: nothing is told.
	Metadata func(context.Context, auth.Identity) json.RawMessage
	// Login lets agents in who sign with a key of their DIDs. Give it to the Verifier
	// as its Revocations, too. Default: nobody is let in so, and the routes under /auth
	// answer 404.
	Login *login.Service
	// ProvisionSelf makes a profile, of origin self, for an agent who logs in and has
	// none.
	ProvisionSelf bool
	// Integrations are services that the server makes use of. /health tells of each
	// whether it answers. Default: none.
	Integrations []Integration
	// Settings are told to auditors and admins by /admin/system. Secrets have to be masked.
	// Default: none are told.
	Settings []Setting
	// Cache shares answers with other servers of the same economy: rankings, and what
	// anybody may know of an agent's reputation. A score that changed by an act of this
	// server is seen at once by all of them, one that changed otherwise when the log was
	// read, for which [Server.Run] is needed. How many agents and transactions there are,
	// and trust, may be older by the cache's TTL than without. Default: there is none.
	Cache *cache.Cache
	// RequestTimeout bounds the work for each request, by its context: what the
	// engine has not begun by then is withdrawn, and of what it has begun the
	// answer is SYS_OUTCOME_UNKNOWN. How long a body may take to arrive is for
	// ReadTimeout of [http.Server]. Default: 30 s.
	RequestTimeout time.Duration
}

func (c Config) withDefaults() Config {
	if c.Prefix = strings.TrimRight(c.Prefix, "/"); c.Prefix == "" {
		c.Prefix = "/api/v1"
	}
	if c.Version == "" {
		c.Version = "dev"
	}
	if c.Environment == "" {
		c.Environment = "development"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.MaxBody == 0 {
		c.MaxBody = 1 << 20
	}
	if c.MaxConcurrent == 0 {
		c.MaxConcurrent = 4096
	}
	c.Streams = c.Streams.withDefaults()
	if c.RequestTimeout == 0 {
		c.RequestTimeout = 30 * time.Second
	}
	if c.Proofs == nil && c.Login != nil { // or it would be proofs that are not nil
		c.Proofs = c.Login
	}
	return c
}

// Server is the API over one engine. It is an [http.Handler] and safe for
// concurrent use.
type Server struct {
	engine   *teg.Engine
	config   Config
	router   *router
	health   health
	files    fileSet
	limits   limits
	shared   shared
	streams  *streams
	texts    eventTexts
	cors     *cors.Cors  // nil: no origin may call
	headers  http.Header // of every answer
	under    atomic.Int64
	refused  atomic.Int64
	draining atomic.Bool
}

// New makes the API over an engine. Start [Server.Run] beside it for the
// background check that /health reports.
func New(engine *teg.Engine, config Config) *Server {
	s := &Server{engine: engine, config: config.withDefaults()}
	s.health.started = time.Now()
	s.shared, s.streams = shared{engine, s.config.Cache}, newStreams()
	s.files = newFileSet(s.config.Prefix)
	s.router = newRouter(s.config.Prefix, s.routes())
	s.limits = newLimits(s.config.Limiter, s.config.Limits)
	s.cors, s.headers = newCORS(s.config.Origins), securityHeaders(s.config.Environment)
	return s
}

// Drain makes /health/ready say no, so that a load balancer sends no more
// requests while those under way are finished, and ends the streams of events: their
// clients come again, to another server.
func (s *Server) Drain() {
	s.draining.Store(true)
	s.streams.end.Do(func() { close(s.streams.ending) })
}

// ServeHTTP answers a request: with the route's answer, or with an error in the
// form of the contract, whatever went wrong on whatever layer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{server: s, request: r, began: time.Now(), id: requestID(r), w: counted{ResponseWriter: w, head: r.Method == http.MethodHead}}
	ctx, cancel := context.WithTimeout(teg.WithRequestID(r.Context(), c.id), s.config.RequestTimeout)
	defer cancel()
	c.ctx = ctx
	s.setHeaders(w.Header(), c.id)
	c.begin()
	defer c.end()
	defer c.recover()
	s.allowOrigin(w, r)
	var refused bool
	if c.entered, refused = s.enter(r); refused {
		c.fail(errBusy)
		return
	}
	defer c.leave()
	if r.Method == http.MethodOptions {
		c.options()
		return
	}
	c.serve()
}

// setHeaders are those of every answer.
func (s *Server) setHeaders(h http.Header, id string) {
	maps.Copy(h, s.headers)
	h.Set("X-Request-ID", id)
}

// requestID takes the client's name for the request when it is 1 to 128 of
// [A-Za-z0-9._-], and makes one otherwise.
func requestID(r *http.Request) string {
	given := r.Header.Get("X-Request-ID")
	if given == "" || len(given) > 128 {
		return newRequestID()
	}
	for i := range len(given) {
		c := given[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '.' && c != '_' && c != '-' {
			return newRequestID()
		}
	}
	return given
}

func newRequestID() string { return uuid.Must(uuid.NewV7()).String() }
