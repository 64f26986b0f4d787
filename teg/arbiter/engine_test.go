package arbiter_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/arbiter"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// tribunal is a service as somebody would write it: it keeps cases by their ids, and
// rules when it is told to.
type tribunal struct {
	mu       sync.Mutex
	cases    map[string]int // evidence of each
	rulings  []string       // one after the other; the last one stays
	requests int
	down     bool
}

func (s *tribunal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/cases"), "/")
	switch {
	case s.down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case r.Header.Get("Authorization") != "Bearer "+token:
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodPost && len(parts) == 1:
		var in struct {
			ID string `json:"case_id"`
		}
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.ID != r.Header.Get("Idempotency-Key") {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		if _, known := s.cases[in.ID]; known {
			w.WriteHeader(http.StatusConflict)
			return
		}
		s.cases[in.ID] = 0
		w.WriteHeader(http.StatusCreated)
	default:
		s.serveCase(w, r, parts)
	}
}

func (s *tribunal) serveCase(w http.ResponseWriter, r *http.Request, parts []string) {
	_, known := s.cases[parts[1]]
	switch {
	case !known:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodPost:
		s.cases[parts[1]]++
		w.WriteHeader(http.StatusCreated)
	case len(s.rulings) == 0:
		w.WriteHeader(http.StatusNoContent)
	default:
		says(s.rulings[0])(w, r)
		if len(s.rulings) > 1 {
			s.rulings = s.rulings[1:]
		}
	}
}

func (s *tribunal) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// A dispute goes to the service and comes back as a ruling, whatever happens to the
// service on the way.
func TestServiceDecides(t *testing.T) {
	s := &tribunal{cases: map[string]int{}, down: true}
	server := httptest.NewServer(s)
	defer server.Close()
	service, err := arbiter.New(arbiter.Config{URL: server.URL + "/v1", Token: token})
	require.NoError(t, err)
	ctx, clock := context.Background(), tegtest.NewClock()
	eng := tegtest.New(t, tegtest.WithClock(clock), func(c *teg.Config) { c.Arbitrator = service })
	alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "100")
	paid, err := eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("10")})
	require.NoError(t, err)
	d, err := eng.RaiseDispute(ctx, teg.RaiseDisputeParams{By: alice, Defendant: bob, TransactionID: paid.TransactionID, Reason: "LATE", Description: "late"})
	require.NoError(t, err)
	_, err = eng.AddEvidence(ctx, teg.EvidenceParams{By: alice, DisputeID: d.ID, Pointer: "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"})
	require.NoError(t, err)
	for _, status := range []teg.DisputeStatus{teg.DisputeUnderReview, teg.DisputeAwaitingArbitration} {
		_, err = eng.AdvanceDispute(ctx, teg.AdvanceDisputeParams{By: tegtest.Admin, DisputeID: d.ID, Status: status})
		require.NoError(t, err)
	}
	later := func() error {
		clock.Advance(10 * time.Minute)
		return eng.Tick(ctx)
	}
	require.ErrorIs(t, later(), teg.ErrUnavailable, "it is down")
	s.set(func() { s.down = false })
	require.NoError(t, later())
	require.Equal(t, map[string]int{d.ID.String(): 1}, s.cases)
	s.set(func() { s.cases = map[string]int{} })
	require.NoError(t, later(), "it lost everything")
	require.Equal(t, map[string]int{d.ID.String(): 1}, s.cases)
	s.set(func() {
		s.rulings = []string{
			`{"resolution_status":"RESOLVED_FAVOR_CLAIMANT","resolution_notes":"all of it","token_penalty":"1000"}`, // more than is disputed
			`{"resolution_status":"RESOLVED_FAVOR_CLAIMANT","resolution_notes":"late it was","token_penalty":"10"}`,
			`{"resolution_status":"RESOLVED_FAVOR_DEFENDANT","resolution_notes":"another opinion"}`,
		}
	})
	require.ErrorContains(t, later(), "at most the value in dispute")
	require.NoError(t, later())
	require.NoError(t, later())
	view, err := eng.Dispute(ctx, alice, d.ID)
	require.NoError(t, err)
	require.Equal(t, teg.DisputeFavorClaimant, view.Status)
	require.Equal(t, "late it was", view.Notes)
	require.Equal(t, "10", view.Collected.String())
	asked := s.requests
	require.NoError(t, later())
	require.Equal(t, asked, s.requests, "nobody asks about what has ended")
}
