package console_test

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/console"
)

// The stream of a page is the API's, with the token of the session, as it comes.
func TestStreamIsPassedOn(t *testing.T) {
	s := newStand(t, storeForOne(t))
	token, next := s.token(s.alice), make(chan struct{})
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/events" || r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: "+r.URL.RawQuery+" "+r.Header.Get("Last-Event-ID")+"\n\n")
		_ = http.NewResponseController(w).Flush()
		<-next
		_, _ = io.WriteString(w, "data: more\n\n")
	})
	pages, err := console.New(console.Config{API: api, Secret: []byte("a secret for tests, of more than 32 bytes")})
	require.NoError(t, err)
	cookie, err := pages.Sealed(token)
	require.NoError(t, err)
	served := httptest.NewServer(pages)
	defer served.Close()
	request, err := http.NewRequestWithContext(t.Context(), "GET", served.URL+"/console/live/stream?types=transfer&evil=1", nil)
	require.NoError(t, err)
	request.AddCookie(&http.Cookie{Name: "teg_console", Value: cookie})
	request.Header.Set("Last-Event-ID", "7")
	response, err := served.Client().Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewReader(response.Body)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "data: types=transfer 7", strings.TrimSpace(line), "and no other parameter")
	close(next)
	rest, err := io.ReadAll(lines)
	require.NoError(t, err)
	require.Contains(t, string(rest), "data: more")
	require.Equal(t, http.StatusSeeOther, s.browser().get("/console/live/stream").status)
}

// Kinds of events are named as people write lists, and asked for as the API takes them; a script whose
// session has ended is told so.
func TestLive(t *testing.T) {
	s := newStand(t, storeForOne(t))
	b := s.loggedIn(s.alice)
	b.shows(b.get("/console/live?types=stake,+transfer"), `data-stream="/console/live/stream?types=stake%2Ctransfer"`)
	b.shows(b.get("/console/live?types=+,+"), `data-stream="/console/live/stream?"`)
	faulty := b.get("/console/live?agent_id=nobody")
	b.shows(faulty, "that is no DID")
	require.NotContains(t, faulty.text, "data-stream", "nothing is asked for that would be refused")
	r := s.browser().get("/console/live/stream", "HX-Request", "true")
	require.Equal(t, http.StatusUnauthorized, r.status)
}
