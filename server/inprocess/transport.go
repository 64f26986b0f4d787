package inprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Transport is an [http.RoundTripper] that has a handler answer. It is safe for concurrent
// use. An answer is returned when the handler has written its header, while it may still
// be writing the rest; one that is not read to its end has to be closed, as ever.
type Transport struct {
	Handler http.Handler // that answers; it must not be nil
}

// RoundTrip has the handler answer a request. Its connection is that of the request that
// [For] noted in the context. The error is that of the context, where it ended before there
// was an answer, or says that the handler panicked.
func (t Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(request.Context())
	w, reader := newWriter()
	go t.serve(w, arriving(ctx, request))
	select {
	case <-w.begun:
	case <-ctx.Done():
		cancel()
		_ = reader.CloseWithError(ctx.Err())
		return nil, ctx.Err()
	}
	if err := w.failed; err != nil {
		cancel()
		return nil, err
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: &body{reader, cancel}, ContentLength: -1, Request: request,
	}, nil
}

// serve has the handler answer, and ends the answer.
func (t Transport) serve(w *writer, request *http.Request) {
	defer func() {
		if fault := recover(); fault != nil {
			w.fail(fmt.Errorf("%w: %v", errPanicked, fault))
			return
		}
		w.end()
	}()
	defer request.Body.Close()
	t.Handler.ServeHTTP(w, request)
}

var errPanicked = errors.New("inprocess: the handler panicked")

// arriving is a request as a server would hand it to a handler.
func arriving(ctx context.Context, request *http.Request) *http.Request {
	in := request.Clone(ctx)
	in.Header = make(http.Header, len(request.Header))
	for name, values := range request.Header { // which has another spelling on its way, as over a network
		in.Header[http.CanonicalHeaderKey(name)] = values
	}
	in.RequestURI, in.Proto, in.ProtoMajor, in.ProtoMinor = in.URL.RequestURI(), "HTTP/1.1", 1, 1
	if in.Host == "" {
		in.Host = in.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if from, ok := ctx.Value(outerKey{}).(*http.Request); ok {
		in.RemoteAddr = from.RemoteAddr
		for _, name := range forwarded {
			if values := from.Header.Values(name); len(values) > 0 {
				in.Header[name] = values
			}
		}
	}
	return in
}

// forwarded tell from where a request came that proxies passed on.
var forwarded = []string{"X-Forwarded-For", "X-Forwarded-Proto"}

type outerKey struct{}

// For notes for whose request others are made: they come from the same address, so that
// limits count them so. That request's connection proves nothing about them: who was known by
// its certificate is not known here.
func For(ctx context.Context, outer *http.Request) context.Context {
	return context.WithValue(ctx, outerKey{}, outer)
}

// body is what is read of an answer. Closing it ends the handler's context.
type body struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *body) Close() error {
	b.cancel()
	return b.ReadCloser.Close()
}
