package main

import (
	"log/slog"
	"net/http"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

// newHandler is the API over an engine.
func newHandler(engine *teg.Engine, c *config.Config, logger *slog.Logger) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("{}")) })
	return mux, nil
}
