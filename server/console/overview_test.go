package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
)

// slow is a store that adds up what happened only when it may.
type slow struct {
	store.Store
	asked, may chan struct{}
}

func (s *slow) Reader() store.Reader { return &slowReader{s.Store.Reader(), s} }

type slowReader struct {
	store.Reader
	of *slow
}

func (r *slowReader) ActivitySince(ctx context.Context, from time.Time, width time.Duration) (store.ActivityView, error) {
	r.of.asked <- struct{}{}
	<-r.of.may
	return r.Reader.ActivitySince(ctx, from, width)
}

// The first page does not wait for what happened to be added up, but asks for it: whoever looks
// at it then waits for as long as it takes, and nothing is added up twice.
func TestOverviewDoesNotWaitForWhatHappened(t *testing.T) {
	st := &slow{storeForOne(t), make(chan struct{}, 1), make(chan struct{})}
	s := newStand(t, st)
	b := s.loggedIn(s.alice, auth.Admin)
	b.shows(b.get("/console"), "Where the supply lies", "being added up", `hx-get="/console?course"`)
	<-st.asked
	gone, leave := context.WithCancel(t.Context())
	leave()
	request := httptest.NewRequestWithContext(gone, http.MethodGet, base+"/console?course", http.NoBody)
	request.AddCookie(&http.Cookie{Name: "teg_console", Value: b.cookies["teg_console"]})
	s.console.ServeHTTP(httptest.NewRecorder(), request) // who does not wait keeps nobody

	waiting := time.AfterFunc(300*time.Millisecond, func() { close(st.may) }) // longer than the first page waited
	defer waiting.Stop()
	whole := b.get("/console?course")
	b.shows(whole, "Agents who paid")
	require.NotContains(t, whole.text, "being added up")
	require.Eventually(t, func() bool {
		p := b.get("/console")
		return p.status == http.StatusOK && !strings.Contains(p.text, "being added up")
	}, time.Minute, time.Millisecond)
	require.Empty(t, st.asked, "it was added up once")
	require.NotContains(t, s.log.String(), "level=ERROR")
}
