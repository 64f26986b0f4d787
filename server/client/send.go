package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// newKey makes a key that nobody else has.
func newKey() string { return rand.Text() }

// sending is a call on its way.
type sending struct {
	*Client
	call
	callSettings
	url     string
	body    []byte
	attempt Attempt
}

// do makes a call: it sends the request, again where that is safe and can help, and returns
// an answer that the contract knows, or an error of this package.
func (c *Client) do(ctx context.Context, call call, options []CallOption) (*received, error) {
	settings, err := settle(call, options)
	if err != nil {
		return nil, err
	}
	if settings.rehearsal != nil {
		return c.rehearse(ctx, call, settings)
	}
	if settings.record != nil { // or it would keep the answer of an earlier call where there is none
		*settings.record = Answer{Key: settings.key, Writes: call.writes()}
	}
	s := &sending{Client: c, call: call, callSettings: settings, attempt: Attempt{Operation: call.name, Key: settings.key}}
	if s.url, err = c.locate(call); err != nil {
		return nil, err
	}
	if s.body, err = encode(call); err != nil {
		return nil, err
	}
	for retry := 0; ; retry++ {
		got, err := withToken(ctx, s, s.once)
		if err == nil {
			return got, nil
		}
		pause, again := s.again(err, retry)
		if !again {
			return nil, err
		}
		if late := c.wait(ctx, pause); late != nil {
			return nil, fmt.Errorf("%w; %w", err, late)
		}
	}
}

// withToken sends a request with a token, and once more where there is a newer one than
// the server takes. A refused token is certain to precede everything else.
func withToken[T any](ctx context.Context, s *sending, send func(context.Context, string) (*T, error)) (*T, error) {
	if s.anonymous {
		return send(ctx, "")
	}
	token, err := sendable(s.identity.token(ctx))
	if err != nil {
		return nil, &NoAnswerError{Attempt: s.attempt, Err: err, untouched: true, final: !lostOnTheWay(err)}
	}
	got, err := send(ctx, token)
	if token == "" || !errors.Is(err, ErrInvalidToken) && !errors.Is(err, ErrTokenRevoked) {
		return got, err
	}
	newer, failed := sendable(s.identity.renew(ctx, token))
	switch {
	case failed != nil:
		return got, fmt.Errorf("%w; %w", err, failed)
	case newer == token:
		return got, err
	}
	return send(ctx, newer)
}

// once sends the request and reads the answer.
func (s *sending) once(ctx context.Context, token string) (*received, error) {
	if err := ctx.Err(); err != nil {
		return nil, &NoAnswerError{Attempt: s.attempt, Err: err, untouched: true, final: true}
	}
	var way connecting
	request, err := s.request(way.watch(ctx), token)
	if err != nil {
		return nil, err
	}
	s.attempt.Tries++
	response, err := s.http.Do(request)
	if err != nil {
		return nil, s.lost(err, way.neverLeft(err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, s.maxAnswer+1))
	if err != nil {
		return nil, s.lost(err, false)
	}
	got := &received{attempt: s.attempt, status: response.StatusCode, header: response.Header, body: body, secret: s.secret}
	if s.record != nil {
		*s.record = got.answer()
		s.record.Writes = s.writes()
	}
	err = s.judge(got)
	return got, err
}

func (s *sending) request(ctx context.Context, token string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, s.method, s.url, bytes.NewReader(s.body))
	if err != nil {
		return nil, err
	}
	set := func(name, value string) {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	set("Accept", "application/json, */*")
	set("User-Agent", s.agent)
	s.giveKey(request)
	set("X-Request-ID", s.requestID)
	if s.body != nil {
		set("Content-Type", "application/json")
	}
	if token != "" {
		set("Authorization", "Bearer "+token)
	}
	return request, nil
}

// giveKey gives a request its key. What is not known to take one has it in a spelling that HTTP
// does not tell from the usual one, but net/http does: it sends what has the usual one again
// by itself where a kept connection breaks.
func (s *sending) giveKey(request *http.Request) {
	switch {
	case s.key == "":
	case s.repeat == always:
		request.Header.Set("Idempotency-Key", s.key)
	default:
		request.Header["idempotency-key"] = []string{s.key}
	}
}

// lost is the error of a request to which no answer came.
func (s *sending) lost(err error, untouched bool) error {
	if !untouched && s.writes() {
		s.attempt.InDoubt = true
	}
	return &NoAnswerError{Attempt: s.attempt, Err: err, untouched: untouched}
}

// judge decides what an answer is: nil for one that the call asked for.
func (s *sending) judge(got *received) error {
	if int64(len(got.body)) > s.maxAnswer {
		return s.unexpected(got, "is longer than "+strconv.FormatInt(s.maxAnswer, 10)+" bytes")
	}
	isJSON := got.isJSON()
	switch problem, is := got.problem(); {
	case isJSON && is:
		return s.refused(got, problem)
	case !s.accepts(got.status):
		return s.unexpected(got, got.whyNot())
	case !isJSON && s.wantsJSON():
		return s.unexpected(got, "is no JSON, as the answer should be; is that the server?")
	}
	return nil
}

// wantsJSON reports whether the answer is to be JSON: all but files and what says nothing.
func (s *sending) wantsJSON() bool { return !s.file && !s.accepts(http.StatusNoContent) }

// refused is the error of an answer that is one of the contract's errors.
func (s *sending) refused(got *received, p Problem) error {
	s.settleDoubt(got.status, p.ErrorCode)
	return &Error{
		Attempt: s.attempt, Status: got.status, Code: p.ErrorCode, Message: p.Message, Detail: p.Detail, Fields: p.ValidationErrors,
		RequestID: got.header.Get("X-Request-ID"), RetryAfter: got.retryAfter(), Replayed: got.replayed(),
	}
}

// settleDoubt takes a doubt away where an answer is a definite refusal, which a key
// remembers, and adds one where the server does not know itself, or has a fault of a kind
// that is not known here: it may be a gateway's, which says nothing about the server.
func (s *sending) settleDoubt(status int, code ErrorCode) {
	switch {
	case strings.HasPrefix(string(code), "BIZ_"):
		s.attempt.InDoubt = false
	case s.writes() && status >= http.StatusInternalServerError && code != ErrUnavailable:
		s.attempt.InDoubt = true
	}
}

// unexpected is the error of an answer that the contract does not know.
func (s *sending) unexpected(got *received, why string) error {
	// A redirect, and what refuses the request itself, comes before it is carried out.
	if s.writes() && (got.status < http.StatusMultipleChoices || got.status >= http.StatusInternalServerError) {
		s.attempt.InDoubt = true
	}
	got.attempt = s.attempt
	return got.unexpected(why)
}
