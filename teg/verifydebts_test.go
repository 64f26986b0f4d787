package teg_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Each way of breaking the rows of debts by hand is found.
func TestVerifyFindsBrokenDebts(t *testing.T) {
	t.Parallel()
	const bobs = ` WHERE owner = 'did:example:bob' AND kind = 1`
	for name, broken := range map[string]struct{ invariant, damage string }{
		"a debt that is closed":         {"debts", `UPDATE debts SET collected = amount, closed_at = created_at, live = FALSE`},
		"what was collected":            {"debts", `UPDATE debts SET collected = (SELECT collected FROM debts ORDER BY id LIMIT 1)`},
		"a debt that is lost":           {"debts", `DELETE FROM debts WHERE collected = (SELECT min(collected) FROM debts)`},
		"all debts":                     {"debts", `DELETE FROM debts`},
		"another creditor":              {"log", `UPDATE debts SET creditor = (SELECT id FROM accounts WHERE owner = 'did:example:dave' AND kind = 1)`},
		"another cause":                 {"log", `UPDATE debts SET cause = id`},
		"what is owed":                  {"debts", `UPDATE accounts SET owes = (SELECT collected FROM debts ORDER BY id LIMIT 1)` + bobs},
		"one who owes without a debt":   {"debts", `UPDATE accounts SET owes = (SELECT max(amount) FROM debts) WHERE owner = 'did:example:dave' AND kind = 1`},
		"an account to set value aside": {"debts", `UPDATE accounts SET kind = 6 WHERE kind = 10`},
		"the debtor":                    {"debts", `UPDATE debts SET debtor = 4000`},
		"a payment of another debt":     {"debts", `UPDATE teg_transactions SET reference_id = NULL WHERE type = 25`},
		"when a debt was paid":          {"debts", `UPDATE debts SET closed_at = created_at WHERE NOT live`},
		"a payment to another":          {"log", `UPDATE teg_transactions SET receiver = (SELECT id FROM accounts WHERE owner = 'did:example:eve' AND kind = 1) WHERE type = 25`},
		"a payment by another":          {"log", `UPDATE teg_transactions SET sender = (SELECT id FROM accounts WHERE owner = 'did:example:eve' AND kind = 1) WHERE type = 25`},
		"what was set aside":            {"legs", `UPDATE teg_transactions SET amount = (SELECT max(amount) FROM debts) WHERE type = 26`},
		"where it was set aside": {"log", `UPDATE teg_transactions SET receiver = (SELECT id FROM accounts WHERE owner = 'did:example:bob' AND kind = 2),
			receiver_seq = 1 WHERE type = 26`},
		"what brought it": {"log", `UPDATE teg_transactions SET reference_id = NULL WHERE type = 26`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := func(t *testing.T, open func(testing.TB) store.Store) {
				ctx, st := context.Background(), open(t)
				eng := indebtedBooks(t, st)
				tegtest.Verify(t, eng)
				storetest.Damage(t, st, broken.damage)
				report, err := eng.Verify(ctx)
				require.ErrorIs(t, err, teg.ErrBroken)
				require.True(t, slices.ContainsFunc(report.Findings, func(f teg.Finding) bool { return f.Invariant == broken.invariant }), "%v", report.Findings)
			}
			if broken.invariant != "debts" { // what was read is compared, by no database
				check(t, storetest.OpenSQLite)
				return
			}
			storetest.EachDatabase(t, check)
		})
	}
}

// indebtedBooks is an engine over books in which Bob owed Dave something and owes two
// more, one of whom was paid a part, and something is set aside for them.
func indebtedBooks(t *testing.T, st store.Store) *teg.Engine {
	ctx := context.Background()
	clock := tegtest.NewClock()
	eng, err := teg.New(ctx, st, teg.Config{Clock: clock.Now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	alice, bob, dave := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0"), tegtest.Fund(t, eng, "did:example:dave", "0")
	carol := tegtest.Fund(t, eng, "did:example:carol", "0")
	tegtest.Fund(t, eng, "did:example:eve", "0")
	require.NoError(t, eng.Owe(ctx, bob, dave, teg.AVT("0.5"), ledger.ID{3}, ""))
	require.NoError(t, eng.Owe(ctx, bob, carol, teg.AVT("5"), ledger.ID{1}, ""))
	require.NoError(t, eng.Owe(ctx, bob, alice, teg.AVT("3"), ledger.ID{2}, ""))
	for _, sum := range []string{"2.5", "1"} {
		clock.Advance(time.Minute)
		require.NoError(t, eng.Tick(ctx))
		_, err = eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT(sum)})
		require.NoError(t, err)
	}
	return eng
}
