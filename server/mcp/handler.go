package mcp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

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
	// AtOnce is how many requests are under way at most, of everybody who was let in, and
	// AtOnceEach how many of one agent. Default: 64 and 8.
	AtOnce, AtOnceEach int
	// MaxTime is how long a request may take. Its body has to come within a sixth of that.
	// Default: a minute.
	MaxTime time.Duration
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
	room   atOnce
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
	config.AtOnce, config.AtOnceEach = cmp.Or(config.AtOnce, 64), cmp.Or(config.AtOnceEach, 8)
	config.MaxTime = cmp.Or(config.MaxTime, time.Minute)
	config.Wallet.MaxTotal = amount.Amount{}
	h := &handler{config: config, room: atOnce{all: config.AtOnce, each: config.AtOnceEach, of: map[string]int{}}, api: &http.Client{Transport: inprocess.Transport{Handler: config.API}}}
	server := newWallet(h.connect, config.Wallet)
	server.AddReceivingMiddleware(bounded)
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

// ServeHTTP lets those in whom the API knows, and for whom there is room.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	ctx, cancel := context.WithTimeout(inprocess.For(r.Context(), r), h.config.MaxTime)
	defer cancel()
	ctx = context.WithValue(ctx, requestKey{}, ctx)
	agent, known := h.caller(ctx, w, r)
	if !known {
		return
	}
	if inAll, ofAgent := h.room.enter(agent); !inAll || !ofAgent {
		full(w, ofAgent)
		return
	}
	defer h.room.leave(agent)
	if !h.read(w, r) {
		return
	}
	h.tools.ServeHTTP(w, r.WithContext(ctx))
}

// read reads the body, which is bounded in bytes and in time, as it holds a place meanwhile, and
// refuses one that is a list of messages, which old versions of the protocol had: all of its
// calls would be under way at once, and leave no room for anybody else's.
func (h *handler) read(w http.ResponseWriter, r *http.Request) bool {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(h.config.MaxTime / 6)) // not every server can
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.config.MaxBody))
	tooLarge := (*http.MaxBytesError)(nil)
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		http.Error(w, "the body did not come in time", http.StatusRequestTimeout)
	case err != nil:
		http.Error(w, "the body could not be read", http.StatusBadRequest)
	case bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("[")):
		http.Error(w, "batches are not served: send one message in each request", http.StatusBadRequest)
	default:
		_ = control.SetReadDeadline(time.Time{}) // or the connection would seem to end while a tool works
		r.Body = io.NopCloser(bytes.NewReader(body))
		return true
	}
	return false
}

// requestKey is under what the context of a tool has that of its request.
type requestKey struct{}

// bounded ends what a tool does with its request: the library lets go on what clients of an
// older protocol began, with the request's place, however long that takes.
func bounded(next sdk.MethodHandler) sdk.MethodHandler {
	return func(ctx context.Context, method string, request sdk.Request) (sdk.Result, error) {
		if whole, ok := ctx.Value(requestKey{}).(context.Context); ok {
			bound, cancel := context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(whole, cancel)()
			ctx = bound
		}
		return next(ctx, method, request)
	}
}

// caller is whom the API knows a request's token as: it is asked for the caller's balance,
// which counts as a request of the caller's. What it refuses, such as a token that has
// expired, is the answer.
func (h *handler) caller(ctx context.Context, w http.ResponseWriter, r *http.Request) (agent string, known bool) {
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, inside+h.config.Prefix+"/token/balance", http.NoBody)
	if err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return "", false
	}
	ask.Header["Authorization"] = r.Header["Authorization"]
	told, err := h.api.Do(ask)
	if err != nil {
		http.Error(w, "the API does not answer", http.StatusServiceUnavailable)
		return "", false
	}
	defer told.Body.Close()
	if told.StatusCode != http.StatusOK {
		for _, name := range []string{"Content-Type", "WWW-Authenticate", "Retry-After", "X-Request-ID"} {
			if value := told.Header.Get(name); value != "" {
				w.Header().Set(name, value)
			}
		}
		w.WriteHeader(told.StatusCode)
		_, _ = io.Copy(w, told.Body) // a client that is gone is no fault
		return "", false
	}
	var balance struct {
		Agent string `json:"agent_id"`
	}
	if err := json.NewDecoder(told.Body).Decode(&balance); err != nil {
		http.Error(w, "the API does not say who calls", http.StatusServiceUnavailable)
		return "", false
	}
	return balance.Agent, true
}

// full refuses a request for which there is no place, in all or of its agent.
func full(w http.ResponseWriter, ofAgent bool) {
	w.Header().Set("Retry-After", "1")
	if !ofAgent {
		http.Error(w, "too many of your requests are under way: wait for their answers", http.StatusTooManyRequests)
		return
	}
	http.Error(w, "too many requests are under way: try again in a moment", http.StatusServiceUnavailable)
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
