package server_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

func stripped(agent, roles string) string {
	return `{"agent_id":"did:example:` + agent + `","revoked_roles":[` + roles + `],"reason":"x"}`
}

// Whoever is stripped of a role lacks it with the next request, whatever token it has
// and whichever server it asks, and has it again with the next one after it is given
// back.
func TestStrippedRoles(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		other := over(t, m.engine)
		aud := m.token(teg.Agent("did:example:aud"), auth.Auditor, auth.Arbitrator)
		reads := func(status int, code string) {
			t.Helper()
			other.get("/admin/metrics", aud).is(status, code)
			m.get("/admin/auditor/flags", aud).is(status, code)
		}
		reads(200, "")
		r := m.put("/admin/accounts/roles", m.admins, stripped("aud", `"auditor","admin"`)).is(200, "")
		require.Equal(t, map[string]any{"agent_id": "did:example:aud", "revoked_roles": []any{"auditor", "admin"}, "reason": "x"}, r.body)
		reads(403, "AUTH_FORBIDDEN")
		m.get("/admin/disputes", aud).is(200, "")
		m.get("/token/balance", aud).is(200, "")
		require.Equal(t, []any{}, m.put("/admin/accounts/roles", m.admins, stripped("aud", "")).is(200, "").at("revoked_roles"))
		reads(200, "")
	})
}

// What a role lets its holder see of others it does not see without it, on routes that
// are everybody's too.
func TestStrippedOfWhatItSees(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		paid := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10"}`).is(200, "").at("transaction_id").(string)
		m.post("/token/"+paid+"/reputation-signal", m.aliceToken, `{"signal_value":1}`).is(200, "")
		dispute := m.post("/dispute/file", m.aliceToken, `{"defendant_agent_id":"did:example:bob","transaction_id":"`+paid+`","reason_code":"NOT_DELIVERED","brief_description":"x"}`).is(201, "").at("dispute_id").(string)
		all := m.token(teg.Agent("did:example:all"), auth.Auditor, auth.Arbitrator, auth.Admin, auth.System)
		sees := func(paths map[string]bool) {
			t.Helper()
			for path, may := range paths {
				r := m.get(path, all)
				require.Equal(t, may, r.status == 200, "%s: %s", path, r.text)
			}
		}
		history := func() any {
			return m.get("/reputation/history/did:example:bob", all).is(200, "").at("history", 0, "related_transaction_id")
		}
		report := func(id string) reply {
			return m.post("/avtp/report-transaction", all, `{"avtp_transaction_id":"`+id+`","initiating_agent_did":"did:example:alice","responding_agent_did":"did:example:bob","outcome_status":"SUCCESS"}`)
		}
		paths := func(may bool) map[string]bool {
			return map[string]bool{"/token/transactions/" + paid: may, "/dispute/" + dispute: may}
		}
		sees(paths(true))
		require.Equal(t, paid, history())
		report("1").is(201, "")
		m.put("/admin/accounts/roles", m.admins, stripped("all", `"auditor","arbitrator","admin","system"`)).is(200, "")
		sees(paths(false))
		require.Nil(t, history())
		require.NotEqual(t, 201, report("2").status, "it is no party, and not the platform any more")
	})
}

// A suspended admin starts nothing, sees nothing of others, and reads its own; a wrong
// shape is told before the suspension, as everywhere.
func TestSuspendedAdmin(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		bad := m.token(teg.Agent("did:example:bad"), auth.Admin)
		paid := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10"}`).is(200, "").at("transaction_id").(string)
		m.get("/admin/treasury", bad).is(200, "")
		m.get("/token/transactions/"+paid, bad).is(200, "")
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:bad","reason":"stole","duration_days":2}`).is(200, "")
		for _, path := range []string{"/admin/treasury", "/admin/audit-log", "/admin/metrics", "/admin/auditor/rules"} {
			r := m.get(path, bad).is(403, "AUTH_AGENT_SUSPENDED")
			require.Contains(t, r.at("message"), "stole")
		}
		suspend := `{"agent_id":"did:example:alice","reason":"x"}`
		m.post("/admin/accounts/suspend", bad, suspend).is(403, "AUTH_AGENT_SUSPENDED")
		m.post("/admin/accounts/suspend", bad, `{}`).is(422, "VALIDATION_INVALID_INPUT")
		m.post("/admin/bootstrap-tokens/generate", bad, `{}`).is(403, "AUTH_AGENT_SUSPENDED")
		m.put("/admin/accounts/roles", bad, stripped("root", `"admin"`)).is(403, "AUTH_AGENT_SUSPENDED")
		m.get("/token/transactions/"+paid, bad).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/token/balance", bad).is(200, "")
		m.get("/agent/profile", bad).is(200, "")
		m.put("/admin/accounts/roles", m.admins, stripped("bad", `"admin"`)).is(200, "")
		m.get("/admin/treasury", bad).is(403, "AUTH_FORBIDDEN")
	})
}

func TestRolesShape(t *testing.T) {
	m := newMarket(t)
	m.get("/admin/treasury", m.admins).is(200, "") // makes the profile of root
	for body, field := range map[string]string{
		`{"agent_id":"did:example:bob","reason":"x"}`:                    "revoked_roles",
		stripped("bob", `"agent"`):                                       "revoked_roles[0]",
		stripped("bob", `"auditor","root"`):                              "revoked_roles[1]",
		stripped("bob", `"auditor","auditor"`):                           "revoked_roles[1]",
		stripped("root", `"admin"`):                                      "revoked_roles",
		`{"agent_id":"did:example:bob","revoked_roles":[],"reason":" "}`: "reason",
	} {
		r := m.put("/admin/accounts/roles", m.admins, body).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, field, r.at("validation_errors", 0, "field"), body)
	}
	m.put("/admin/accounts/roles", m.admins, stripped("nobody", "")).is(404, "BIZ_ENTITY_NOT_FOUND")
	m.put("/admin/accounts/roles", m.aliceToken, stripped("bob", "")).is(403, "AUTH_FORBIDDEN")
}

// A role that cannot be looked up is not taken to be in force.
func TestRolesWithoutDatabase(t *testing.T) {
	m := newMarket(t)
	m.get("/admin/treasury", m.admins).is(200, "") // the token is known from now on
	gone, cancel := context.WithCancel(ctx())
	cancel()
	m.sendIn(gone, prefix+"/admin/treasury", m.admins).is(503, "SYS_UNAVAILABLE")
	m.sendIn(gone, "/health/live", m.admins).is(200, "")
}
