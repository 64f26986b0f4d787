package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// How long is waited before a request is sent again: twice as long each time, and at
// random, so that those who were sent away together do not come back together.
const (
	firstPause = 200 * time.Millisecond
	mostPause  = 5 * time.Second
	patience   = 30 * time.Second // who is told to come back later than that is told so
)

// failure is what an error means for sending again.
type failure struct {
	passing   bool // whether it may go better
	untouched bool // whether it is certain that nothing was done
	after     time.Duration
}

// again decides whether a request is sent once more, and after which time.
func (s *sending) again(err error, retries int) (time.Duration, bool) {
	f := failureOf(err)
	safe := s.repeat == always || s.repeat == reading || s.repeat == untouched && f.untouched
	if retries >= s.retries || !f.passing || !safe || f.after > patience {
		return 0, false
	}
	return max(pauseBefore(retries), f.after), true
}

func failureOf(err error) failure {
	switch err := err.(type) { //nolint:errorlint // those inside are of other calls
	case *NoAnswerError:
		return failure{passing: !err.final && !hopeless(err.Err), untouched: err.untouched}
	case *Error:
		refused := err.Status == http.StatusTooManyRequests || err.Code == ErrUnavailable
		return failure{passing: refused || err.Code == ErrOutcomeUnknown || proxyStatus(err.Status), untouched: refused, after: err.RetryAfter}
	case *UnexpectedAnswerError:
		refused := err.Status == http.StatusTooManyRequests
		return failure{passing: refused || proxyStatus(err.Status), untouched: refused, after: err.retryAfter}
	}
	return failure{}
}

// proxyStatus reports whether a status says that a server could not be reached.
func proxyStatus(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

// hopeless reports whether to send again would end as before.
func hopeless(err error) bool { return errors.Is(err, context.Canceled) || isUntrusted(err) }

// pauseBefore is how long to wait before a retry, from 0 on.
func pauseBefore(retry int) time.Duration {
	longest := min(firstPause<<min(retry, 10), mostPause)
	return longest/2 + rand.N(longest/2)
}

// waiter waits, or says that there is no time for it.
type waiter func(ctx context.Context, pause time.Duration) error

func sleep(ctx context.Context, pause time.Duration) error {
	if until, bounded := ctx.Deadline(); bounded && time.Until(until) < pause {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
