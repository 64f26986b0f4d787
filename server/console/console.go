package console

import (
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"

	"github.com/agentvault/teg-layer/server/client"
	"github.com/agentvault/teg-layer/server/inprocess"
)

// Config says of what economy a console is, and where it lies.
type Config struct {
	// API answers the calls of the API, in this process. Without it they go to URL.
	API http.Handler
	// URL is where the API lies that is called where there is no API in this process, such
	// as "https://economy.example".
	URL string
	// Prefix is where the API begins. Default: /api/v1.
	Prefix string
	// Base is where the console begins; it has to be mounted there. Default: /console.
	Base string
	// Secret is what cookies are sealed under, at least 32 bytes. Several servers take each
	// other's cookies where they have the same. It must not be known to anybody else.
	Secret []byte
	// Logger is told of faults. Default: discarded.
	Logger *slog.Logger
	// TransportSecurity tells browsers to come back over TLS only.
	TransportSecurity bool
}

// Console is the pages. It is an [http.Handler] for all below its base, and safe for
// concurrent use.
type Console struct {
	config    Config
	seal      *seal
	templates map[string]*template.Template
	assets    assets
	handler   http.Handler
	transport http.RoundTripper
	pages     []page
	acts      map[string]*act
}

// New makes a console. The error says what is wrong with the configuration.
func New(config Config) (*Console, error) {
	c := &Console{config: config.withDefaults(), pages: pages(), acts: map[string]*act{}}
	if !strings.HasPrefix(c.config.Base, "/") || len(c.config.Base) == 1 {
		return nil, errors.New("console: Base must begin with / and say more than that")
	}
	if c.transport = http.DefaultTransport; config.API != nil {
		c.transport = inprocess.Transport{Handler: config.API}
	} else if config.URL == "" {
		return nil, errors.New("console: give API, or URL")
	}
	for _, a := range acts() {
		c.acts[a.name] = &a
	}
	var err error
	if c.seal, err = newSeal(config.Secret, c.config.Base); err != nil {
		return nil, err
	}
	if c.assets, err = readAssets(); err != nil {
		return nil, err
	}
	if c.templates, err = c.parse(); err != nil {
		return nil, err
	}
	if _, err = c.client("", nil); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	c.handler = c.routes()
	return c, nil
}

func (c Config) withDefaults() Config {
	if c.Prefix = strings.TrimRight(c.Prefix, "/"); c.Prefix == "" {
		c.Prefix = "/api/v1"
	}
	if c.Base = strings.TrimRight(c.Base, "/"); c.Base == "" {
		c.Base = "/console"
	}
	if c.URL == "" {
		c.URL = "http://teg.invalid" // which an API in this process does not look at
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// client makes a client that calls with a token, and notes its calls.
func (c *Console) client(token string, calls *calls) (*client.Client, error) {
	way := c.transport
	if calls != nil {
		way = noting{c.transport, calls}
	}
	options := []client.Option{
		client.WithHTTPClient(&http.Client{Transport: way}), client.WithPrefix(c.config.Prefix),
		client.WithRetries(0), client.WithUserAgent("teg-console"),
	}
	if token != "" {
		options = append(options, client.WithToken(token))
	}
	return client.New(c.config.URL, options...)
}

// routes are all that the console answers.
func (c *Console) routes() http.Handler {
	mux := http.NewServeMux()
	base := c.config.Base
	for _, p := range c.pages {
		mux.Handle("GET "+base+p.path, c.page(p))
	}
	mux.HandleFunc("GET "+base+"/static/{file}", c.static)
	mux.HandleFunc("GET "+base+"/login", c.login)
	mux.HandleFunc("POST "+base+"/login", c.loginByToken)
	mux.HandleFunc("POST "+base+"/login/challenge", c.challenge)
	mux.HandleFunc("POST "+base+"/login/signature", c.loginBySignature)
	mux.HandleFunc("POST "+base+"/logout", c.logout)
	mux.Handle("GET "+base+"/live/stream", c.known(c.stream))
	mux.Handle("GET "+base+"/acts/{act}", c.known(c.form))
	mux.Handle("POST "+base+"/acts/{act}", c.known(c.act))
	mux.HandleFunc("GET "+base+"/{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, base, http.StatusSeeOther) })
	mux.Handle(base+"/", c.known(func(v *visit) error { return errNoPage }))
	return http.NewCrossOriginProtection().Handler(mux)
}

// maxForm is the longest form that is read.
const maxForm = 64 << 10

// ServeHTTP answers a request for a page, or for what belongs to one.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.setHeaders(w.Header())
	defer c.recover(w, r)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	c.handler.ServeHTTP(w, r.WithContext(inprocess.For(r.Context(), r)))
}

// recover answers where a page panicked.
func (c *Console) recover(w http.ResponseWriter, r *http.Request) {
	fault := recover()
	if fault == nil {
		return
	}
	if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(fault) // net/http's own way to drop a connection
	}
	c.config.Logger.ErrorContext(r.Context(), "a page of the console failed", "path", r.URL.Path, "panic", fault)
	http.Error(w, "The page failed. The server's log says why.", http.StatusInternalServerError)
}

// policy is the Content-Security-Policy of all pages: nothing but what is served here, and
// nothing inline.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (c *Console) setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if c.config.TransportSecurity {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}
