package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// done has an act asked for and confirmed, as somebody does who reads what is shown.
func (b *browser) done(act string, given url.Values) page {
	b.t.Helper()
	r := b.post("/console/acts/"+act, given)
	b.shows(r, "This is what will be done")
	given.Set("step", "do")
	given.Set("key", between(r.text, `name="key" value="`, `"`))
	r = b.post("/console/acts/"+act, given)
	b.shows(r, "Done.")
	return r
}

// The queue has the worst first, and leads to all that there are.
func TestFlags(t *testing.T) {
	eachStand(t, func(s *stand) {
		for range 21 {
			_, err := s.engine.RaiseFlag(t.Context(), teg.RaiseFlagParams{By: tegtest.Admin, Agent: s.bob, Code: "MANY", Reason: "again", Severity: teg.SeverityCritical})
			require.NoError(s.t, err)
		}
		b := s.loggedIn(s.alice, auth.Auditor)
		r := b.get("/console/flags")
		b.shows(r, "a price as of a friend", "All 21 of them", "/flags?severity=CRITICAL&status=NEW", "flag_ids")
		require.Less(s.t, strings.Index(r.text, "MANY"), strings.Index(r.text, "a price as of a friend"), "the worst comes first")
		b.shows(b.get("/console/flags?severity=CRITICAL"), "21 in all")
		b.shows(b.get("/console/flags?status=RESOLVED"), "None.")
		b.shows(b.get("/console/flags?agent_id=nobody"), "that is no DID")
		require.Equal(s.t, http.StatusUnprocessableEntity, b.get("/console/flags?severity=SOME").status)
	})
}

// A flag is looked at, with the picture of its transactions, and moved on.
func TestFlag(t *testing.T) {
	eachStand(t, func(s *stand) {
		b := s.loggedIn(s.bob, auth.Auditor)
		path := "/console/flags/" + s.flag.String()
		b.shows(b.get(path), "a price as of a friend", "Who paid whom", "did:example:alice to did:example:bob: 5 AVT in 1", s.paid.String(), "Begin the review", "too good")
		b.done("flag-review", url.Values{"flag_id": {s.flag.String()}, "status": {"UNDER_REVIEW"}})
		b.shows(b.get(path), "Confirm it", "It is false")
		b.shows(b.done("flag-escalate", url.Values{"flag_id": {s.flag.String()}, "reason": {"it was three times"}}), `href="`+path+`"`)
		b.shows(b.get(path), "it was three times", "critical")
		b.done("flags-review", url.Values{"flag_ids": {s.flag.String() + "\n"}, "status": {"RESOLVED"}, "resolution_notes": {"so it is"}})
		r := b.get(path)
		b.shows(r, "so it is", "resolved")
		require.NotContains(s.t, r.text, "Escalate")
		require.Equal(s.t, http.StatusNotFound, b.get("/console/flags/flag_00000000000000000000000000000001").status)
		b.shows(b.get("/console/acts/flags-review?flag_ids=flag_1&flag_ids=flag_2"), "flag_1\nflag_2")
	})
}

// A rule is tried with other thresholds before it is set so.
func TestRule(t *testing.T) {
	eachStand(t, func(s *stand) {
		for range 3 {
			_, err := s.engine.Transfer(t.Context(), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("1")})
			require.NoError(s.t, err)
		}
		b := s.loggedIn(s.bob, auth.Admin)
		b.shows(b.get("/console/rules"), "high velocity transfers", "max transfers")
		path := "/console/rules/HIGH_VELOCITY_TRANSFERS"
		b.shows(b.get(path), "Show what it would have flagged")
		r := b.get(path + "?max_transfers=2&window_seconds=300&from=2026-01-01&try=1")
		b.shows(r, "What it would have flagged", "more than 2 payments", "did:example:alice", "/admin/auditor/rules/trial", `"thresholds":{"max_transfers":2}`, "Set it so")
		require.Contains(s.t, r.text, `<th scope="row">as they are set</th><td class="num">0</td>`)
		require.Contains(s.t, r.text, `<th scope="row">as they would be, and at work</th><td class="num">1</td>`)
		b.shows(b.get(path+"?max_transfers=few&try=1"), "is no number")
		require.Equal(s.t, http.StatusUnprocessableEntity, b.get(path+"?max_transfers=0&try=1").status, "the server says what it may be")
		require.Equal(s.t, http.StatusNotFound, b.get("/console/rules/NONE").status)
		b.done("rule-set", url.Values{"code": {"HIGH_VELOCITY_TRANSFERS"}, "shadow": {"true"}, "thresholds": {`{"max_transfers":2}`}})
		b.shows(b.get(path), "in shadow", `value="2"`)
		require.NotContains(s.t, s.loggedIn(s.bob, auth.Auditor).get(path).text, "Switch it off")
	})
}
