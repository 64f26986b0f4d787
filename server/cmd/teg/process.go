package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

// Bounds of every connection.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
)

// service is a server under way: a listener, the handler behind it, and the
// books behind that.
type service struct {
	config   *config.Config
	books    *books
	api      *server.Server
	logger   *slog.Logger
	listener net.Listener
	http     *http.Server
	counts   limiting
	shares   caching
	metrics  *http.Server   // at an address of its own; nil: there is none
	work     sync.WaitGroup // in the background
	stopWork context.CancelFunc
	failed   chan error // of the listeners
}

// start listens and begins to serve. It takes the books over: on an error they
// are closed.
func start(ctx context.Context, c *config.Config, b *books, logger *slog.Logger) (*service, error) {
	if err := b.connect(ctx, c, logger); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	counts, err := newLimiting(b.store, c, logger)
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	shares, err := newCaching(c, b.metrics, logger)
	if err != nil {
		return nil, errors.Join(err, counts.close(), b.Close())
	}
	api, err := newAPI(ctx, b, c, counts, shares, logger)
	if err != nil {
		return nil, errors.Join(err, shares.close(), counts.close(), b.Close())
	}
	handler, err := withFaces(b.tracing.handler(api), c, logger)
	if err != nil {
		return nil, errors.Join(err, shares.close(), counts.close(), b.Close())
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.ListenAddr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot listen on %s (%w); free the port or choose another with LISTEN_ADDR", c.ListenAddr, err), shares.close(), counts.close(), b.Close())
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &service{
		config: c, books: b, api: api, logger: logger, listener: listener, stopWork: stop, failed: make(chan error, 3),
		http: newHTTPServer(handler, logger), counts: counts, shares: shares,
	}
	if err := s.serveMetrics(ctx); err != nil {
		stop()
		return nil, errors.Join(err, listener.Close(), shares.close(), counts.close(), b.Close())
	}
	if err := s.listenForPeers(ctx); err != nil {
		stop()
		return nil, errors.Join(err, s.closeMetrics(), listener.Close(), shares.close(), counts.close(), b.Close())
	}
	s.work.Go(func() { s.reloadPolicies(background) })
	s.work.Go(func() { _ = b.Run(background) }) // all of them log their own faults
	s.work.Go(func() { _ = api.Run(background) })
	if keys := c.JWKS(); keys != nil {
		s.work.Go(func() { _ = keys.Run(background) })
	}
	for _, keys := range c.RegistryKeys() {
		s.work.Go(func() { _ = keys.Run(background) })
	}
	if c.AuditorEnabled {
		s.work.Go(func() { _ = b.RunAuditor(background) })
	}
	if c.ConsoleEnabled {
		s.work.Go(func() { addUpActivity(background, b.Engine) })
	}
	s.work.Go(func() { _ = counts.run(background) })
	go func() { s.failed <- s.http.Serve(server.Listener(listener)) }()
	return s, nil
}

// addUpActivity does so that who looks first at the console need not wait for it. Who looks will
// hear of a fault.
func addUpActivity(ctx context.Context, eng *teg.Engine) {
	ctx, cancel := context.WithTimeout(ctx, addUpTime)
	defer cancel()
	_, _ = eng.Activity(ctx, teg.ActivityQuery{Width: teg.Hourly})
}

const addUpTime = 30 * time.Second

// newHTTPServer serves the API within bounds.
func newHTTPServer(api http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           api,
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, DisableGeneralOptionsHandler: true, // OPTIONS * is ours, too
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// wait serves until the context ends or the listener fails, and then shuts down.
func (s *service) wait(ctx context.Context) error {
	var failure error
	select {
	case <-ctx.Done():
	case failure = <-s.failed:
	}
	return errors.Join(failure, s.shutDown())
}

// shutDown accepts nothing more, lets the requests under way finish, has the
// engine commit what it accepted, and closes the database, all within the
// configured time. Clients that keep their requests from ending have four fifths
// of it: then their connections are cut, which changes nothing of what the engine
// has accepted.
func (s *service) shutDown() error {
	timeout := s.config.ShutdownTimeout
	s.logger.Info("shutting down", "timeout", timeout)
	s.api.Drain()
	done := make(chan error, 1)
	go func() { done <- s.finish(timeout / 5 * 4) }()
	select {
	case err := <-done:
		s.logger.Info("stopped")
		return err
	case <-time.After(timeout):
		return fmt.Errorf("not everything ended within %s; nothing that was acknowledged is lost; raise SHUTDOWN_TIMEOUT", timeout)
	}
}

func (s *service) finish(patience time.Duration) error {
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := s.http.Shutdown(limit)
	if errors.Is(err, context.DeadlineExceeded) {
		s.logger.Warn("cutting off requests that do not end")
		err = s.http.Close()
	}
	if s.api.WaitForStreams(limit) != nil {
		s.logger.Warn("leaving streams of events that do not end")
	}
	s.stopWork()
	s.work.Wait()
	return errors.Join(err, s.closeMetrics(), s.shares.close(), s.counts.close(), s.books.Close())
}

// unlessEnded takes it for success that a start was cut off by a signal.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// url is where the server is reached from this machine.
func (s *service) url() string {
	host, port, err := net.SplitHostPort(s.listener.Addr().String())
	if err != nil {
		return "http://" + s.listener.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// untilSignalled returns a context that ends with SIGINT or SIGTERM, or, unless it is
// to be ignored (nohup), with SIGHUP: the terminal was closed. A second signal ends the
// process at once.
func untilSignalled(ctx context.Context) (context.Context, context.CancelFunc) {
	if signal.Ignored(syscall.SIGHUP) {
		return untilOneOf(ctx, os.Interrupt, syscall.SIGTERM)
	}
	return untilOneOf(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
}

// untilEnded is untilSignalled for a server. SIGHUP does not end one that has policies
// to read anew.
func untilEnded(ctx context.Context, c *config.Config) (context.Context, context.CancelFunc) {
	if c.OPAPolicyDir != "" {
		return untilOneOf(ctx, os.Interrupt, syscall.SIGTERM)
	}
	return untilSignalled(ctx)
}

func untilOneOf(ctx context.Context, signals ...os.Signal) (context.Context, context.CancelFunc) {
	signalled, stop := signal.NotifyContext(ctx, signals...)
	context.AfterFunc(signalled, stop)
	return signalled, stop
}
