package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/websocket"
	"github.com/agentvault/teg-layer/teg"
)

// sent is what came on a stream.
type sent struct {
	ID    string
	Event string
	Data  string
}

func (s *sent) position(t testing.TB) int64 {
	t.Helper()
	number, _, _ := strings.Cut(s.ID, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	require.NoError(t, err)
	return n
}

// listener is a client of Server-Sent Events.
type listener struct {
	t      testing.TB
	status int
	header http.Header
	cancel context.CancelFunc
	body   io.ReadCloser
	lines  *bufio.Reader
	last   string // Last-Event-ID
}

// patient bounds what a test waits for.
func patient(t testing.TB) context.Context {
	within, cancel := context.WithTimeout(ctx(), 2*time.Minute)
	t.Cleanup(cancel)
	return within
}

// brief bounds requests so that streams are longer. On a machine that is very busy a request
// may end by that, too.
func brief(s *http.Server) {
	s.ReadTimeout, s.WriteTimeout = 200*time.Millisecond, 200*time.Millisecond
}

// wire serves the API on a connection.
func (a *api) wire(bounds ...func(*http.Server)) string {
	wired := httptest.NewUnstartedServer(a.server)
	for _, set := range bounds {
		set(wired.Config)
	}
	wired.Start()
	a.t.Cleanup(func() {
		a.server.Drain()
		wired.Close()
		require.NoError(a.t, a.server.WaitForStreams(patient(a.t)))
	})
	return wired.URL
}

// listen opens a stream.
func (a *api) listen(url, query, token, last string) *listener {
	a.t.Helper()
	within, cancel := context.WithCancel(patient(a.t))
	request, err := http.NewRequestWithContext(within, http.MethodGet, url+prefix+"/events"+query, nil)
	require.NoError(a.t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(a.t, err)
	a.t.Cleanup(func() { cancel(); _ = response.Body.Close() })
	return &listener{t: a.t, status: response.StatusCode, header: response.Header, cancel: cancel, body: response.Body, lines: bufio.NewReader(response.Body), last: last}
}

// next is what comes next, without what only keeps the stream alive; false at its end.
func (l *listener) next() (sent, bool) {
	var s sent
	for {
		line, err := l.lines.ReadString('\n')
		if err != nil {
			return sent{}, false
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			s.ID, l.last = value, value
		case "event":
			s.Event = value
		case "data":
			s.Data = value
		case "":
			if line == "\n" && s.Data != "" {
				return s, true
			}
		}
	}
}

// beats waits for as many signs of life.
func (l *listener) beats(n int) {
	l.t.Helper()
	for n > 0 {
		line, err := l.lines.ReadString('\n')
		require.NoError(l.t, err)
		require.NotContains(l.t, line, "data")
		if strings.HasPrefix(line, "id: ") {
			n--
		}
	}
}

// expect wants events of these actions, in this order.
func (l *listener) expect(actions ...string) (all []sent) {
	l.t.Helper()
	for _, action := range actions {
		s, more := l.next()
		require.True(l.t, more, "the stream ended before %s", action)
		require.Equal(l.t, action, s.Event, s.Data)
		var body struct {
			Position int64  `json:"position"`
			Action   string `json:"action"`
		}
		require.NoError(l.t, json.Unmarshal([]byte(s.Data), &body))
		require.Equal(l.t, body.Position, s.position(l.t))
		require.Equal(l.t, action, body.Action)
		theContract().body(l.t, s.Event, "/components/schemas/Event", []byte(s.Data))
		all = append(all, s)
	}
	return all
}

// ends wants nothing more to come.
func (l *listener) ends() {
	l.t.Helper()
	s, more := l.next()
	require.False(l.t, more, "%v", s)
}

// refused is the error code of a stream that was not opened.
func (l *listener) refused(status int) string {
	l.t.Helper()
	text, err := io.ReadAll(l.body)
	require.NoError(l.t, err)
	require.Equal(l.t, status, l.status, string(text))
	var problem struct {
		Code string `json:"error_code"`
	}
	require.NoError(l.t, json.Unmarshal(text, &problem))
	return problem.Code
}

func (m *market) payOne(from, to teg.DID) {
	m.t.Helper()
	_, err := m.engine.Transfer(ctx(), teg.TransferParams{From: from, To: to, Amount: teg.AVT("1")})
	require.NoError(m.t, err)
}

// withStreams sets streams up so that what takes long in life takes moments.
func withStreams(change func(*server.Streams)) func(*server.Config) {
	return func(c *server.Config) {
		c.Streams = server.Streams{Beat: 20 * time.Millisecond, Recheck: 10 * time.Millisecond, Upgrade: websocket.Upgrade}
		if change != nil {
			change(&c.Streams)
		}
	}
}

// open waits until so many streams are open.
func (a *api) open(n int) {
	a.t.Helper()
	require.Eventually(a.t, func() bool { return a.server.OpenStreams() == n }, 2*time.Minute, time.Millisecond, fmt.Sprint(n))
}
