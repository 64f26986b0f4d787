package console_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/console"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// explaining is a console over a server that tells beforehand what comes of a call.
func explaining(s *stand, answer string) *browser {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/explain" {
			s.api.ServeHTTP(w, r)
			return
		}
		text, err := io.ReadAll(r.Body)
		require.NoError(s.t, err)
		require.True(s.t, strings.HasPrefix(string(text), `{"body":{`), string(text))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	})
	var err error
	s.console, err = console.New(console.Config{API: api, Secret: []byte("a secret for tests, of more than 32 bytes")})
	require.NoError(s.t, err)
	return s.loggedIn(s.alice)
}

// What comes of an act is shown beforehand, and one that would be refused is not offered.
func TestActsAreExplained(t *testing.T) {
	s := newStand(t, storeForOne(t))
	given := url.Values{"receiver_agent_id": {"did:example:bob"}, "amount": {"7"}}
	b := explaining(s, `{"allowed":true,"status":200,"replayed":false,"answer":{"transaction_id":"tx_01","status":"completed","new_sender_balance":"987.998"},"error":null,"reason":null}`)
	asked := b.post("/console/acts/pay", given)
	b.shows(asked, "The server would answer", "987.998", `title="tx_`)
	require.NotContains(t, asked.text, "/console/transactions/tx_", "there is no such transaction yet")
	b = explaining(s, `{"allowed":false,"status":400,"replayed":false,"answer":null,
		"error":{"error_code":"BIZ_INSUFFICIENT_BALANCE","message":"available 20 AVT","validation_errors":[{"field":"amount","message":"is too much"}]},
		"reason":{"rule":"balance.covers","index":null,"figures":[{"name":"available","value":"20","unit":"AVT"}],
		"would_pass":[{"field":"amount","do":"Ask for at most 19.999 AVT."}],"see":"docs/explain.md#balance"}}`)
	r := b.post("/console/acts/pay", given)
	b.shows(r, "The server would refuse it: available 20 AVT", "balance.covers", "20 AVT", "Ask for at most 19.999 AVT.", "is too much", `value="7"`)
	require.NotContains(t, r.text, `value="do"`)
	require.Equal(t, "15", s.available(s.bob))
}

// What each ruling would collect is asked of the server.
func TestRulingsAreForeseen(t *testing.T) {
	s := newStand(t, storeForOne(t))
	carol := tegtest.Fund(t, s.engine, "did:example:carol", "1")
	for _, status := range []teg.DisputeStatus{teg.DisputeUnderReview, teg.DisputeAwaitingArbitration} {
		_, err := s.engine.AdvanceDispute(t.Context(), teg.AdvanceDisputeParams{By: carol, DisputeID: s.dispute, Status: status})
		require.NoError(t, err)
	}
	explaining(s, `{"allowed":true,"answer":{"dispute_id":"disp_1","token_penalty":"50","penalty_collected":"15","penalty_outstanding":"35"}}`)
	b := s.loggedIn(carol, auth.Arbitrator)
	b.shows(b.get("/console/disputes/"+s.dispute.String()+"?penalty=50"), "collected at once: 15, left owed: 35")
	explaining(s, `{"allowed":false,"error":{"error_code":"AUTH_FORBIDDEN","message":"you are a party to it"}}`)
	b = s.loggedIn(carol, auth.Arbitrator)
	b.shows(b.get("/console/disputes/"+s.dispute.String()), "you are a party to it")
}
