package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// errGone is a client that has gone away; errSlow one that takes nothing.
var (
	errGone = errors.New("the client is gone")
	errSlow = errors.New("the client takes nothing of what is sent")
)

// retryAfter is what a client of Server-Sent Events waits before it comes again, in
// milliseconds.
const retryAfter = "2000"

// eventPage answers with a stream of Server-Sent Events.
type eventPage struct{ *viewing }

// ServeHTTP implements [http.Handler].
func (p eventPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // of proxies: an event is to arrive when it happens
	w.WriteHeader(http.StatusOK)
	slow := false
	defer func() { p.close(slow) }()
	if r.Method == http.MethodHead {
		return
	}
	to := &eventWriter{w: w, control: http.NewResponseController(w), server: p.call.server, patience: p.call.server.config.Streams.Patience}
	_ = to.control.SetReadDeadline(time.Time{}) // or the connection would seem to end with what net/http allows for the request
	err := p.run(r.Context(), to)
	switch {
	case errors.Is(err, io.EOF):
		_ = to.write([]byte(": end\n\n")) // by which a client knows that it has all
	case errors.Is(err, errStopping), errors.Is(err, errNotAnyMore):
		_ = to.write([]byte(": " + err.Error() + "\n\n"))
	}
	slow = errors.Is(err, errSlow)
	p.call.streamFault(err)
}

// eventWriter writes events in the form of Server-Sent Events. What stands between them
// is an id without data, by which clients know where to go on and see nothing else.
type eventWriter struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	server   *Server
	patience time.Duration
	text     []byte
}

func (e *eventWriter) begin(seen place) error {
	return e.write([]byte("retry: " + retryAfter + "\nid: " + seen.id() + "\n\n"))
}

func (e *eventWriter) beat(seen place) error {
	return e.write([]byte(":\nid: " + seen.id() + "\n\n"))
}

// id is the id of an event of Server-Sent Events, by which the server knows where its client
// goes on, and whether the log is still the same before that.
func (p place) id() string {
	id := strconv.FormatInt(p.position, 10)
	if p.seal != "" {
		id += "." + p.seal
	}
	return id
}

func (e *eventWriter) events(entries []teg.AuditLogEntry) error {
	e.text = e.text[:0]
	for i := range entries {
		e.text = append(e.text, e.server.eventText(&entries[i]).frame...)
	}
	return e.write(e.text)
}

// write sends what is written at once. The bound for it is the client's to take it, and
// takes the place of the server's bound for whole answers.
func (e *eventWriter) write(text []byte) error {
	_ = e.control.SetWriteDeadline(time.Now().Add(e.patience)) // where there is none, the client has as long as it likes
	_, err := e.w.Write(text)
	if err == nil {
		err = e.control.Flush()
	}
	_ = e.control.SetWriteDeadline(time.Time{})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return errSlow
	}
	return errGone
}

// streamFault notes for the log what ended a stream, where it is none of what ends them.
func (c *call) streamFault(err error) {
	if !ended(err) && !errors.Is(err, errSlow) && !errors.Is(err, teg.ErrClosed) {
		c.fault = err
	}
}
