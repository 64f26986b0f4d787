package mcp

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/client"
	"github.com/agentvault/teg-layer/server/inprocess"
)

// HandlerConfig says what a handler serves. API is needed; the zero value of every other
// field works.
type HandlerConfig struct {
	// API is the server's handler. Every tool calls it as the bearer of the token that
	// came with the request, so that it can do nothing which the token could not do over HTTP.
	API http.Handler
	// Prefix is where the API begins. Default: /api/v1.
	Prefix string
	// Origins are the web origins whose pages may call; "*" is all. Default: that of the
	// server itself alone.
	Origins []string
	// MaxBody is the largest body in bytes. Default: 1 MiB.
	MaxBody int64
	// Wallet is what each wallet may do. MaxTotal is not for this handler, which keeps nothing
	// between requests: it is left out.
	Wallet Config
}

// handler serves the tools over streamable HTTP, without sessions: each request stands by
// itself, for the bearer of its token.
type handler struct {
	config HandlerConfig
	api    *http.Client
	tools  http.Handler
}

// inside is where the API is for its own process.
const inside = "http://teg.internal"

// NewHandler serves the tools over streamable HTTP. The error says what is wrong with the
// configuration.
func NewHandler(config HandlerConfig) (http.Handler, error) {
	if config.API == nil {
		return nil, errors.New("mcp: a handler needs the API")
	}
	if config.Prefix = strings.TrimRight(config.Prefix, "/"); config.Prefix == "" {
		config.Prefix = "/api/v1"
	}
	if config.MaxBody == 0 {
		config.MaxBody = 1 << 20
	}
	config.Wallet.MaxTotal = amount.Amount{}
	h := &handler{config: config, api: &http.Client{Transport: inprocess.Transport{Handler: config.API}}}
	server := newWallet(h.connect, config.Wallet)
	h.tools = sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return server }, &sdk.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true, MaxRequestBodyBytes: config.MaxBody, PropagateRequestCancellation: true,
		DisableLocalhostProtection: true, // a proxy of this machine passes on another Host; pages that claim to be this host have no token
	})
	return h.guarded()
}

// guarded keeps pages of other origins out.
func (h *handler) guarded() (http.Handler, error) {
	if slices.Contains(h.config.Origins, "*") {
		return h, nil
	}
	guard := http.NewCrossOriginProtection()
	for _, origin := range h.config.Origins {
		if err := guard.AddTrustedOrigin(origin); err != nil {
			return nil, err
		}
	}
	return guard.Handler(h), nil
}

// ServeHTTP lets those in whom the API knows: it is asked for the caller's balance, which
// counts as a request of the caller's. What it refuses, such as a token that has expired,
// is the answer.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	ctx := inprocess.For(r.Context(), r)
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, inside+h.config.Prefix+"/token/balance", http.NoBody)
	if err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	ask.Header["Authorization"] = r.Header["Authorization"]
	known, err := h.api.Do(ask)
	if err != nil {
		http.Error(w, "the API does not answer", http.StatusServiceUnavailable)
		return
	}
	defer known.Body.Close()
	if known.StatusCode != http.StatusOK {
		for _, name := range []string{"Content-Type", "WWW-Authenticate", "Retry-After", "X-Request-ID"} {
			if value := known.Header.Get(name); value != "" {
				w.Header().Set(name, value)
			}
		}
		w.WriteHeader(known.StatusCode)
		_, _ = io.Copy(w, known.Body) // a client that is gone is no fault
		return
	}
	if r.Body = http.MaxBytesReader(w, r.Body, h.config.MaxBody); many(r) {
		http.Error(w, "batches are not served: send one message in each request", http.StatusBadRequest)
		return
	}
	h.tools.ServeHTTP(w, r.WithContext(ctx))
}

// many reports whether the body is a list of messages, which old versions of the protocol had:
// all of its calls would be under way at once, and leave no room for anybody else's.
func many(r *http.Request) bool {
	text := bufio.NewReader(r.Body)
	r.Body = struct {
		io.Reader
		io.Closer
	}{text, r.Body}
	for {
		next, err := text.ReadByte()
		switch {
		case err != nil:
			return false // which the tools say
		case next != ' ' && next != '\t' && next != '\r' && next != '\n':
			_ = text.UnreadByte() // it was just read
			return next == '['
		}
	}
}

// connect is a client of the API for the bearer of a request's token.
func (h *handler) connect(request *sdk.CallToolRequest) (*client.Client, error) {
	extra := request.GetExtra()
	if extra == nil {
		return nil, errFault
	}
	kind, token, _ := strings.Cut(extra.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return nil, errFault
	}
	return client.New(inside+h.config.Prefix, client.WithPrefix(h.config.Prefix), client.WithToken(strings.TrimSpace(token)), client.WithHTTPClient(h.api), client.WithUserAgent("teg-mcp"))
}
