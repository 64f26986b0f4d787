package arbiter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/outside"
)

// Config says where the service is. URL is required; every other field has a working
// zero value.
type Config struct {
	// URL is under which the service's cases are, such as https://court.example/v1. It
	// is https, or http to this machine itself, and has no user, query or fragment.
	URL string
	// Token is sent as a bearer token. Empty: none is sent.
	Token string
	// Timeout is for one request with its answer. Default: 10 seconds.
	Timeout time.Duration
	// Transport carries requests. Nil means one without a proxy.
	Transport http.RoundTripper
}

// Service is an outside arbitrator. It is safe for concurrent use.
type Service struct{ outside *outside.Service }

var _ teg.Arbitrator = (*Service)(nil)

// errAnswer is what a service does that does not keep to the protocol.
var errAnswer = fmt.Errorf("arbiter: %w", outside.ErrAnswer)

// New makes a client of the service. It asks the service nothing.
func New(c Config) (*Service, error) {
	service, err := outside.New(outside.Config{Name: "arbiter", URL: c.URL, Token: c.Token, Timeout: c.Timeout, Transport: c.Transport})
	if err != nil {
		return nil, err
	}
	return &Service{service}, nil
}

// ask sends a request and returns the status and the body of the answer.
func (s *Service) ask(ctx context.Context, method, path, key string, in any) (int, []byte, error) {
	r := outside.Request{Method: method, Path: path, Body: in}
	if in != nil {
		r.Header = http.Header{"Idempotency-Key": {key}}
	}
	answer, err := s.outside.Ask(ctx, r)
	return answer.Status, answer.Body, away(err)
}

// away makes the error of a service that is to be asked again later one that the engine
// knows.
func away(err error) error {
	if errors.Is(err, outside.ErrAway) {
		return &awayError{err}
	}
	return err
}

// awayError is a [teg.ErrUnavailable] that does not speak of the database, as that does.
type awayError struct{ error }

func (a *awayError) Unwrap() []error { return []error{a.error, teg.ErrUnavailable} }

// put sends what the service is to remember. That it knows it already is no failure.
func (s *Service) put(ctx context.Context, path, key string, in any) error {
	status, _, err := s.ask(ctx, http.MethodPost, path, key, in)
	switch {
	case err != nil:
		return err
	case status >= 200 && status < 300, status == http.StatusConflict:
		return nil
	}
	return s.refusedWith(status)
}

// refusedWith says what a status means.
func (s *Service) refusedWith(status int) error {
	if status == http.StatusNotFound {
		return &teg.Refusal{Reason: teg.ErrNotFound, Message: "the service does not know the case"}
	}
	return away(s.outside.Refused(status))
}
