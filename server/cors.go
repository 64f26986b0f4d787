package server

import (
	"net/http"
	"slices"
	"strings"
)

// What a page of an allowed origin may send and read.
const (
	corsRequestHeaders = "Authorization, Content-Type, Idempotency-Key, X-Request-ID"
	corsAnswerHeaders  = "X-Request-ID, Idempotency-Replayed, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After"
	corsMaxAge         = "600"
)

// allowOrigin tells a browser that a page of an allowed origin may read the
// answer.
func (s *Server) allowOrigin(h http.Header, r *http.Request) {
	origin := r.Header.Get("Origin")
	if len(s.config.Origins) == 0 {
		return
	}
	h.Add("Vary", "Origin")
	if origin == "" || !slices.Contains(s.config.Origins, origin) && !slices.Contains(s.config.Origins, "*") {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", corsAnswerHeaders)
}

// options answers OPTIONS without a token: the methods that the path has, and,
// to a preflight of an allowed origin, what may be sent.
func (c *call) options() {
	methods := c.server.router.methods(c.request)
	if len(methods) == 0 {
		c.fail(errRouteNotFound)
		return
	}
	allow := strings.Join(methods, ", ")
	h := c.w.Header()
	h.Set("Allow", allow)
	if h.Get("Access-Control-Allow-Origin") != "" && c.request.Header.Get("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", allow)
		h.Set("Access-Control-Allow-Headers", corsRequestHeaders)
		h.Set("Access-Control-Max-Age", corsMaxAge)
	}
	c.status = http.StatusNoContent
	c.w.WriteHeader(c.status)
}
