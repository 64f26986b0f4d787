package main

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/agentvault/teg-layer/server/config"
)

// metricsPage answers at the API's own address, unless metrics have one for themselves.
func (b *books) metricsPage(c *config.Config) http.Handler {
	if c.MetricsAddr != "" {
		return nil
	}
	return b.metrics.Page()
}

// serveMetrics answers /metrics, and nothing else, at the address that is for it alone.
func (s *service) serveMetrics(ctx context.Context) error {
	at := s.config.MetricsAddr
	if at == "" {
		return nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", at)
	if err != nil {
		return fmt.Errorf("cannot listen on %s (%w); free the port or choose another with METRICS_ADDR", at, err)
	}
	routes := http.NewServeMux()
	routes.Handle("GET /metrics", s.books.metrics.Page())
	s.metrics = &http.Server{
		Handler: routes, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: s.http.ErrorLog,
	}
	s.logger.Info("serving metrics", "address", listener.Addr().String())
	go func() { s.failed <- s.metrics.Serve(listener) }()
	return nil
}

// closeMetrics ends it. Nobody is waited for: a scrape is tried again.
func (s *service) closeMetrics() error {
	if s.metrics == nil {
		return nil
	}
	return s.metrics.Close()
}
