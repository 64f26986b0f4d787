package inprocess

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// writer is what a handler writes to. It is used by one goroutine, and read by another
// once begun is closed.
type writer struct {
	header, sent http.Header
	status       int
	failed       error // before there was an answer
	begun        chan struct{}
	once         sync.Once
	pipe         *io.PipeWriter
}

func newWriter() (*writer, *io.PipeReader) {
	r, w := io.Pipe()
	return &writer{header: http.Header{}, begun: make(chan struct{}), pipe: w}, r
}

// Header is the header of the answer.
func (w *writer) Header() http.Header { return w.header }

// WriteHeader begins the answer.
func (w *writer) WriteHeader(status int) {
	if status < http.StatusOK { // nobody waits for news on the way
		return
	}
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.begun)
	})
}

// Write writes a part of the body, and waits until it was read.
func (w *writer) Write(part []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.pipe.Write(part)
}

// Flush begins the answer. Nothing of its body waits: it is read as it is written.
func (w *writer) Flush() { w.WriteHeader(http.StatusOK) }

// SetWriteDeadline is for [http.ResponseController]: what bounds an answer here is the
// context of its request.
func (w *writer) SetWriteDeadline(time.Time) error { return nil }

// SetReadDeadline is for [http.ResponseController], too.
func (w *writer) SetReadDeadline(time.Time) error { return nil }

func (w *writer) end() {
	w.WriteHeader(http.StatusOK)
	_ = w.pipe.Close()
}

// fail ends the answer with a fault: where it had not begun, the request has none.
func (w *writer) fail(err error) {
	w.once.Do(func() {
		w.failed = err
		close(w.begun)
	})
	_ = w.pipe.CloseWithError(err)
}
