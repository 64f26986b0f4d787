package server_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
)

// newPolicy is the body that asks for a policy.
func newPolicy(code, of, parameters string) string {
	return fmt.Sprintf(`{"policy_code":"%s","policy_name":"policy %s","policy_type":"%s","enforcement_level":"mandatory","parameters":%s}`, code, code, of, parameters)
}

// govern makes a policy and returns its path.
func (m *market) govern(code, of, parameters string) string {
	m.t.Helper()
	r := m.post("/governance/policies", m.admins, newPolicy(code, of, parameters)).is(201, "")
	return "/governance/policies/" + r.at("policy_id").(string)
}

func (m *market) remove(path, token string, headers ...string) reply {
	return m.send("DELETE", prefix+path, token, "", headers...)
}

func TestPolicies(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		body := `{"policy_code":"fees","policy_name":"Fees","policy_type":"economic","description":"why","parameters":{"transfer_fee":0.50},"enforcement_level":"mandatory"}`
		r := m.post("/governance/policies", m.admins, body, "Idempotency-Key", "k").is(201, "")
		id := r.at("policy_id").(string)
		require.True(t, strings.HasPrefix(id, "pol_"))
		want := map[string]any{
			"policy_id": id, "policy_code": "fees", "policy_name": "Fees", "policy_type": "economic", "description": "why",
			"parameters": map[string]any{"transfer_fee": "0.5"}, "reward_amount": "0", "circuit_identifier": nil, "enforcement_level": "mandatory",
			"is_active": true, "version": json.Number("1"), "updated_by": "did:example:root",
			"created_at": "2026-01-01T12:00:00.000000Z", "updated_at": "2026-01-01T12:00:00.000000Z",
		}
		require.Equal(t, want, r.body)
		again := m.post("/governance/policies", m.admins, strings.Replace(body, "0.50", `"0.5"`, 1), "Idempotency-Key", "k").is(201, "")
		require.Equal(t, []any{r.text, "true"}, []any{again.text, again.header.Get("Idempotency-Replayed")})
		require.Equal(t, "0.5", m.get("/token/fees/config", "").at("min_fee_amount"))
		require.Equal(t, "0.5", m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`).is(200, "").at("fee_amount"))

		m.clock.Advance(time.Minute)
		path := "/governance/policies/" + id
		second := m.put(path, m.admins, `{"parameters":{"transfer_fee":"0.25","signal_pair_limit":2},"policy_code":"fees"}`).is(200, "")
		require.Equal(t, []any{json.Number("2"), "2026-01-01T12:01:00.000000Z", "Fees"}, []any{second.at("version"), second.at("updated_at"), second.at("policy_name")})
		require.Equal(t, "0.25", m.get("/token/fees/calculate?amount=1", "").at("fee_amount"))
		third := m.remove(path, m.admins).is(200, "")
		require.Equal(t, []any{false, json.Number("3")}, []any{third.at("is_active"), third.at("version")})
		require.Equal(t, "0.001", m.get("/token/fees/config", "").at("min_fee_amount"))
		m.remove(path, m.admins).is(409, "BIZ_INVALID_STATE")
		m.put(path, m.admins, `{"policy_name":"x"}`).is(409, "BIZ_INVALID_STATE")
		m.put(path, m.admins, `{"is_active":true,"enforcement_level":"advisory"}`).is(200, "")
		require.Equal(t, "0.001", m.get("/token/fees/config", "").at("min_fee_amount"))

		one := m.get(path, "").is(200, "")
		versions := one.at("versions").([]any)
		require.Len(t, versions, 4)
		require.Equal(t, []any{want, second.body, third.body}, versions[:3])
		require.Equal(t, []any{json.Number("4"), "advisory"}, []any{one.at("version"), one.at("versions", 3, "enforcement_level")})
		log := m.get("/admin/audit-log?action=put_policy", m.admins).is(200, "")
		require.Len(t, log.at("entries"), 3)
		require.Equal(t, "did:example:root", log.at("entries", 0, "actor"))
		require.Contains(t, log.text, id)
	})
}

func TestPolicyLists(t *testing.T) {
	m := newMarket(t)
	m.govern("fees", "economic", `{"transfer_fee":"1"}`)
	gone := m.govern("old", "attestation", `{}`)
	m.remove(gone, m.admins).is(200, "")
	r := m.post("/governance/policies", m.admins, `{"policy_code":"markup","policy_name":"Fair markup","policy_type":"attestation","reward_amount":5,
		"circuit_identifier":"fair_markup","parameters":{"daily_limit":3,"data_schema":{"type":"object"}},"enforcement_level":"mandatory"}`).is(201, "")
	codes := func(target, token string) (list []any) {
		for _, each := range m.get(target, token).is(200, "").at("policies").([]any) {
			list = append(list, each.(map[string]any)["policy_code"])
		}
		return list
	}
	require.Equal(t, []any{"markup", "old", "fees"}, codes("/governance/policies", ""))
	require.Equal(t, []any{"markup", "fees"}, codes("/governance/policies?active_only=true", m.aliceToken))
	require.Equal(t, []any{"fees"}, codes("/governance/policies?policy_type=economic", ""))
	require.Equal(t, []any{"old"}, codes("/governance/policies?policy_type=attestation&offset=1&active_only=false", ""))
	require.Empty(t, codes("/governance/policies?policy_type=dispute", ""))
	require.Equal(t, []any{"markup"}, codes("/attestation/policies?active_only=true", ""))
	all := m.get("/attestation/policies", "").is(200, "")
	require.Equal(t, json.Number("2"), all.at("total"))
	require.Equal(t, map[string]any{
		"policy_id": r.at("policy_id"), "policy_code": "markup", "policy_name": "Fair markup", "policy_type": "attestation", "reward_amount": "5",
		"circuit_identifier": "fair_markup", "parameters": map[string]any{"daily_limit": json.Number("3"), "data_schema": map[string]any{"type": "object"}}, "is_active": true,
	}, all.at("policies", 0))
	first := m.get("/governance/policies?limit=2", "").is(200, "")
	next := "/governance/policies?limit=2&cursor=" + url.QueryEscape(first.at("next_cursor").(string))
	m.govern("newer", "dispute", `{}`)
	require.Equal(t, []any{"fees"}, codes(next, ""), "what is newer moves nothing")
	require.Nil(t, m.get(next, "").at("next_cursor"))
	for _, bad := range []string{"?policy_type=x", "?active_only=1", "?limit=0", "?cursor=x", "?type=economic"} {
		m.get("/governance/policies"+bad, "").is(422, "VALIDATION_INVALID_INPUT")
	}
	m.get("/attestation/policies?policy_type=economic", "").is(422, "VALIDATION_INVALID_INPUT")
}

// What was in force at an instant is shown by the names that policies use.
func TestTermsInForce(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		before := m.get("/governance/terms", "").is(200, "")
		require.Equal(t, []any{json.Number("0"), nil, "0.001", "168h0m0s"},
			[]any{before.at("version"), before.at("since"), before.at("economic", "transfer_fee"), before.at("dispute", "dispute_open_period")})
		m.govern("fees", "economic", `{"transfer_fee":"1","unstaking_period":60}`)
		m.clock.Advance(time.Hour)
		m.govern("disputes", "dispute", `{"dispute_bond":"3"}`)
		now := m.get("/governance/terms", m.aliceToken).is(200, "")
		require.Equal(t, []any{json.Number("2"), "2026-01-01T13:00:00.000000Z", "1", "3"},
			[]any{now.at("version"), now.at("since"), now.at("economic", "transfer_fee"), now.at("dispute", "dispute_bond")})
		require.Equal(t, now.text, m.get("/governance/terms?at=2030-01-01", "").text)
		then := m.get("/governance/terms?at=2026-01-01T12:30:00Z", "").is(200, "")
		require.Equal(t, []any{json.Number("1"), "1m0s", "0"}, []any{then.at("version"), then.at("economic", "unstaking_period"), then.at("dispute", "dispute_bond")})
		require.Equal(t, before.text, m.get("/governance/terms?at=2025-12-31", "").text)
		m.get("/governance/terms?at=yesterday", "").is(422, "VALIDATION_INVALID_INPUT")
	})
}

func TestPoliciesRefused(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		auditor := m.auditor()
		path := m.govern("fees", "economic", `{"transfer_fee":"1"}`)
		m.unchanged(func() {
			body := newPolicy("x", "economic", `{}`)
			m.post("/governance/policies", auditor, body).is(403, "AUTH_FORBIDDEN")
			m.put(path, m.aliceToken, `{}`).is(403, "AUTH_FORBIDDEN")
			m.remove(path, "").is(401, "AUTH_MISSING_TOKEN")
			for body, fields := range map[string][]string{
				`{}`: {"enforcement_level", "policy_code", "policy_name", "policy_type"},
				`{"policy_code":"","policy_name":"","policy_type":"law","enforcement_level":"strict","x":1}`: {"enforcement_level", "policy_code", "policy_name", "policy_type", "x"},
				newPolicy("x", "economic", `[]`):                                                                              {"parameters"},
				newPolicy("x y", "economic", `{"dispute_bond":"1"}`):                                                          {"parameters.dispute_bond", "policy_code"},
				newPolicy("x", "economic", `{"transfer_fee":"-1"}`):                                                           {"parameters.transfer_fee"},
				newPolicy("x", "economic", `{"a":1,"a":2}`):                                                                   {"parameters.a"},
				newPolicy("x", "attestation", `{"cooldown":1}`):                                                               {"parameters.cooldown"},
				newPolicy("x", "attestation", `{"data_schema":{"type":"thing"}}`):                                             {"parameters.data_schema"},
				newPolicy("x", "attestation", `{"data_schema":{"$ref":"file:///etc/passwd"}}`):                                {"parameters.data_schema"},
				newPolicy("x", "attestation", `{"data_schema":"x"}`):                                                          {"parameters.data_schema"},
				newPolicy("x", "auditor", `{"rules":[{"code":"NONE"}]}`):                                                      {"parameters.rules"},
				newPolicy("x", "economic", `{"slashing_enabled":true}`):                                                       {"parameters.unstaking_period"},
				strings.Replace(newPolicy("x", "economic", `{}`), `{"`, `{"reward_amount":"1","circuit_identifier":"c","`, 1): {"circuit_identifier", "reward_amount"},
			} {
				require.Equal(t, fields, m.post("/governance/policies", m.admins, body).is(422, "VALIDATION_INVALID_INPUT").faults(), body)
			}
			m.post("/governance/policies", m.admins, newPolicy("fees", "dispute", `{}`)).is(409, "BIZ_ALREADY_EXISTS")
			m.post("/governance/policies", m.admins, newPolicy("x", "economic", `{"transfer_fee":"2"}`)).is(409, "BIZ_ALREADY_EXISTS")
			for body, field := range map[string]string{
				`{"policy_code":"other"}`: "policy_code", `{"policy_type":"dispute"}`: "policy_type", `{"is_active":false}`: "is_active", `{"policy_name":""}`: "policy_name",
				`{"parameters":{"x":1}}`: "parameters.x", `{"reward_amount":"1"}`: "reward_amount", `{"parameters":{"transfer_fee_max":"0.5","transfer_fee":"1"}}`: "parameters.transfer_fee_max",
				`{"version":2}`: "version",
			} {
				require.Equal(t, []string{field}, m.put(path, m.admins, body).is(422, "VALIDATION_INVALID_INPUT").faults(), body)
			}
			for _, none := range []string{"/governance/policies/pol_1", "/governance/policies/pol_" + strings.Repeat("0", 31) + "1"} {
				m.get(none, "").is(404, "BIZ_ENTITY_NOT_FOUND")
				m.put(none, m.admins, `{"policy_name":"x"}`).is(404, "BIZ_ENTITY_NOT_FOUND")
				m.remove(none, m.admins).is(404, "BIZ_ENTITY_NOT_FOUND")
			}
		})
		require.Equal(t, json.Number("1"), m.get(path, "").at("version"))
		root := m.token(m.alice, auth.Admin)
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:alice","reason":"spam"}`).is(200, "")
		m.remove(path, root).is(403, "AUTH_AGENT_SUSPENDED")
	})
}
