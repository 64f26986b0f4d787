package server

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/agentvault/teg-layer/server/auth"
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
	// Version is told by / and /health. Default: "dev".
	Version string
	// Environment is told by / and /health. Default: "development". In
	// "production" answers tell browsers to come back over TLS only.
	Environment string
	// Debug adds "detail" to errors. Never set it in production.
	Debug bool
	// Logger takes one line per request. Default: discarded.
	Logger *slog.Logger
	// ClientName is what these lines call the client of a request. Default: the address
	// that it came from, without the port.
	ClientName func(*http.Request) string
	// Metrics is told what happens. Default: nobody.
	Metrics Metrics
	// MetricsPage answers GET /metrics, for everybody. Default: there is no such route.
	MetricsPage http.Handler
	// MaxBody is the largest body in bytes. Default: 1 MiB.
	MaxBody int64
	// Origins are the web origins that may call the API from a browser; "*" is
	// all. Default: none.
	Origins []string
	// ProvisionRegistry makes a profile for a caller who has none, on first use.
	ProvisionRegistry bool
	// Integrations are services that the server makes use of. /health tells of each
	// whether it answers. Default: none.
	Integrations []Integration
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
	if c.ClientName == nil {
		c.ClientName = addressOf
	}
	if c.MaxBody == 0 {
		c.MaxBody = 1 << 20
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = 30 * time.Second
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
	draining atomic.Bool
}

// New makes the API over an engine. Start [Server.Run] beside it for the
// background check that /health reports.
func New(engine *teg.Engine, config Config) *Server {
	s := &Server{engine: engine, config: config.withDefaults()}
	s.health.started = time.Now()
	s.router = newRouter(s.routes())
	return s
}

// Drain makes /health/ready say no, so that a load balancer sends no more
// requests while those under way are finished.
func (s *Server) Drain() { s.draining.Store(true) }

// ServeHTTP answers a request: with the route's answer, or with an error in the
// form of the contract, whatever went wrong on whatever layer.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{server: s, request: r, began: time.Now(), id: requestID(r), w: w}
	ctx, cancel := context.WithTimeout(teg.WithRequestID(r.Context(), c.id), s.config.RequestTimeout)
	defer cancel()
	c.ctx = ctx
	s.setHeaders(w.Header(), c.id)
	c.begin()
	defer c.end()
	defer c.recover()
	s.allowOrigin(w.Header(), r)
	if r.Method == http.MethodOptions {
		c.options()
		return
	}
	c.serve()
}

// setHeaders are those of every answer.
func (s *Server) setHeaders(h http.Header, id string) {
	h.Set("X-Request-ID", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	if s.config.Environment == "production" {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
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
