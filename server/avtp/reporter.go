package avtp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/teg/outside"
)

// Config says where reports go. URL and Token are required.
type Config struct {
	// URL is under which the API is, such as https://teg.example/api/v1. It is https, or
	// http to this machine itself.
	URL string
	// Token gives the bearer token for each attempt, so that one that expires is
	// replaced. See [Always].
	Token func(context.Context) (string, error)
	// Queue is how many reports wait at most. Default: 1,000.
	Queue int
	// Timeout is for one attempt. Default: 10 seconds.
	Timeout time.Duration
	// MaxPause is the longest pause between two attempts, but for one that the server
	// asks for. Default: 1 minute.
	MaxPause time.Duration
	// Done is told what became of each report that was enqueued: a result, or an error,
	// which is a [*RefusedError] or that the reporter was ended before. Default: nobody.
	Done func(Report, Result, error)
	// Logger takes what an operator should know. Default: discarded.
	Logger *slog.Logger
	// Transport carries requests. Nil: one without a proxy.
	Transport http.RoundTripper
}

const (
	route       = "/avtp/report-transaction"
	firstPause  = 200 * time.Millisecond
	longestWait = 10 * time.Minute // that a server can ask for
)

// Why a report is not enqueued.
var (
	ErrFull  = errors.New("avtp: too many reports wait; send this one later")
	ErrEnded = errors.New("avtp: the reporter has ended, and sends nothing any more; keep this report for the next one")
)

// Always gives the same token.
func Always(token string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return token, nil }
}

// Reporter sends reports. It is safe for concurrent use.
type Reporter struct {
	config  Config
	service *outside.Service
	queue   chan Report
	ending  sync.RWMutex // held for writing by who ends it
	ended   bool
	sleep   func(context.Context, time.Duration) error
}

// New makes a reporter. It sends nothing yet.
func New(c Config) (*Reporter, error) {
	if c.Token == nil {
		return nil, errors.New("avtp: no token")
	}
	if c.Queue < 0 || c.Timeout < 0 || c.MaxPause < 0 {
		return nil, errors.New("avtp: Queue, Timeout and MaxPause cannot be negative; leave them out for what is usual")
	}
	if c.Queue == 0 {
		c.Queue = 1000
	}
	if c.MaxPause == 0 {
		c.MaxPause = time.Minute
	}
	if c.Done == nil {
		c.Done = func(Report, Result, error) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	service, err := outside.New(outside.Config{Name: "avtp", URL: c.URL, Timeout: c.Timeout, Transport: c.Transport})
	if err != nil {
		return nil, err
	}
	return &Reporter{config: c, service: service, queue: make(chan Report, c.Queue), sleep: sleep}, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Enqueue has a report sent by [Reporter.Run]. It waits for nothing: the error is ErrFull
// where too many wait, ErrEnded once Run has ended, and another one for a report that no
// server could take.
func (r *Reporter) Enqueue(report Report) error {
	if err := report.check(); err != nil {
		return err
	}
	r.ending.RLock()
	defer r.ending.RUnlock()
	if r.ended {
		return ErrEnded
	}
	select {
	case r.queue <- report:
		return nil
	default:
		return ErrFull
	}
}

// Waiting is how many reports wait, but for the one that is being sent.
func (r *Reporter) Waiting() int { return len(r.queue) }

// Run sends what is enqueued, one after the other in its order, until the context ends.
// Config.Done is then told of each that still waits, and nothing is enqueued any more.
func (r *Reporter) Run(ctx context.Context) error {
	defer r.service.Close()
	for ctx.Err() == nil {
		select {
		case report := <-r.queue:
			result, err := r.Report(ctx, report)
			r.config.Done(report, result, err)
		case <-ctx.Done():
		}
	}
	r.end()
	for {
		select {
		case report := <-r.queue:
			r.config.Done(report, Result{}, ctx.Err())
		default:
			return ctx.Err()
		}
	}
}

// end lets nothing into the queue any more, so that nothing stays there unseen.
func (r *Reporter) end() {
	r.ending.Lock()
	defer r.ending.Unlock()
	r.ended = true
}

// Report sends a report until the server has an answer to it, and returns that: a result,
// or a [*RefusedError]. Any other error is that the context has ended; whether the report
// has arrived is then not known, and to send it again is right in any case.
func (r *Reporter) Report(ctx context.Context, report Report) (Result, error) {
	if err := report.check(); err != nil {
		return Result{}, err
	}
	for attempt := 0; ; attempt++ {
		result, wait, err := r.try(ctx, report)
		var refused *RefusedError
		if err == nil || errors.As(err, &refused) {
			return result, err
		}
		if attempt == 0 {
			r.config.Logger.Warn("a report did not arrive; it is sent again", "transaction", report.Transaction, "error", err)
		}
		if ended := r.sleep(ctx, max(wait, r.pause(attempt))); ended != nil {
			return Result{}, fmt.Errorf("avtp: the report of %s was not answered: %w (%w)", report.Transaction, ended, err)
		}
	}
}

// pause is how long to wait after so many attempts: twice as long each time, and any part
// of that, so that not all come back at once.
func (r *Reporter) pause(attempt int) time.Duration {
	return rand.N(min(r.config.MaxPause, firstPause<<min(attempt, 20))) + time.Millisecond
}

// try sends a report once. Where it did not arrive, or not for certain, wait is what the
// server asks for.
func (r *Reporter) try(ctx context.Context, report Report) (_ Result, wait time.Duration, _ error) {
	token, err := r.config.Token(ctx)
	if err != nil {
		return Result{}, 0, fmt.Errorf("avtp: no token: %w", err)
	}
	answer, err := r.service.Ask(ctx, outside.Request{
		Method: http.MethodPost, Path: route, Header: http.Header{"Authorization": {"Bearer " + token}}, Body: report,
	})
	if err != nil {
		return Result{}, 0, err
	}
	result, err := r.read(answer)
	return result, retryAfter(answer.Header.Get("Retry-After"), time.Now()), err
}

// read tells a result from a definite refusal, and both from everything after which the
// report is sent again. A 401 is among that: the next token may be another.
func (r *Reporter) read(answer outside.Answer) (Result, error) {
	switch answer.Status {
	case http.StatusOK, http.StatusCreated:
		result := Result{Again: answer.Status == http.StatusOK}
		if json.Unmarshal(answer.Body, &result) != nil || result.LogID == "" {
			return Result{}, r.service.Wrong("it confirms nothing")
		}
		return result, nil
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return Result{}, r.service.Refused(answer.Status)
	}
	var problem struct {
		Code    string `json:"error_code"`
		Message string `json:"message"`
	}
	if answer.Status < 400 || answer.Status >= 500 || json.Unmarshal(answer.Body, &problem) != nil || problem.Code == "" {
		return Result{}, r.service.Refused(answer.Status) // of something on the way, perhaps
	}
	if problem.Code == "ROUTE_NOT_FOUND" || problem.Code == "METHOD_NOT_ALLOWED" { // nobody has looked at the report
		return Result{}, r.service.Wrong("it has no such route; see that the URL ends with the API's prefix, such as /api/v1")
	}
	return Result{}, &RefusedError{answer.Status, problem.Code, problem.Message}
}

// retryAfter reads the header: seconds, or a date.
func retryAfter(text string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return max(0, min(wait, longestWait))
}
