package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// loadTransport carries the requests of a load: each over one of a fixed number of
// connections, by the goroutine that asks. net/http's own transport has two more for each
// connection, which take from the server what it shares with them.
// It speaks HTTP/1.1 without TLS, and reads every answer whole.
type loadTransport struct {
	dialer net.Dialer
	idle   chan *loadConn
}

// loadConn is a place for a connection.
type loadConn struct {
	net.Conn // nil until the first request, and after a failure
	reader   *bufio.Reader
	writer   *bufio.Writer
}

// loadPatience is how long one request may take.
const loadPatience = time.Minute

// transportFor carries a load to a server, over so many connections.
func transportFor(base string, connections int) http.RoundTripper {
	if parsed, err := url.Parse(base); err != nil || parsed.Scheme != "http" || parsed.Port() == "" {
		return &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}
	}
	t := &loadTransport{idle: make(chan *loadConn, connections)}
	for range connections {
		t.idle <- &loadConn{}
	}
	return t
}

// RoundTrip implements [http.RoundTripper].
func (t *loadTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	select {
	case conn := <-t.idle:
		defer func() { t.idle <- conn }()
		response, err := t.exchange(request, conn)
		if conn.Conn != nil && (err != nil || response.Close) {
			err = errors.Join(err, conn.Close())
			conn.Conn = nil
		}
		return response, err
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
}

func (t *loadTransport) exchange(request *http.Request, conn *loadConn) (*http.Response, error) {
	if err := t.connect(request.Context(), request.URL.Host, conn); err != nil {
		return nil, err
	}
	if err := errors.Join(request.Write(conn.writer), conn.writer.Flush()); err != nil {
		return nil, err
	}
	response, err := http.ReadResponse(conn.reader, request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// connect dials where there is no connection, and gives the request its time.
func (t *loadTransport) connect(ctx context.Context, host string, conn *loadConn) error {
	if conn.Conn == nil {
		dialled, err := t.dialer.DialContext(ctx, "tcp", host)
		if err != nil {
			return err
		}
		*conn = loadConn{dialled, bufio.NewReader(dialled), bufio.NewWriter(dialled)}
	}
	until := time.Now().Add(loadPatience)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(until) {
		until = deadline
	}
	return conn.SetDeadline(until)
}
