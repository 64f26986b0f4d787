package server

import (
	"log/slog"
	"net/http"
	"strings"
)

// log writes the one line of the request. It names the route, never the path,
// and nothing that the client sent but the request's id.
func (c *call) log() {
	level := c.level()
	logger := c.server.config.Logger
	if !logger.Enabled(c.ctx, level) {
		return
	}
	line := make([]slog.Attr, 0, 14)
	line = append(line,
		slog.String("request_id", c.id), slog.String("method", c.method()), slog.String("route", c.template()),
		slog.Int("status", c.w.status), slog.Duration("took", c.took), slog.Int("bytes", c.w.bytes),
		slog.String("address", c.addressText()))
	if !c.caller.Agent.IsZero() {
		line = append(line, slog.String("agent", c.caller.Agent.String()))
	}
	if c.code != "" {
		line = append(line, slog.String("code", c.code))
	}
	if c.gone() {
		line = append(line, slog.Bool("client_gone", true))
	}
	if c.fault != nil {
		line = append(line, slog.Any("error", c.fault))
	}
	if c.stack != nil {
		line = append(line, slog.String("stack", string(c.stack)))
	}
	logger.LogAttrs(c.ctx, level, "request", line...)
}

// level is that of an error for what the server has to answer for: a panic, and a 5xx
// that is not due to a client that hung up. Who may not, or not so often, is worth a
// warning; what watches the server all the time is worth a word only to those who look
// for faults.
func (c *call) level() slog.Level {
	switch {
	case c.stack != nil || c.w.status == http.StatusInternalServerError || c.w.status > http.StatusInternalServerError && !c.gone():
		return slog.LevelError
	case c.code != "" && (strings.HasPrefix(c.code, "AUTH_") || c.w.status == http.StatusTooManyRequests):
		return slog.LevelWarn
	case c.w.status < http.StatusBadRequest && watched(c.template()):
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// watched are the routes that nobody but a machine asks, every few seconds.
func watched(template string) bool {
	return template == "/metrics" || template == "/health" || strings.HasPrefix(template, "/health/")
}

// template is the route's, "none" where there is no such route.
func (c *call) template() string {
	if c.route == nil {
		return "none"
	}
	return c.route.path
}
