package server

import (
	"net/http"
	"strings"

	"github.com/rs/cors"
)

// What a page of an allowed origin may send and read.
var (
	corsRequestHeaders = []string{"Authorization, Content-Type, Idempotency-Key, X-Request-ID"}
	corsAnswerHeaders  = []string{"X-Request-ID, Idempotency-Replayed, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After"}
)

const corsMaxAge = 600 // seconds

// newCORS decides which pages may call; nil where none may, since the library takes an
// empty list for all. What a page may send to which path is in [call.options]: the
// library has one list of methods for all paths, and names to a preflight what that
// asked for.
func newCORS(origins []string) *cors.Cors {
	if len(origins) == 0 {
		return nil
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins, AllowedHeaders: []string{"*"}, MaxAge: corsMaxAge, OptionsPassthrough: true,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
	})
}

// goOn is what the library's middleware calls next; here the caller goes on by itself.
func goOn(http.ResponseWriter, *http.Request) {}

// allowOrigin tells a browser that a page of an allowed origin may read the answer.
func (s *Server) allowOrigin(w http.ResponseWriter, r *http.Request) {
	if s.cors == nil {
		return
	}
	s.cors.ServeHTTP(w, r, goOn)
	if h := w.Header(); h["Access-Control-Allow-Origin"] != nil {
		h["Access-Control-Expose-Headers"] = corsAnswerHeaders
	}
}

// options answers OPTIONS without a token: the methods that the path has, and,
// to a preflight of an allowed origin, what may be sent.
func (c *call) options() {
	methods := c.server.router.methods(c.request)
	h := c.w.Header()
	if len(methods) == 0 {
		c.fail(errRouteNotFound)
		return
	}
	allow := strings.Join(methods, ", ")
	h.Set("Allow", allow)
	if h["Access-Control-Allow-Origin"] != nil && c.request.Header.Get("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", allow)
		h["Access-Control-Allow-Headers"] = corsRequestHeaders
	}
	c.w.WriteHeader(http.StatusNoContent)
}
