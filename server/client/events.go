package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
)

// silence is how long a stream may say nothing: the server says something every quarter of
// that.
const silence = time.Minute

// EventsQuery says which events are wanted, and from where on.
type EventsQuery struct {
	// Only these actions, such as transfer; none is all.
	Types []string
	// Only what names this agent. For all but auditors and admins it is the caller.
	AgentID did.DID
	// Only events behind this position; −1 is all there are. Nil is from now on.
	After *int64
	// Whether to end where the log ends, instead of waiting for more. After nil is then all.
	ToEnd bool
}

func (q EventsQuery) values() url.Values {
	v := url.Values{}
	set(v, "types", strings.Join(q.Types, ","))
	set(v, "agent_id", q.AgentID)
	if q.After != nil {
		with(v, "after", strconv.FormatInt(*q.After, 10))
	}
	if q.ToEnd {
		with(v, "follow", "false")
	}
	return v
}

// Events is GET /events: events as they happen, until the context ends, which is no error.
// Where a connection ends, is silent for too long or cannot be had, it is made again, and
// goes on behind the event that came last: none is missed and none comes twice. Once it has
// been connected it tries so for as long as that can help; before, as often as any call.
// What another process is to go on from is After with the position of an event.
//
// Errors of its own: [ErrExpired] where events were archived, [ErrInvalidState] for a
// position that the log does not have, [ErrForbidden] for another agent's events.
func (c *Client) Events(ctx context.Context, query EventsQuery) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		r := &eventReader{Client: c, query: query, yield: yield, silence: silence}
		if err := r.follow(ctx); err != nil && ctx.Err() == nil {
			yield(Event{}, err)
		}
	}
}

// eventReader reads events over one connection after the other.
type eventReader struct {
	*Client
	query     EventsQuery
	yield     func(Event, error) bool
	silence   time.Duration
	last      string // id that came last
	position  int64  // of the event that came last
	some      bool   // there was one
	connected bool
	failures  int // since something came
}

// errEnough is the end that the caller wanted, errWhole that of the log.
var (
	errEnough = errors.New("enough")
	errWhole  = errors.New("that is all")
)

// follow reads until there is nothing more to read, or to hope for.
func (r *eventReader) follow(ctx context.Context) error {
	for {
		err := r.connect(ctx)
		switch {
		case errors.Is(err, errEnough), errors.Is(err, errWhole):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
		f := failure{passing: true}
		if err != nil {
			f = failureOf(err)
		}
		if !f.passing || !r.connected && r.failures >= r.retries {
			return err
		}
		if err := r.wait(ctx, max(pauseBefore(r.failures), f.after)); err != nil {
			return err
		}
		r.failures++
	}
}

// connect reads over one connection; nil where that has ended.
func (r *eventReader) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	made := call{name: "events", method: http.MethodGet, path: "/events", repeat: reading, query: r.query.values(), statuses: []int{http.StatusOK}}
	settings, err := settle(made, nil)
	if err != nil {
		return err
	}
	s := &sending{Client: r.Client, call: made, callSettings: settings, attempt: Attempt{Operation: made.name}}
	if s.url, err = r.locate(made); err != nil {
		return err
	}
	silent := time.AfterFunc(r.silence, cancel)
	defer silent.Stop()
	response, err := withToken(ctx, s, func(ctx context.Context, token string) (*http.Response, error) { return s.stream(ctx, token, r.last) })
	if err != nil {
		return err
	}
	defer response.Body.Close()
	r.connected = true
	return r.read(response.Body, func() { silent.Reset(r.silence) })
}

// stream sends the request and returns an answer that goes on.
func (s *sending) stream(ctx context.Context, token, last string) (*http.Response, error) {
	request, err := s.request(ctx, token)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/event-stream, application/json")
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	endless := *s.http
	endless.Timeout = 0
	s.attempt.Tries++
	response, err := endless.Do(request)
	if err != nil {
		return nil, s.lost(err, false)
	}
	if response.StatusCode == http.StatusOK && strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		return response, nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, s.maxAnswer+1))
	if err != nil {
		return nil, s.lost(err, false)
	}
	got := &received{attempt: s.attempt, status: response.StatusCode, header: response.Header, body: body}
	if err := s.judge(got); err != nil {
		return nil, err
	}
	return nil, s.unexpected(got, "is no stream of events; is that the server?")
}

// read hands over what comes. Its error is nil where the connection has ended.
func (r *eventReader) read(body io.Reader, heard func()) error {
	blocks := newEventBlocks(body, int(r.maxAnswer))
	for {
		block, more := blocks.next()
		switch {
		case blocks.tooLong():
			return fmt.Errorf("client: an event is longer than %d bytes", r.maxAnswer)
		case !more:
			return nil
		}
		heard()
		r.failures = 0
		if block.data != nil {
			if err := r.hand(block.data); err != nil {
				return err
			}
		}
		if block.hasID {
			r.last = block.id
		}
		if block.comment == "end" && r.query.ToEnd {
			return errWhole
		}
	}
}

// hand hands an event over that is no earlier one.
func (r *eventReader) hand(text []byte) error {
	var event Event
	if err := decode(text, &event); err != nil {
		return fmt.Errorf("client: an event that cannot be read: %w", err)
	}
	if r.some && event.Position <= r.position {
		return nil
	}
	r.some, r.position = true, event.Position
	if !r.yield(event, nil) {
		return errEnough
	}
	return nil
}
