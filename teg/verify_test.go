package teg_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Each way of breaking the books by hand is found, under the name of the
// invariant that it breaks.
func TestVerifyFindsWhatIsBroken(t *testing.T) {
	const half = `(SELECT id FROM teg_transactions WHERE type = 1 ORDER BY id LIMIT 1)`
	for name, c := range map[string]struct {
		damage    string // on both databases
		invariant string
	}{
		"a balance without an entry":      {`UPDATE accounts SET balance = (SELECT balance FROM accounts WHERE owner = 'did:example:bob' AND kind = 1) WHERE owner = 'did:example:alice' AND kind = 1`, "balance"},
		"a lost entry":                    {`DELETE FROM entries WHERE transaction_id = ` + half + ` AND leg = 0`, "chain"},
		"a changed entry":                 {`UPDATE entries SET amount = balance_after WHERE transaction_id = ` + half + ` AND leg = 0`, "legs"},
		"a changed sum":                   {`UPDATE teg_transactions SET amount = fee WHERE id = ` + half, "legs"},
		"a lost transaction":              {`DELETE FROM teg_transactions WHERE id = ` + half, "log"},
		"a lost event":                    {`DELETE FROM events WHERE position = 3`, "log"},
		"an event that was rewritten":     {`UPDATE events SET actor = 'did:example:mallory' WHERE position = 3`, "log"},
		"a hold that was given back":      {`UPDATE holds SET state = 4`, "hold"},
		"a hold that is not counted":      {`UPDATE accounts SET open_holds = 0 WHERE owner = 'did:example:alice'`, "hold"},
		"a transaction that was not told": {`UPDATE accounts SET transactions = transactions + 1 WHERE kind = 3 AND stripe = 1`, "tally"},
		"a record of nothing":             {`UPDATE journal_0 SET verb = 5`, "journal"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
				ctx, st := context.Background(), open(t)
				eng, err := teg.New(ctx, st, teg.Config{Clock: tegtest.NewClock().Now})
				require.NoError(t, err)
				defer eng.Close()
				alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "10")
				_, err = eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("7"), Key: "k"})
				require.NoError(t, err)
				_, err = eng.Hold(ctx, teg.HoldParams{From: alice, To: bob, Amount: teg.AVT("5"), Term: time.Hour})
				require.NoError(t, err)
				tegtest.Verify(t, eng)
				storetest.Damage(t, st, c.damage)
				report, err := eng.Verify(ctx)
				require.ErrorIs(t, err, teg.ErrBroken)
				found := map[string]bool{}
				for _, f := range report.Findings {
					found[f.Invariant] = true
				}
				require.True(t, found[c.invariant], "%v", report.Findings)
			})
		})
	}
}

// New refuses a schema that is not this program's, and says what to do.
func TestNewRefusesOtherSchemas(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		refuses := func(want error, advice string) {
			t.Helper()
			_, err := teg.New(ctx, st, teg.Config{})
			require.ErrorIs(t, err, want)
			require.ErrorContains(t, err, advice)
		}
		storetest.Damage(t, st, `INSERT INTO bun_migrations (name, group_id) VALUES ('20991231000001', 9)`)
		refuses(teg.ErrNewerSchema, "use a newer program")
		storetest.Damage(t, st, `DELETE FROM bun_migrations WHERE group_id = 9`)
		require.NoError(t, st.MigrateDown(ctx, true))
		refuses(teg.ErrUnmigrated, "teg migrate up")
		require.NoError(t, st.Migrate(ctx))
		storetest.Damage(t, st, `DROP TABLE holds`)
		refuses(teg.ErrHalfMigrated, "restore a backup")
	})
}

// A database belongs to one treasury.
func TestNewRefusesAnotherTreasury(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		eng, err := teg.New(ctx, st, teg.Config{})
		require.NoError(t, err)
		require.NoError(t, eng.Close())
		_, err = teg.New(ctx, st, teg.Config{Treasury: teg.Agent("did:example:other")})
		require.ErrorIs(t, err, store.ErrForeignTreasury)
	})
}
