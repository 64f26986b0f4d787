package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

const jurySalt = "abcdefghijklmnopqrstuvwxyz"

// judging is a market in which a dispute waits for three jurors.
type judging struct {
	*market
	dispute teg.DisputeID
	jurors  map[string]string // tokens, by DID
}

func newJudging(t *testing.T, st store.Store) *judging {
	m := newMarketWith(t, st, func(c *teg.Config) {
		terms := teg.DefaultPanelTerms()
		terms.MinReputation = 0
		c.Panel = &terms
	})
	j := &judging{market: m, jurors: map[string]string{}}
	for i := range 3 {
		juror := tegtest.Fund(t, m.engine, fmt.Sprintf("did:example:juror%d", i), "100")
		j.jurors[juror.String()] = m.token(juror)
		m.stake(m.token(juror), "20")
	}
	m.clock.Advance(time.Second)
	paid := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"7"}`).is(200, "").at("transaction_id").(string)
	filed := m.post("/dispute/file", m.aliceToken, `{"defendant_agent_id":"did:example:bob","transaction_id":"`+paid+`","reason_code":"LATE","brief_description":"late"}`).is(201, "")
	id, err := teg.ParseDisputeID(filed.at("dispute_id").(string))
	require.NoError(t, err)
	j.dispute = id
	for _, status := range []string{"UNDER_REVIEW", "AWAITING_ARBITRATION"} {
		m.put("/admin/disputes/"+id.String()+"/status", m.admins, `{"status":"`+status+`"}`).is(200, "")
	}
	require.NoError(t, m.engine.Tick(ctx()))
	return j
}

func (j *judging) path(more string) string { return "/dispute/" + j.dispute.String() + "/panel" + more }

func (j *judging) commitment(juror string) string {
	return teg.Commitment(j.dispute, 1, teg.Agent(juror), teg.ChoiceForClaimant, jurySalt)
}

// A panel over HTTP, from the draw to the ruling.
func TestPanel(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		j := newJudging(t, open(t))
		round := j.get(j.path(""), j.aliceToken).is(200, "").at("rounds", 0).(map[string]any)
		require.Equal(t, "committing", round["status"])
		require.Len(t, round["seats"], 3)
		require.Regexp(t, `^[0-9a-f]{64}$`, round["draw"].(map[string]any)["seed"])
		require.Contains(t, round["draw"].(map[string]any)["roll"], "did:example:juror1 20\n")
		for _, token := range []string{j.bobToken, j.admins, j.token(teg.Agent("did:example:eve"), auth.Arbitrator), j.token(teg.Agent("did:example:ann"), auth.Auditor)} {
			j.get(j.path(""), token).is(200, "")
		}
		stranger := j.caller("did:example:stranger", auth.Agent)
		j.get(j.path(""), stranger).is(404, "BIZ_ENTITY_NOT_FOUND")
		j.post(j.path("/commit"), stranger, `{"commitment":"`+strings.Repeat("0", 64)+`"}`).is(404, "BIZ_ENTITY_NOT_FOUND")
		j.post(j.path("/commit"), j.aliceToken, `{"commitment":"`+strings.Repeat("0", 64)+`"}`).is(404, "BIZ_ENTITY_NOT_FOUND")

		for juror, token := range j.jurors {
			j.get("/dispute/"+j.dispute.String(), token).is(200, "")
			mine := j.get("/dispute/panels?open_only=true", token).is(200, "")
			require.Equal(t, json.Number("1"), mine.at("total"))
			require.Equal(t, j.dispute.String(), mine.at("panels", 0, "dispute_id"))
			require.Equal(t, "committing", mine.at("panels", 0, "status"))
			j.post(j.path("/reveal"), token, `{"choice":"RESOLVED_SPLIT","salt":"`+jurySalt+`"}`).is(409, "BIZ_INVALID_STATE")
			body := `{"commitment":"` + j.commitment(juror) + `"}`
			r := j.post(j.path("/commit"), token, body).is(200, "")
			require.Equal(t, j.commitment(juror), r.at("commitment"))
			require.Empty(t, r.header.Get("Idempotency-Replayed"))
			require.Equal(t, "true", j.post(j.path("/commit"), token, body).is(200, "").header.Get("Idempotency-Replayed"))
			j.post(j.path("/commit"), token, `{"commitment":"`+strings.Repeat("0", 64)+`"}`).is(409, "BIZ_ALREADY_EXISTS")
		}
		require.NoError(t, j.engine.Tick(ctx()))
		for _, token := range j.jurors {
			j.post(j.path("/reveal"), token, `{"choice":"RESOLVED_SPLIT","salt":"`+jurySalt+`"}`).is(422, "VALIDATION_INVALID_INPUT")
			r := j.post(j.path("/reveal"), token, `{"choice":"RESOLVED_FAVOR_CLAIMANT","salt":"`+jurySalt+`"}`).is(200, "")
			require.Equal(t, "RESOLVED_FAVOR_CLAIMANT", r.at("choice"), "its own")
			require.Nil(t, j.get(j.path(""), j.aliceToken).at("rounds", 0, "seats", 0, "choice"), "nobody else sees it yet")
		}
		require.NoError(t, j.engine.Tick(ctx()))
		ended := j.get(j.path(""), j.bobToken).is(200, "")
		require.Equal(t, "ruled", ended.at("rounds", 0, "status"))
		require.Equal(t, "RESOLVED_FAVOR_CLAIMANT", ended.at("rounds", 0, "ruling"))
		require.Equal(t, "RESOLVED_FAVOR_CLAIMANT", ended.at("rounds", 0, "seats", 0, "choice"))
		require.Nil(t, ended.at("rounds", 0, "deadline"))
		d := j.get("/dispute/"+j.dispute.String(), j.aliceToken).is(200, "")
		require.Equal(t, "RESOLVED_FAVOR_CLAIMANT", d.at("status"))
		require.Equal(t, "7", d.at("penalty_collected"))
		require.Equal(t, "did:agentvault:arbitrator", d.at("timeline", 3, "actor"))
	})
}

func TestPanelShapes(t *testing.T) {
	m := newMarket(t)
	none := "/dispute/disp_00000000000000000000000000000001/panel"
	m.get(none, m.aliceToken).is(404, "BIZ_ENTITY_NOT_FOUND")
	m.get("/dispute/nonsense/panel", m.admins).is(404, "BIZ_ENTITY_NOT_FOUND")
	require.Equal(t, json.Number("0"), m.get("/dispute/panels", m.aliceToken).is(200, "").at("total"))
	for path, bodies := range map[string][]string{
		"/commit": {`{}`, `{"commitment":""}`, `{"commitment":"` + strings.Repeat("F", 64) + `"}`, `{"commitment":1}`, `{"commitment":"` + strings.Repeat("0", 64) + `","x":1}`},
		"/reveal": {`{}`, `{"choice":"REJECTED","salt":"` + jurySalt + `"}`, `{"choice":"RESOLVED_SPLIT"}`, `{"choice":"RESOLVED_SPLIT","salt":"short"}`},
	} {
		for _, body := range bodies {
			r := m.post(none+path, m.aliceToken, body).is(422, "VALIDATION_INVALID_INPUT")
			require.NotContains(t, r.text, "short", "a salt is a secret")
		}
	}
	for _, query := range []string{"?limit=0", "?limit=1001", "?open_only=maybe", "?cursor=x", "?who=me"} {
		m.get("/dispute/panels"+query, m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
	}
	m.send("GET", prefix+none, "", "").is(401, "AUTH_MISSING_TOKEN")
}
