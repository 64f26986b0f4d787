package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// Codes of RFC 6455 with which a WebSocket ends.
const (
	closeNormal   = 1000
	closeStopping = 1001
	closeRefused  = 1008
	closeFault    = 1011
)

// eventSocket sends events as messages of a WebSocket. A message without an entry_id only
// says how far the client has come.
type eventSocket struct {
	*viewing
	socket Socket
}

// ServeHTTP implements [http.Handler].
func (s eventSocket) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	slow := false
	defer func() { s.close(slow) }()
	go func() {
		select {
		case <-s.socket.Gone():
			cancel()
		case <-ctx.Done():
		}
	}()
	to := &eventMessages{socket: s.socket, ctx: ctx, call: s.call}
	err := s.run(ctx, to)
	if code, reason := closing(err); code == 0 {
		s.socket.Cut()
	} else {
		s.socket.Close(code, reason)
	}
	slow = errors.Is(err, errSlow)
	s.call.streamFault(err)
}

// closing is how a WebSocket tells why it ends, 0 for one whose client would not hear it.
func closing(err error) (code int, reason string) {
	switch {
	case errors.Is(err, io.EOF):
		return closeNormal, "that is all"
	case errors.Is(err, errStopping), errors.Is(err, teg.ErrClosed):
		return closeStopping, errStopping.Error()
	case errors.Is(err, errNotAnyMore):
		return closeRefused, err.Error()
	case errors.Is(err, errSlow), errors.Is(err, errGone), errors.Is(err, context.Canceled):
		return 0, ""
	}
	return closeFault, "events cannot be read; come again"
}

// eventMessages sends events on a WebSocket.
type eventMessages struct {
	socket Socket
	ctx    context.Context
	call   *call
}

func (m *eventMessages) begin(seen place) error {
	return m.send([]byte(`{"position":` + strconv.FormatInt(seen.position, 10) + `}`))
}

func (m *eventMessages) beat(seen place) error {
	if err := m.begin(seen); err != nil {
		return err
	}
	return m.bounded(m.socket.Ping)
}

func (m *eventMessages) events(entries []teg.AuditLogEntry) error {
	for i := range entries {
		if err := m.send(m.call.server.eventText(&entries[i]).text); err != nil {
			return err
		}
	}
	return nil
}

func (m *eventMessages) send(text []byte) error {
	m.call.w.bytes += len(text)
	return m.bounded(func(ctx context.Context) error { return m.socket.Send(ctx, text) })
}

// bounded does something that the client has to take part in.
func (m *eventMessages) bounded(do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(m.ctx, m.call.server.config.Streams.Patience)
	defer cancel()
	switch err := do(ctx); {
	case err == nil:
		return nil
	case m.ctx.Err() == nil && !time.Now().Before(deadlineOf(ctx)):
		return errSlow
	}
	return errGone
}

func deadlineOf(ctx context.Context) time.Time {
	at, _ := ctx.Deadline()
	return at
}
