package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"github.com/agentvault/teg-layer/server/api"
)

// Listener gives the form of the contract to what [http.Server] answers by itself,
// before there is a request that a handler could see: 400 for what is no HTTP, 417, 431,
// 501 and 505. Serve on it what serves a [Server], without TLS: what comes over TLS is
// another listener's, which net/http has to see itself.
func Listener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

// Accept implements [net.Listener].
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c}, nil
}

// conn is a connection that looks at the beginning of what is written to it. net/http
// writes those answers in one piece each.
type conn struct{ net.Conn }

// ownWords are the header of what net/http answers by itself. No answer of a handler has
// it behind its first line: each has a date there, and what is JSON has no line breaks
// of this kind.
var ownWords = []byte("Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")

// ownExpectation is what it answers, with a date in the middle, to an expectation that
// it does not know.
var ownExpectation = [2][]byte{[]byte("Connection: close\r\nDate: "), []byte("\r\nContent-Length: 0\r\n\r\n")}

// ownLength is more than any of these answers has.
const ownLength = 512

// Write implements [net.Conn].
func (c *conn) Write(text []byte) (int, error) {
	status := ownStatus(text)
	if status == 0 {
		return c.Conn.Write(text)
	}
	if _, err := c.Conn.Write(unread(status)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// CloseWrite ends what is written to the connection, so that the client can read it
// before the rest of what it sends is refused.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// ownStatus is the status of an answer that net/http gives by itself, 0 of others. It
// wants all of its header: a piece of a handler's answer may begin anywhere, with words
// that a client chose.
func ownStatus(text []byte) int {
	const begin, end = len("HTTP/1.1 "), len("HTTP/1.1 400")
	if len(text) < end || len(text) > ownLength || !bytes.HasPrefix(text, []byte("HTTP/1.")) {
		return 0
	}
	status, err := strconv.Atoi(string(text[begin:end]))
	if err != nil || status < http.StatusBadRequest {
		return 0
	}
	_, rest, _ := bytes.Cut(text, []byte("\r\n"))
	if bytes.HasPrefix(rest, ownWords) ||
		status == http.StatusExpectationFailed && bytes.HasPrefix(rest, ownExpectation[0]) && bytes.HasSuffix(rest, ownExpectation[1]) {
		return status
	}
	return 0
}

// unread is the answer to what could not be read as a request.
func unread(status int) []byte {
	p := api.Problem{ErrorCode: api.ErrorCodeVALIDATIONMALFORMEDJSON, Message: "this is no request that the server can read (" + http.StatusText(status) + ")"}
	if status == http.StatusRequestHeaderFieldsTooLarge {
		p = api.Problem{ErrorCode: api.ErrorCodeBODYTOOLARGE, Message: "the header of the request is too large"}
	}
	body, _ := json.Marshal(p) // plain text
	h := securityHeaders("")
	h.Set("Content-Type", "application/json")
	h.Set("X-Request-ID", newRequestID())
	h.Set("Connection", "close")
	h.Set("Content-Length", strconv.Itoa(len(body)+1))
	var answer bytes.Buffer
	fmt.Fprintf(&answer, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = h.Write(&answer) // a buffer takes everything
	answer.WriteString("\r\n")
	answer.Write(append(body, '\n'))
	return answer.Bytes()
}
