package client

import (
	"encoding/json"
	"errors"
	"math"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// keptStart is how much of an unexpected body an error keeps.
const keptStart = 512

// received is an answer that was read to its end.
type received struct {
	attempt Attempt
	status  int
	header  http.Header
	body    []byte
	secret  bool // whether the body may not stand in an error
	dry     bool // whether it is what would be answered, so that nothing can have been done
}

// whyNot says of an answer whose status does not fit what it looks like.
func (r *received) whyNot() string {
	if to := r.header.Get("Location"); to != "" {
		return "leads to " + inLine(to) + ", which the API never does; is the base URL right?"
	}
	return "is no answer of this API; is that the server, and is a proxy before it?"
}

// unexpected is the error of an answer that the contract does not know.
func (r *received) unexpected(why string) error {
	start := r.body[:min(len(r.body), keptStart)]
	if r.secret && r.status < http.StatusMultipleChoices {
		start, why = nil, why+" (its body is not repeated, as there may be a token in it)"
	}
	return &UnexpectedAnswerError{
		Attempt: r.attempt, Status: r.status, ContentType: r.header.Get("Content-Type"), Body: start,
		RequestID: r.header.Get("X-Request-ID"), Why: why, retryAfter: r.retryAfter(),
	}
}

// isJSON reports whether the answer says that it is JSON.
func (r *received) isJSON() bool {
	media, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	return err == nil && media == "application/json"
}

// problem is the error of the contract that the body is, if it is one.
func (r *received) problem() (Problem, bool) {
	var p Problem
	if r.status < http.StatusBadRequest {
		return p, false
	}
	err := json.Unmarshal(r.body, &p)
	return p, err == nil && p.ErrorCode != ""
}

func (r *received) replayed() bool { return r.header.Get("Idempotency-Replayed") == "true" }

// longestSaid bounds what Retry-After can say, in seconds.
const longestSaid = uint64(math.MaxInt64 / time.Second)

// retryAfter is what the header of that name says, in seconds or as a time, which is one of
// the server's clock.
func (r *received) retryAfter() time.Duration {
	said := r.header.Get("Retry-After")
	seconds, err := strconv.ParseUint(said, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, longestSaid)) * time.Second //nolint:gosec // it is bounded
	}
	at, err := http.ParseTime(said)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(r.header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, at.Sub(now))
}

func (r *received) answer() Answer {
	return Answer{
		Status: r.status, Header: r.header, Body: r.body, RequestID: r.header.Get("X-Request-ID"), Replayed: r.replayed(),
		Key: r.attempt.Key, Tries: r.attempt.Tries,
	}
}
