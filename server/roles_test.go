package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation/groth16"
	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// everyWrite is a request of the right shape to each route that is no GET. An agent that
// is suspended gets 403 from it, whatever else is wrong with the request.
var everyWrite = map[string]string{
	"POST /token/transfer":                             `{"receiver_agent_id":"did:example:bob","amount":"1"}`,
	"POST /token/transfer/to-system":                   `{"system_account_type":"treasury","amount":"1"}`,
	"POST /token/transfer/bulk":                        `{"transfers":[{"receiver_agent_id":"did:example:bob","amount":"1"}],"atomic":true}`,
	"POST /token/transactions/{transaction_id}/refund": `{}`,
	"POST /token/holds":                                `{"receiver_agent_id":"did:example:bob","amount":"1"}`,
	"POST /token/holds/{hold_id}/capture":              `{}`,
	"POST /token/holds/{hold_id}/void":                 `{}`,
	"POST /token/{transaction_id}/reputation-signal":   `{"signal_value":1}`,
	"POST /agent/deactivate":                           `{}`,
	"POST /agent/stake":                                `{"amount":"1"}`,
	"POST /agent/unstake":                              `{"stake_id":"stake_` + someID + `"}`,
	"POST /agent/delegate":                             `{"stake_id":"stake_` + someID + `","validator_agent_id":"did:example:bob"}`,
	"POST /agent/undelegate":                           `{"delegation_id":"del_` + someID + `"}`,
	"POST /agent/rewards/claim":                        `{}`,
	"POST /avtp/report-transaction":                    `{"avtp_transaction_id":"x","initiating_agent_did":"did:example:bad","responding_agent_did":"did:example:bob","outcome_status":"SUCCESS"}`,
	"POST /attestation/submit":                         `{"attestation_type":"x","attestation_data":{}}`,
	"POST /dispute/file":                               `{"defendant_agent_id":"did:example:bob","transaction_id":"tx_` + someID + `","reason_code":"x","brief_description":"x"}`,
	"POST /dispute/{dispute_id}/evidence":              `{"evidence_pointer":"ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"}`,
	"POST /dispute/{dispute_id}/respond":               `{"response":"x"}`,
	"POST /dispute/{dispute_id}/withdraw":              `{}`,
	"POST /dispute/{dispute_id}/panel/commit":          `{"commitment":"` + strings.Repeat("a", 64) + `"}`,
	"POST /dispute/{dispute_id}/panel/reveal":          `{"choice":"RESOLVED_SPLIT","salt":"` + strings.Repeat("a", 32) + `"}`,
	"PUT /admin/disputes/{dispute_id}/status":          `{"status":"UNDER_REVIEW"}`,
	"PUT /admin/disputes/{dispute_id}/resolve":         `{"resolution_status":"RESOLVED_FAVOR_CLAIMANT","resolution_notes":"x"}`,
	"POST /auditor/flag":                               `{"flagged_agent_did":"did:example:bob","rule_violated_code":"X","flag_reason":"x","severity":"LOW"}`,
	"POST /admin/auditor/flags/bulk-update":            `{"flag_ids":["flag_` + someID + `"],"status":"UNDER_REVIEW"}`,
	"PUT /admin/auditor/flags/{flag_id}":               `{"status":"UNDER_REVIEW"}`,
	"POST /admin/auditor/flags/{flag_id}/escalate":     `{"reason":"x"}`,
	"PUT /admin/auditor/rules":                         `{"rules":[{"code":"HIGH_VELOCITY_TRANSFERS","enabled":true}]}`,
	"POST /admin/auditor/rules/trial":                  `{"rules":[{"code":"HIGH_VELOCITY_TRANSFERS","enabled":true}]}`,
	"POST /governance/policies":                        `{"policy_code":"x","policy_name":"x","policy_type":"attestation","enforcement_level":"mandatory","parameters":{"attestation_type":"x"}}`,
	"PUT /governance/policies/{policy_id}":             `{"policy_name":"x"}`,
	"DELETE /governance/policies/{policy_id}":          ``,
	"PUT /admin/attestations/{submission_id}":          `{"approved":true}`,
	"POST /admin/circuits":                             registerCircuit(),
	"POST /admin/tokens/issue":                         `{"recipient_agent_id":"did:example:bob","amount":"1","reason":"x"}`,
	"POST /admin/tokens/burn":                          `{"amount":"1","reason":"x"}`,
	"POST /admin/tokens/adjust":                        `{"from_agent_id":"did:example:bob","to_agent_id":"did:example:bad","amount":"1","reason":"x"}`,
	"POST /admin/accounts/suspend":                     `{"agent_id":"did:example:bob","reason":"x"}`,
	"PUT /admin/accounts/roles":                        `{"agent_id":"did:example:bob","revoked_roles":[],"reason":"x"}`,
	"POST /admin/bootstrap-tokens/generate":            `{}`,
	"POST /onboarding/validate-token":                  `{"bootstrap_token":"x"}`,
	"POST /onboarding/register":                        `{"bootstrap_token":"x","agent_did":"did:example:bad"}`,
	"POST /auth/challenge":                             `{"agent_did":"did:example:bad"}`,
	"POST /auth/token":                                 `{"agent_did":"did:example:bad","challenge":"x","signature":"x"}`,
	"POST /auth/refresh":                               `{"refresh_token":"x"}`,
	"POST /auth/revoke":                                `{"refresh_token":"x"}`,
	"POST /webhooks":                                   `{"url":"https://a.example"}`,
	"PUT /webhooks/{webhook_id}":                       `{}`,
	"DELETE /webhooks/{webhook_id}":                    ``,
	"POST /webhooks/{webhook_id}/pause":                `{}`,
	"POST /webhooks/{webhook_id}/resume":               `{}`,
	"POST /webhooks/{webhook_id}/rotate-secret":        `{}`,
	"POST /webhooks/{webhook_id}/test":                 `{}`,
	"POST /webhooks/{webhook_id}/resend":               `{"message_id":"msg_` + someID + `"}`,
	"POST /admin/accounts/reactivate":                  `{"agent_id":"did:example:bad","reason":"x"}`,
	"POST /admin/staking/trigger-reward-cycle":         `{}`,
	"POST /admin/staking/slash":                        `{"validator_agent_id":"did:example:bob","percentage":"1","evidence_id":"x","reason":"x"}`,
}

// registerCircuit has a key that may be used: others are refused for their shape.
func registerCircuit() string {
	circuit := prooftest.FairMarkup()
	return fmt.Sprintf(`{"circuit_id":"x","verifying_key":%s,"public_input_names":["%s"]}`, circuit.Key, strings.Join(circuit.PublicInputNames, `","`))
}

const someID = "00000000000000000000000000000001"

// whileSuspended are the writes that are answered otherwise, and how: responding to a
// dispute is allowed; logins, of which this server has none, and onboarding ask for no role.
var whileSuspended = map[string]int{
	"POST /dispute/{dispute_id}/respond": 404,
	"POST /onboarding/validate-token":    200,
	"POST /onboarding/register":          401,
	"POST /auth/challenge":               404,
	"POST /auth/token":                   404,
	"POST /auth/refresh":                 404,
	"POST /auth/revoke":                  404,
}

// An agent that is suspended reads its own and responds, and does nothing else, whatever
// roles its token has, for these rest; who is suspended as an admin does not lift that.
func TestEveryRouteWhileSuspended(t *testing.T) {
	t.Parallel()
	m := newMarketWith(t, memory(t), func(c *teg.Config) { c.Proofs = groth16.New() })
	bad := tegtest.Fund(t, m.engine, "did:example:bad", "10")
	_, err := m.engine.SuspendAgent(ctx(), teg.StandingParams{By: tegtest.Admin, Agent: bad, Reason: "spam"})
	require.NoError(t, err)
	token := m.token(bad, everyRole...)
	fill := strings.NewReplacer("{transaction_id}", "tx_"+someID, "{hold_id}", "hold_"+someID, "{key}", "k", "{agent_id}", "did:example:bob", "{flag_id}", "flag_"+someID,
		"{submission_id}", "att_"+someID, "{dispute_id}", "disp_"+someID, "{policy_id}", "pol_"+someID, "{webhook_id}", "wh_"+someID, "{panel_id}", "panel_"+someID, "{circuit_id}", "x", "{file}", "NOTICE", "/audit-log/proof", "/audit-log/proof?entry_id=evt_"+someID, "{bundle:.+}", "000", "{tile:.+}", "0/000")
	needsMore := map[string]bool{}
	for _, row := range m.server.Rows() {
		needsMore[row.Method+" "+row.Path] = !row.Public && !row.Roles.Has(auth.Agent)
	}
	for _, row := range m.server.Table() {
		method, path, _ := strings.Cut(row, " ")
		if method == "GET" {
			r := m.send(method, fill.Replace(path), token, "")
			require.NotEqual(t, 401, r.status, "%s: %s", row, r.text)
			require.Equal(t, needsMore[row], r.body["error_code"] == "AUTH_AGENT_SUSPENDED", "%s: %s", row, r.text)
			continue
		}
		name := method + " " + strings.TrimPrefix(path, prefix)
		body, listed := everyWrite[name]
		require.True(t, listed, "what %s answers to who is suspended is in no table; enter it", name)
		r := m.send(method, fill.Replace(path), token, body)
		if status, other := whileSuspended[name]; other {
			require.Equal(t, status, r.status, "%s: %s", name, r.text)
			continue
		}
		require.Equal(t, "AUTH_AGENT_SUSPENDED", r.body["error_code"], "%s: %s", name, r.text)
	}
	require.Equal(t, "10", tegtest.Available(t, m.engine, bad))
}

// A token that has ended opens nothing, public routes included: a token that is sent is
// checked.
func TestEveryRouteWithATokenThatHasEnded(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	past := m.keys
	past.Now = func() time.Time { return time.Now().Add(-2 * time.Hour) }
	token, err := auth.Mint(past, nil, auth.Identity{Agent: m.alice, Roles: auth.AllRoles()}, time.Hour)
	require.NoError(t, err)
	for _, row := range m.server.Table() {
		method, path, _ := strings.Cut(row, " ")
		path = strings.NewReplacer("{", "", "}", "").Replace(path)
		r := m.send(method, path, token, everyWrite["POST /token/transfer"]).is(401, "AUTH_INVALID_TOKEN")
		require.Equal(t, "no-store", r.header.Get("Cache-Control"), row)
	}
}
