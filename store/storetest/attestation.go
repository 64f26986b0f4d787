package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
)

// attestationTests are those of attestations, budgets and circuits.
var attestationTests = map[string]func(*testing.T, *bench){
	"attestations and their histories are read back": testAttestations,
	"attestations are found by what they say":        testAttestationQueries,
	"of one scope one attestation stands":            testOneStands,
	"it is told what an agent attested lately":       testTurns,
	"budgets are kept and loaded":                    testBudgets,
	"circuits are read back and never change":        testCircuits,
	"the history of an attestation never changes":    testAttestationHistory,
	"attestations have bounds in the database":       testAttestationBounds,
	"of what was not attested nothing is ever there": testNoAttestations,
}

// attestation is one with everything in it.
func (b *bench) attestation(id byte) attestation.Submission {
	return attestation.Submission{
		ID: attestation.SubmissionID{id}, Agent: b.alice.Owner, Scope: ledger.ID{id}, Policy: policy.ID{7}, Version: 3, Code: "uptime", Type: "service_uptime",
		Data: `{"a":"\u0000 💬"}`, Hash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", Pointer: "ipfs://x", Waits: true,
		Circuit: "range", Inputs: `["1"]`, Proof: `{"pi_a":[]}`, Proven: attestation.ProofHolds, Offer: amount.MustParse("5.000000000000000001"), SubmittedAt: b.now,
		Status: attestation.PendingReward, Reward: amount.MustParse("5.000000000000000001"), Storage: attestation.StorageUnverified, ChargedAt: b.now, Steps: 1,
		UpdatedAt: b.now,
	}
}

func (b *bench) attests(t *testing.T, c attestation.Changes) {
	t.Helper()
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Attestation: c}))
}

func (b *bench) attestations(t *testing.T, q attestation.Query) []attestation.Submission {
	t.Helper()
	q.Limit = max(q.Limit, 1)
	page, _, err := b.reader.Attestations(background(), q)
	require.NoError(t, err)
	return page
}

func testAttestations(t *testing.T, b *bench) {
	first, second := b.attestation(1), b.attestation(2)
	second.Pointer, second.Waits, second.Circuit, second.Inputs, second.Proof, second.Proven = "", false, "", "", "", attestation.NoProof
	second.Status, second.Reward, second.ChargedAt, second.Storage = attestation.Unverified, amount.Amount{}, time.Time{}, attestation.NoStorage
	handed := attestation.Step{
		Submission: first.ID, Seq: 1, By: b.alice.Owner, Status: first.Status, Reward: first.Reward, Storage: first.Storage, At: b.now,
	}
	third := b.attestation(3)
	b.attests(t, attestation.Changes{Made: []attestation.Submission{first, second, third}, Steps: []attestation.Step{handed}})
	require.Equal(t, []attestation.Submission{third, second, first}, b.attestations(t, attestation.Query{Limit: 5}))

	tx, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}, Attestation: attestation.Need{
		Submissions: []attestation.SubmissionID{first.ID, {99}}, Scopes: []ledger.ID{second.Scope, third.Scope, {98}},
	}})
	require.ElementsMatch(t, []attestation.Submission{first, third}, rows.Attestation.Submissions, "of a scope what stands alone: what failed may be any number")
	changed, step, err := first.Become(attestation.Change{
		By: b.bob.Owner, Status: attestation.Verified, Reward: first.Reward, Transaction: ledger.TransactionID{4}, Storage: attestation.StorageVerified,
		Notes: "as they say 💬", At: b.now.Add(time.Minute),
	})
	require.NoError(t, err)
	require.NoError(t, tx.Commit(background(), &store.Changes{Attestation: attestation.Changes{
		Changed: []attestation.Submission{changed}, Steps: []attestation.Step{step},
	}}))
	require.Equal(t, []attestation.Submission{changed}, b.attestations(t, attestation.Query{IDs: []attestation.SubmissionID{first.ID}}))
	steps, err := b.reader.AttestationSteps(background(), first.ID)
	require.NoError(t, err)
	require.Equal(t, []attestation.Step{handed, step}, steps)
	absent := b.attestation(9)
	tx, _ = b.begin(t, store.Need{})
	require.Error(t, tx.Commit(background(), &store.Changes{Attestation: attestation.Changes{Changed: []attestation.Submission{absent}}}), "what is not there does not change")
}

func testAttestationQueries(t *testing.T, b *bench) {
	all := []attestation.Submission{b.attestation(1), b.attestation(2), b.attestation(3), b.attestation(4)}
	all[1].Agent, all[2].Status, all[3].Storage = b.bob.Owner, attestation.Accepted, attestation.StorageVerified
	all[2].Policy, all[1].Waits = policy.ID{8}, false
	b.attests(t, attestation.Changes{Made: all})
	for name, c := range map[string]struct {
		query attestation.Query
		want  []byte
	}{
		"all":                  {attestation.Query{}, []byte{4, 3, 2, 1}},
		"of an agent":          {attestation.Query{Agent: b.bob.Owner}, []byte{2}},
		"for a policy":         {attestation.Query{Policy: policy.ID{8}}, []byte{3}},
		"in a state":           {attestation.Query{Status: attestation.PendingReward}, []byte{4, 2, 1}},
		"of both":              {attestation.Query{Status: attestation.PendingReward, Agent: b.alice.Owner}, []byte{4, 1}},
		"not seen":             {attestation.Query{Storage: attestation.StorageUnverified, OldFirst: true}, []byte{1, 2, 3}},
		"not seen, after one":  {attestation.Query{Storage: attestation.StorageUnverified, OldFirst: true, After: attestation.SubmissionID{1}}, []byte{2, 3}},
		"payable":              {attestation.Query{Payable: true, OldFirst: true}, []byte{2, 4}},
		"named":                {attestation.Query{IDs: []attestation.SubmissionID{{4}, {1}, {77}}}, []byte{4, 1}},
		"after one":            {attestation.Query{After: attestation.SubmissionID{3}}, []byte{2, 1}},
		"beyond one":           {attestation.Query{Offset: 1}, []byte{3, 2, 1}},
		"of nobody who did so": {attestation.Query{Agent: did.MustParse("did:test:carol")}, nil},
	} {
		c.query.Limit, c.query.Count = 10, 2
		page, total, err := b.reader.Attestations(background(), c.query)
		require.NoError(t, err)
		var found []byte
		for _, s := range page {
			found = append(found, s.ID[0])
		}
		require.Equal(t, c.want, found, name)
		if c.query.After.IsZero() && c.query.Offset == 0 {
			require.EqualValues(t, min(len(c.want), 2), total, name)
		}
	}
	first, err := b.reader.AuditAttestations(background(), attestation.SubmissionID{}, 3)
	require.NoError(t, err)
	rest, err := b.reader.AuditAttestations(background(), first[2].ID, 3)
	require.NoError(t, err)
	require.Equal(t, all, slices.Concat(first, rest))
}

func testOneStands(t *testing.T, b *bench) {
	failed, stands, second := b.attestation(1), b.attestation(2), b.attestation(3)
	failed.Status, stands.Scope, second.Scope = attestation.Rejected, failed.Scope, failed.Scope
	b.attests(t, attestation.Changes{Made: []attestation.Submission{failed, stands}})
	tx, _ := b.begin(t, store.Need{})
	require.Error(t, tx.Commit(background(), &store.Changes{Attestation: attestation.Changes{Made: []attestation.Submission{second}}}))
	stands.Status = attestation.Unverified
	b.attests(t, attestation.Changes{Changed: []attestation.Submission{stands}, Made: []attestation.Submission{second}})
}

func testTurns(t *testing.T, b *bench) {
	at := func(id byte, of ledger.Account, after time.Duration, status attestation.Status) attestation.Submission {
		s := b.attestation(id)
		s.Agent, s.SubmittedAt, s.Status = of.Owner, b.now.Add(after), status
		return s
	}
	other := at(5, b.alice, 4*time.Hour, attestation.Accepted)
	other.Policy = policy.ID{8}
	b.attests(t, attestation.Changes{Made: []attestation.Submission{
		at(1, b.alice, 0, attestation.Accepted), at(2, b.alice, time.Hour, attestation.PendingReview), at(3, b.alice, 2*time.Hour, attestation.Rejected),
		at(4, b.alice, 3*time.Hour, attestation.Unverified), other,
	}})
	pairs := []attestation.Pair{{Agent: b.alice.Owner, Policy: policy.ID{7}}, {Agent: b.alice.Owner, Policy: policy.ID{9}}, {Agent: b.bob.Owner, Policy: policy.ID{7}}}
	tx, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID, b.bob.ID}, Attestation: attestation.Need{Turns: pairs, Since: b.now}})
	require.NoError(t, tx.Rollback(background()))
	require.ElementsMatch(t, []attestation.Turn{
		{Pair: pairs[0], Last: b.now.Add(time.Hour), Handed: 4}, {Pair: pairs[1], Handed: 4}, {Pair: pairs[2]},
	}, rows.Attestation.Turns)
}

func testBudgets(t *testing.T, b *bench) {
	one := attestation.Budget{Policy: policy.ID{1}, Day: 20454, Today: amount.MustParse("3"), Total: amount.MustParse("999999999999999999.999999999999999999")}
	b.attests(t, attestation.Changes{NewBudgets: []attestation.Budget{one}})
	one.Today = amount.MustParse("4")
	b.attests(t, attestation.Changes{Budgets: []attestation.Budget{one}, NewBudgets: []attestation.Budget{{Policy: policy.ID{2}}}})
	tx, rows := b.begin(t, store.Need{Attestation: attestation.Need{Budgets: []policy.ID{{1}, {3}}}})
	require.NoError(t, tx.Rollback(background()))
	require.Equal(t, []attestation.Budget{one}, rows.Attestation.Budgets)
	all, err := b.reader.AttestationBudgets(background())
	require.NoError(t, err)
	require.ElementsMatch(t, []attestation.Budget{one, {Policy: policy.ID{2}}}, all)
}

func (b *bench) circuit(id string) attestation.Circuit {
	return attestation.Circuit{ID: id, Key: `{"vk":"💬"}`, Hash: b.attestation(1).Hash, Names: `["binding"]`, By: b.bob.Owner, At: b.now}
}

func testCircuits(t *testing.T, b *bench) {
	b.attests(t, attestation.Changes{Circuits: []attestation.Circuit{b.circuit("range"), b.circuit("Fair"), b.circuit("a.b")}})
	all, err := b.reader.Circuits(background())
	require.NoError(t, err)
	require.Equal(t, []attestation.Circuit{b.circuit("Fair"), b.circuit("a.b"), b.circuit("range")}, all, "by their bytes")
	some, err := b.reader.Circuits(background(), "range", "none", "a.b")
	require.NoError(t, err)
	require.Equal(t, all[1:], some)
	tx, _ := b.begin(t, store.Need{})
	require.Error(t, tx.Commit(background(), &store.Changes{Attestation: attestation.Changes{Circuits: []attestation.Circuit{b.circuit("range")}}}))
	for _, statement := range []string{`UPDATE attestation_circuits SET key_hash = key_hash`, `DELETE FROM attestation_circuits`} {
		_, err := handleOf(t, b.store).ExecContext(background(), statement)
		require.ErrorContains(t, err, "append-only")
	}
}

func testAttestationHistory(t *testing.T, b *bench) {
	b.attests(t, attestation.Changes{Steps: []attestation.Step{{Submission: attestation.SubmissionID{1}, Seq: 1, Status: attestation.Accepted, At: b.now}}})
	for _, statement := range []string{`UPDATE attestation_history SET status = 2`, `DELETE FROM attestation_history`} {
		_, err := handleOf(t, b.store).ExecContext(background(), statement)
		require.ErrorContains(t, err, "append-only")
	}
}

func testAttestationBounds(t *testing.T, b *bench) {
	b.attests(t, attestation.Changes{Made: []attestation.Submission{b.attestation(1)}})
	bad := []string{"status = 0", "status = 7", "storage = 3", "proven = 3", "steps = 0", "data_hash = 'x'", "policy_version = 0", "type = ''"}
	if _, onPostgres := b.store.(*postgres.Store); onPostgres {
		bad = append(bad, "reward = 'NaN'", "reward = -1", "offer = 1000000000000000000")
	} else {
		bad = append(bad, "reward = 1", "reward = x'00'", "waits_for_storage = 2")
	}
	for _, change := range bad {
		_, err := handleOf(t, b.store).ExecContext(background(), `UPDATE teg_attestation_logs SET `+change)
		require.Error(t, err, change)
	}
}

func testNoAttestations(t *testing.T, b *bench) {
	steps, err := b.reader.AttestationSteps(background(), attestation.SubmissionID{1})
	require.NoError(t, err)
	require.Empty(t, steps)
	found, err := b.reader.Circuits(background(), "none")
	require.NoError(t, err)
	require.Empty(t, found)
	tx, rows := b.begin(t, store.Need{Attestation: attestation.Need{Scopes: []ledger.ID{{1}}, Budgets: []policy.ID{{1}}}})
	require.NoError(t, tx.Rollback(background()))
	require.Empty(t, rows.Attestation)
}
