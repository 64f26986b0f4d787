package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation/groth16"
	"github.com/agentvault/teg-layer/governance/attestation/groth16/prooftest"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// attestPolicy puts a policy about attestations.
func (m *market) attestPolicy(code, reward, circuit, parameters string) {
	m.t.Helper()
	level, sum := teg.PolicyMandatory, teg.AVT(reward)
	_, err := m.engine.PutPolicy(ctx(), teg.PutPolicyParams{
		By: tegtest.Admin, Code: code, Type: teg.PolicyAttestation,
		PolicyEdit: teg.PolicyEdit{Name: &code, Level: &level, Parameters: &parameters, Reward: &sum, Circuit: &circuit},
	})
	require.NoError(m.t, err)
}

// reserve gives the treasury something to pay from.
func (m *market) reserve(sum string) {
	m.t.Helper()
	_, err := m.engine.Issue(ctx(), teg.IssueParams{By: tegtest.Admin, To: m.engine.TreasuryDID(), Amount: teg.AVT(sum), Reason: "reserve"})
	require.NoError(m.t, err)
}

func TestAttestation(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		auditor := m.auditor()
		m.attestPolicy("uptime", "5", "", `{"attestation_type":"service_uptime","data_schema":{"required":["hours"]}}`)
		m.attestPolicy("work", "7", "", `{"review_required":true}`)
		m.reserve("100")
		body := `{"attestation_type":"service_uptime","attestation_data":{"hours":24.0,"a":["x"]}}`
		r := m.again("/attestation/submit", m.bobToken, body).is(200, "")
		require.Regexp(t, `^att_[0-9a-f]{32}$`, r.at("submission_id"))
		require.Regexp(t, `^pol_[0-9a-f]{32}$`, r.at("policy_id"))
		require.Regexp(t, `^tx_[0-9a-f]{32}$`, r.at("reward_transaction_id"))
		at := "2026-01-01T12:00:00.000000Z"
		want := map[string]any{
			"submission_id": r.at("submission_id"), "status": "accepted", "policy_id": r.at("policy_id"), "policy_code": "uptime", "reward_amount": "5",
			"reward_transaction_id": r.at("reward_transaction_id"), "submitted_at": at, "agent_id": "did:example:bob", "attestation_type": "service_uptime",
			"data_hash": r.at("data_hash"), "storage_pointer": nil, "storage_status": "none", "circuit_id": nil, "proof_verified": nil, "notes": nil, "updated_at": at,
		}
		require.Equal(t, want, r.body)
		require.Equal(t, "5", m.get("/token/balance", m.bobToken).at("balance"))
		tx := m.get("/token/transactions/"+r.at("reward_transaction_id").(string), m.bobToken).is(200, "")
		require.Equal(t, []any{"attestation_reward", r.at("submission_id")}, []any{tx.at("transaction_type"), tx.at("reference_id")})
		require.Equal(t, 1, m.score(m.bob))

		require.Equal(t, want, m.get("/attestation/submissions", m.bobToken).is(200, "").at("submissions", 0))
		require.Empty(t, m.get("/attestation/submissions", m.aliceToken).is(200, "").at("submissions"))
		one := m.get("/attestation/submissions/"+r.at("submission_id").(string), m.bobToken).is(200, "")
		require.Equal(t, map[string]any{"hours": json.Number("24"), "a": []any{"x"}}, one.at("attestation_data"))
		require.Equal(t, []any{map[string]any{"status": "accepted", "storage_status": "none", "actor": "did:example:bob", "timestamp": at, "note": nil}}, one.at("history"))
		m.get("/attestation/submissions/"+r.at("submission_id").(string), m.aliceToken).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/attestation/submissions/"+r.at("submission_id").(string), auditor).is(200, "")

		waits := m.post("/attestation/submit", m.bobToken, `{"attestation_type":"work","attestation_data":{}}`).is(200, "")
		require.Equal(t, []any{"pending_review", "0", nil}, []any{waits.at("status"), waits.at("reward_amount"), waits.at("reward_transaction_id")})
		require.Equal(t, waits.at("submission_id"), m.get("/admin/attestations?status=pending_review&agent_id=did:example:bob", auditor).is(200, "").at("submissions", 0, "submission_id"))
		path := "/admin/attestations/" + waits.at("submission_id").(string)
		m.put(path, m.bobToken, `{"approved":true}`).is(403, "AUTH_FORBIDDEN")
		m.put(path, m.token(m.bob, auth.Auditor), `{"approved":true}`).is(403, "AUTH_FORBIDDEN")
		done := m.put(path, auditor, `{"approved":true,"notes":"so it is"}`).is(200, "")
		require.Equal(t, []any{"accepted", "7", "so it is"}, []any{done.at("status"), done.at("reward_amount"), done.at("notes")})
		m.put(path, auditor, `{"approved":false}`).is(409, "BIZ_INVALID_STATE")
		require.Equal(t, json.Number("2"), m.get("/admin/metrics", auditor).at("counts", "attestations"))
		kept := m.get("/token/operations/again", m.bobToken).is(200, "")
		require.Equal(t, []any{r.at("reward_transaction_id")}, kept.at("operations", 0, "transaction_ids"))
	})
}

func TestAttestationRefused(t *testing.T) {
	m := newMarket(t)
	auditor := m.auditor()
	m.attestPolicy("uptime", "5", "", `{"data_schema":{"required":["hours"],"properties":{"hours":{"type":"integer","maximum":24},"by":{"enum":["a"]}}}}`)
	m.attestPolicy("proven", "5", "fair_markup", `{}`)
	m.attestPolicy("stored", "5", "", `{"storage_required":true}`)
	submit := func(kind, data, more string) string {
		return `{"attestation_type":"` + kind + `","attestation_data":` + data + more + `}`
	}
	proof := `,"zkp_proof":{"circuit_id":"%s","public_inputs":%s,"proof":{}}`
	m.post("/attestation/submit", m.bobToken, submit("uptime", `{"hours":1}`, "")).is(200, "")
	m.get("/admin/metrics", m.admins).is(200, "") // makes a profile
	m.unchanged(func() {
		for _, c := range []struct {
			body   string
			status int
			code   string
			fields string
		}{
			{submit("uptime", `{"hours":1.0}`, ""), 409, "BIZ_DUPLICATE_ATTESTATION", ""},
			{submit("uptime", `{"hours":2}`, ""), 409, "BIZ_COOLDOWN_ACTIVE", ""},
			{submit("nothing", `{}`, ""), 404, "BIZ_ENTITY_NOT_FOUND", ""},
			{submit("uptime", `{"hours":25,"by":"b"}`, ""), 422, "VALIDATION_INVALID_INPUT", "attestation_data.by attestation_data.hours"},
			{submit("uptime", `{}`, ""), 422, "VALIDATION_INVALID_INPUT", "attestation_data"},
			{submit("uptime", `[]`, ""), 422, "VALIDATION_INVALID_INPUT", "attestation_data"},
			{submit("uptime", `{"hours":9007199254740993}`, ""), 422, "VALIDATION_INVALID_INPUT", "attestation_data"},
			{submit("uptime", `{"a":1,"a":2}`, ""), 422, "VALIDATION_INVALID_INPUT", "attestation_data.a"},
			{submit("uptime", `{"a":"\ud800"}`, ""), 400, "VALIDATION_MALFORMED_JSON", ""},
			{submit("stored", `{}`, ""), 422, "VALIDATION_INVALID_INPUT", "storage_pointer"},
			{submit("stored", `{}`, `,"storage_pointer":"ipfs://nothing"`), 422, "VALIDATION_INVALID_INPUT", "storage_pointer"},
			{submit("proven", `{}`, ""), 422, "VALIDATION_INVALID_INPUT", "zkp_proof"},
			{submit("proven", `{}`, fmt.Sprintf(proof, "fair_markup", `["1"]`)), 422, "VALIDATION_INVALID_INPUT", "zkp_proof.circuit_id"},
			{submit("proven", `{}`, fmt.Sprintf(proof, "range", `["1"]`)), 422, "VALIDATION_INVALID_INPUT", "zkp_proof.circuit_id"},
			{submit("proven", `{}`, fmt.Sprintf(proof, "fair_markup", `["01",{}]`)), 422, "VALIDATION_INVALID_INPUT", "zkp_proof.public_inputs[1]"},
			{submit("proven", `{}`, fmt.Sprintf(proof, "fair_markup", `[1,1.5]`)), 422, "VALIDATION_INVALID_INPUT", "zkp_proof.public_inputs[1]"},
			{submit("proven", `{}`, `,"zkp_proof":{"circuit_id":"fair_markup","public_inputs":[]}`), 422, "VALIDATION_INVALID_INPUT", "zkp_proof.proof"},
			{`{}`, 422, "VALIDATION_INVALID_INPUT", "attestation_data attestation_type"},
			{submit("uptime", `{}`, `,"more":1`), 422, "VALIDATION_INVALID_INPUT", "more"},
		} {
			r := m.post("/attestation/submit", m.bobToken, c.body).is(c.status, c.code)
			if c.fields != "" {
				require.Equal(t, c.fields, strings.Join(r.faults(), " "), c.body)
			}
		}
		m.post("/attestation/submit", "", submit("uptime", `{}`, "")).is(401, "AUTH_MISSING_TOKEN")
		m.get("/attestation/submissions/att_1", m.bobToken).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.get("/attestation/submissions?status=ACCEPTED", m.bobToken).is(422, "VALIDATION_INVALID_INPUT")
		m.get("/attestation/submissions?agent_id=did:example:bob", m.bobToken).is(422, "VALIDATION_INVALID_INPUT")
		m.get("/admin/attestations", m.bobToken).is(403, "AUTH_FORBIDDEN")
		m.put("/admin/attestations/att_00000000000000000000000000000001", auditor, `{"approved":true}`).is(404, "BIZ_ENTITY_NOT_FOUND")
		m.put("/admin/attestations/att_00000000000000000000000000000001", auditor, `{}`).is(422, "VALIDATION_INVALID_INPUT")
		m.get("/admin/circuits", auditor).is(403, "AUTH_FORBIDDEN")
		m.post("/admin/circuits", m.admins, `{"circuit_id":"a b","verifying_key":{},"public_input_names":["binding"]}`).is(422, "VALIDATION_INVALID_INPUT")
		m.post("/admin/circuits", m.admins, `{"circuit_id":"a","verifying_key":{},"public_input_names":["binding"]}`).is(503, "SYS_UNAVAILABLE")
	})
}

// The whole path with real proofs: registered, verified and rewarded; and what was
// another's, is for another circuit, or is a copy in other bytes.
func TestAttestationWithProof(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		m := newMarketWith(t, open(t), func(c *teg.Config) { c.Proofs = groth16.New() })
		circuit := prooftest.FairMarkup()
		m.attestPolicy("fair", "5", circuit.ID, `{"cooldown_seconds":0}`)
		m.reserve("100")
		names, err := json.Marshal(circuit.PublicInputNames)
		require.NoError(t, err)
		register := func(key []byte) reply {
			return m.post("/admin/circuits", m.admins, fmt.Sprintf(`{"circuit_id":"%s","verifying_key":%s,"public_input_names":%s}`, circuit.ID, key, names))
		}
		require.Equal(t, []string{"verifying_key"}, register(prooftest.UnfinishedKey()).is(422, "VALIDATION_INVALID_INPUT").faults())
		made := register(circuit.Key).is(200, "")
		require.Equal(t, "did:example:root", made.at("registered_by"))
		register(circuit.Key).is(409, "BIZ_ALREADY_EXISTS")
		require.Equal(t, made.body, m.get("/admin/circuits", m.admins).is(200, "").at("circuits", 0))

		submit := func(token string, p prooftest.Proof, proof []byte) reply {
			inputs, err := json.Marshal(p.Inputs)
			require.NoError(t, err)
			m.clock.Advance(time.Second)
			return m.post("/attestation/submit", token, fmt.Sprintf(
				`{"attestation_type":"fair","attestation_data":%s,"zkp_proof":{"circuit_id":"%s","public_inputs":%s,"proof":%s}}`, p.Data, circuit.ID, inputs, proof))
		}
		own := circuit.By(prooftest.Alice)
		stolen := submit(m.bobToken, own[0], own[0].Proof).is(200, "")
		require.Equal(t, []any{"zkp_verified_false", "0", false}, []any{stolen.at("status"), stolen.at("reward_amount"), stolen.at("proof_verified")})
		r := submit(m.aliceToken, own[0], own[0].Proof).is(200, "")
		require.Equal(t, []any{"zkp_verified_true", "5", true}, []any{r.at("status"), r.at("reward_amount"), r.at("proof_verified")})
		submit(m.aliceToken, own[0], prooftest.Malleate(own[0].Proof, 3)).is(409, "BIZ_DUPLICATE_ATTESTATION")
		changed := own[1]
		changed.Inputs = append([]string{"1"}, own[1].Inputs[1:]...)
		require.Equal(t, "zkp_verified_false", submit(m.aliceToken, changed, own[1].Proof).is(200, "").at("status"))
		require.Equal(t, "zkp_verified_false", submit(m.aliceToken, own[1], []byte(`{}`)).is(200, "").at("status"), "what is no proof does not hold")
	})
}
