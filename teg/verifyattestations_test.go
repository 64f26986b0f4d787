package teg_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Each way of breaking an attestation is found.
func TestVerifyFindsBrokenAttestations(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{
		"a status":           `UPDATE teg_attestation_logs SET status = 1`,
		"a way there is not": `UPDATE attestation_history SET status = 5 WHERE seq = 1`,
		"a count":            `UPDATE teg_attestation_logs SET steps = 9`,
		"a step":             `DELETE FROM attestation_history WHERE seq = 1`,
		"who reviewed":       `UPDATE attestation_history SET actor = 'did:example:b' WHERE seq = 2`,
		"a whole one":        `DELETE FROM teg_attestation_logs`,
		"its agent":          `UPDATE teg_attestation_logs SET agent = 'did:example:b'`,
		"its policy's code":  `UPDATE teg_attestation_logs SET policy_code = 'other'`,
		"its data":           `UPDATE teg_attestation_logs SET data = '{}'`,
		"its evidence":       `UPDATE teg_attestation_logs SET pointer = 'ipfs://x'`,
		"its proof":          `UPDATE teg_attestation_logs SET proven = 1`,
		"its transaction":    `UPDATE teg_attestation_logs SET transaction_id = id`,
		"paid as owed":       `UPDATE teg_attestation_logs SET status = 6`,
		"not charged":        `UPDATE teg_attestation_logs SET charged_at = NULL`,
		"a budget's day":     `UPDATE attestation_budgets SET day = day - 1`,
		"a used up day":      `UPDATE attestation_budgets SET day = day - 1, today = x'80000000000000000000000000000000'`,
		"a day to come":      `UPDATE attestation_budgets SET day = day + 1, today = x'80000000000000000000000000000000'`,
		"when it was taken":  `UPDATE teg_attestation_logs SET charged_at = charged_at + 1`,
		"its notes":          `UPDATE teg_attestation_logs SET notes = 'no'`,
		"notes of a review":  `UPDATE attestation_history SET notes = 'no' WHERE seq = 2`,
		"notes of both":      `UPDATE attestation_history SET notes = 'no' WHERE seq = 2; UPDATE teg_attestation_logs SET notes = 'no'`,
		"a step's payment":   `UPDATE attestation_history SET transaction_id = submission WHERE seq = 1`,
		"its policy":         `UPDATE teg_attestation_logs SET policy = id`,
		"its version":        `UPDATE teg_attestation_logs SET policy_version = 2`,
		"its type":           `UPDATE teg_attestation_logs SET type = 'other'`,
		"its hash":           `UPDATE teg_attestation_logs SET data_hash = replace(data_hash, substr(data_hash, 1, 1), 'z')`,
		"its scope":          `UPDATE teg_attestation_logs SET scope = id`,
		"that it waits":      `UPDATE teg_attestation_logs SET waits_for_storage = 1`,
		"its circuit":        `UPDATE teg_attestation_logs SET circuit = 'c'`,
		"its inputs":         `UPDATE teg_attestation_logs SET inputs = '["1"]'`,
		"its proof's bytes":  `UPDATE teg_attestation_logs SET proof = '{}'`,
		"what was promised":  `UPDATE teg_attestation_logs SET offer = x'8000000000000000FFFFFFFFFFFFFFFF'`,
		"when it came":       `UPDATE teg_attestation_logs SET submitted_at = submitted_at + 1`,
		"its reward":         `UPDATE teg_attestation_logs SET reward = x'80000000000000000000000000000001'`,
		"its storage":        `UPDATE teg_attestation_logs SET storage = 2`,
		"when it changed":    `UPDATE teg_attestation_logs SET updated_at = updated_at + 1`,
		"fewer steps":        `UPDATE teg_attestation_logs SET steps = 1`,
		"when a step was":    `UPDATE attestation_history SET at = at + 1 WHERE seq = 1`,
		"a step's reward":    `UPDATE attestation_history SET reward = x'80000000000000000000000000000001' WHERE seq = 1`,
		"a step's storage":   `UPDATE attestation_history SET storage = 2 WHERE seq = 1`,
		"a step too many":    `INSERT INTO attestation_history SELECT submission, 3, actor, status, reward, transaction_id, storage, notes, at FROM attestation_history WHERE seq = 2`,
		"a budget's sum":     `UPDATE attestation_budgets SET total = x'80000000000000000000000000000001'`,
		"a key's hash":       `UPDATE attestation_circuits SET key_hash = replace(key_hash, substr(key_hash, 1, 1), 'z')`,
		"when it was made":   `UPDATE attestation_circuits SET at = at + 1`,
		"a circuit's name":   `UPDATE attestation_circuits SET id = 'd'`,
		"a budget":           `DELETE FROM attestation_budgets`,
		"a circuit":          `DELETE FROM attestation_circuits`,
		"a circuit's inputs": `UPDATE attestation_circuits SET input_names = '["binding","n"]'`,
		"a circuit's key":    `UPDATE attestation_circuits SET verifying_key = '{"a":1}'`,
		"who registered it":  `UPDATE attestation_circuits SET registered_by = 'did:example:b'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := storetest.OpenSQLite(t)
			if name == "a status" || name == "a step" {
				storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) { brokenAttestation(t, open(t), damage) })
				return
			}
			brokenAttestation(t, st, damage)
		})
	}
}

func brokenAttestation(t *testing.T, st store.Store, damage string) {
	eng, err := teg.New(limited(t), st, teg.Config{Clock: tegtest.NewClock().Now, Proofs: fakeVerifier{}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	putPolicies(t, eng, rule("work", "5", `{"review_required":true}`))
	agent := tegtest.Fund(t, eng, "did:example:a", "1")
	_, err = eng.Issue(limited(t), teg.IssueParams{By: tegtest.Admin, To: eng.TreasuryDID(), Amount: teg.AVT("9"), Reason: "reserve"})
	require.NoError(t, err)
	r, err := eng.Attest(limited(t), teg.AttestParams{By: agent, Type: "work", Data: json.RawMessage(`{"n":1}`)})
	require.NoError(t, err)
	_, err = eng.ReviewAttestation(limited(t), teg.ReviewAttestationParams{By: tegtest.Admin, AttestationID: r.ID, Approved: true, Notes: "so it is"})
	require.NoError(t, err)
	_, err = eng.RegisterCircuit(limited(t), teg.RegisterCircuitParams{By: tegtest.Admin, ID: "c", VerifyingKey: []byte("{}"), Inputs: []string{"binding"}})
	require.NoError(t, err)
	tegtest.Verify(t, eng)
	storetest.Damage(t, st, damage)
	report, err := eng.Verify(limited(t))
	require.ErrorIs(t, err, teg.ErrBroken)
	require.Subset(t, []string{"attestations", "circuits", "log"}, invariants(report), "%v", report.Findings)
}
