package console_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
)

// slow is a store that adds up what happened only when it may.
type slow struct {
	store.Store
	may chan struct{}
}

func (s *slow) Reader() store.Reader { return &slowReader{s.Store.Reader(), s.may} }

type slowReader struct {
	store.Reader
	may chan struct{}
}

func (r *slowReader) ActivitySince(ctx context.Context, from time.Time, width time.Duration) (store.ActivityView, error) {
	select {
	case <-r.may:
		return r.Reader.ActivitySince(ctx, from, width)
	case <-ctx.Done():
		return store.ActivityView{}, ctx.Err()
	}
}

// The first page does not wait for what happened to be added up, but asks for it: whoever looks
// at it then waits for as long as it takes.
func TestOverviewDoesNotWaitForWhatHappened(t *testing.T) {
	st := &slow{storeForOne(t), make(chan struct{})}
	s := newStand(t, st)
	b := s.loggedIn(s.alice, auth.Admin)
	b.shows(b.get("/console"), "Where the supply lies", "being added up", `hx-get="/console?course"`)
	found := make(chan page)
	go func() { found <- b.get("/console?course") }()
	close(st.may)
	whole := <-found
	b.shows(whole, "Agents who paid")
	require.NotContains(t, whole.text, "being added up")
	require.Equal(t, http.StatusOK, b.get("/console").status)
	b.shows(b.get("/console"), "Agents who paid")
	require.NotRegexp(t, "level=(ERROR|WARN)", s.log)
}
