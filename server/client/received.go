package client

import (
	"encoding/json"
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
}

// whyNot says of an answer whose status does not fit what it looks like.
func (r *received) whyNot() string {
	if to := r.header.Get("Location"); to != "" {
		return "leads to " + to + ", which the API never does; is the base URL right?"
	}
	return "is no answer of this API; is that the server, and is a proxy before it?"
}

// unexpected is the error of an answer that the contract does not know.
func (r *received) unexpected(why string) error {
	return &UnexpectedAnswerError{
		Attempt: r.attempt, Status: r.status, ContentType: r.header.Get("Content-Type"), Body: r.body[:min(len(r.body), keptStart)],
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

// retryAfter is what the header of that name says, in seconds or as a time.
func (r *received) retryAfter() time.Duration {
	said := r.header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(said, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(said); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

func (r *received) answer() Answer {
	return Answer{
		Status: r.status, Header: r.header, Body: r.body, RequestID: r.header.Get("X-Request-ID"), Replayed: r.replayed(),
		Key: r.attempt.Key, Tries: r.attempt.Tries,
	}
}
