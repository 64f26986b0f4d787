// Package websocket makes WebSockets of requests, for the streams of events of package
// server. It stands apart so that who needs none links no library for them:
//
//	server.Config{Streams: server.Streams{Upgrade: websocket.Upgrade}}
package websocket

import (
	"context"
	"errors"
	"net/http"

	"github.com/coder/websocket"

	"github.com/agentvault/teg-layer/server"
)

// readLimit is how long a message may be that a client sends, in bytes. Those of the
// protocol alone are expected, and have at most 125.
const readLimit = 512

var errNoConnection = errors.New("websocket: this response is not on a connection that can be taken over")

// Upgrade implements [server.Upgrade]. Which pages may call is the server's to say, before.
func Upgrade(w http.ResponseWriter, r *http.Request) (server.Socket, error) {
	if !hijackable(w) {
		return nil, errNoConnection
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(readLimit)
	return &socket{conn, conn.CloseRead(context.Background())}, nil
}

// hijackable reports whether the connection of a response can be taken over.
func hijackable(w http.ResponseWriter) bool {
	for {
		switch inner := w.(type) {
		case http.Hijacker:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = inner.Unwrap()
		default:
			return false
		}
	}
}

type socket struct {
	conn *websocket.Conn
	read context.Context // ends with what comes from the other side
}

// Send implements [server.Socket].
func (s *socket) Send(ctx context.Context, text []byte) error {
	return s.conn.Write(ctx, websocket.MessageText, text)
}

// Ping implements [server.Socket].
func (s *socket) Ping(ctx context.Context) error { return s.conn.Ping(ctx) }

// Gone implements [server.Socket].
func (s *socket) Gone() <-chan struct{} { return s.read.Done() }

// Close implements [server.Socket].
func (s *socket) Close(code int, reason string) {
	_ = s.conn.Close(websocket.StatusCode(code), reason) // a side that is gone has ended it
}

// Cut implements [server.Socket].
func (s *socket) Cut() { _ = s.conn.CloseNow() }
