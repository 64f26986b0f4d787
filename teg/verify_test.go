package teg_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Each way of breaking the books by hand is found, under the names of the
// invariants that it breaks, and of no others.
func TestVerifyFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	const (
		payment = `(SELECT id FROM teg_transactions WHERE type = 1 ORDER BY id LIMIT 1)`
		alice   = `owner = 'did:example:alice' AND kind = 1`
		bobs    = `(SELECT balance FROM accounts WHERE owner = 'did:example:bob' AND kind = 1)`
	)
	for name, c := range map[string]struct {
		damage   string // on both databases
		postgres string // where PostgreSQL says it differently
		broken   string // the invariants, sorted
	}{
		"a balance without an entry": {damage: `UPDATE accounts SET balance = ` + bobs + ` WHERE ` + alice, broken: "balance conservation"},
		"a balance that is a copy":   {damage: `UPDATE accounts SET seq = seq + 1 WHERE ` + alice, broken: "balance"},
		"a lost entry":               {damage: `DELETE FROM entries WHERE transaction_id = ` + payment + ` AND leg = 0`, broken: "chain legs"},
		"a lost last entry": {damage: `DELETE FROM entries WHERE account_id = (SELECT id FROM accounts WHERE ` + alice + `)
			AND seq = (SELECT seq FROM accounts WHERE ` + alice + `)`, broken: "balance legs"},
		"a changed entry":       {damage: `UPDATE entries SET amount = balance_after WHERE transaction_id = ` + payment + ` AND leg = 0`, broken: "chain legs"},
		"a changed running sum": {damage: `UPDATE entries SET balance_after = amount WHERE transaction_id = ` + payment + ` AND leg = 1`, broken: "balance chain"},
		"a fee that was posted twice": {damage: `INSERT INTO entries SELECT transaction_id, leg + 1, account_id, seq + 100, amount, balance_after FROM entries
			WHERE transaction_id = ` + payment + ` AND leg = (SELECT max(leg) FROM entries WHERE transaction_id = ` + payment + `)`, broken: "legs"},
		"a changed sum":                  {damage: `UPDATE teg_transactions SET amount = fee WHERE id = ` + payment, broken: "legs log"},
		"a changed fee":                  {damage: `UPDATE teg_transactions SET fee = amount WHERE id = ` + payment, broken: "legs log tally"},
		"an issuance of another sum":     {damage: `UPDATE teg_transactions SET amount = (SELECT amount FROM teg_transactions WHERE id = ` + payment + `) WHERE type = 3`, broken: "legs"},
		"a hold of another sum":          {damage: `UPDATE teg_transactions SET amount = (SELECT amount FROM teg_transactions WHERE id = ` + payment + `) WHERE type = 8`, broken: "legs"},
		"another's row of the treasury":  {damage: `UPDATE accounts SET owner = 'did:example:mallory' WHERE kind = 3 AND stripe = 7`, broken: "system"},
		"another receiver":               {damage: `UPDATE teg_transactions SET receiver = 1 WHERE id = ` + payment, broken: "legs"},
		"another payer":                  {damage: `UPDATE teg_transactions SET sender = 1 WHERE id = ` + payment, broken: "legs"},
		"a lost transaction":             {damage: `DELETE FROM teg_transactions WHERE id = ` + payment, broken: "journal log tally"},
		"a lost event":                   {damage: `DELETE FROM events WHERE position = 3`, broken: "log"},
		"the last event lost":            {damage: `DELETE FROM events WHERE position = (SELECT max(position) FROM events)`, broken: "log"},
		"an event by somebody else":      {damage: `UPDATE events SET actor = 'did:example:mallory' WHERE position = 3`, broken: "log"},
		"an event of another time":       {damage: `UPDATE events SET at = (SELECT max(expires_at) FROM holds) WHERE position = 0`, broken: "log"},
		"an event with another's body":   {damage: `UPDATE events SET body = (SELECT body FROM events WHERE position = 2) WHERE position = 3`, broken: "log"},
		"an event that tells other sums": {damage: `UPDATE events SET body = CAST(replace(CAST(body AS TEXT), '"amount":"7"', '"amount":"8"') AS BLOB)`, postgres: `UPDATE events SET body = convert_to(replace(convert_from(body, 'UTF8'), '"amount":"7"', '"amount":"8"'), 'UTF8')`, broken: "log"},
		"a head that is ahead":           {damage: `UPDATE log_head SET size = size + 1`, broken: "log"},
		"a hold that was given back":     {damage: `UPDATE holds SET state = 4 WHERE state = 1`, broken: "hold"},
		"a hold that is set aside again": {damage: `UPDATE holds SET state = 1 WHERE state = 4`, broken: "hold"},
		"a hold released twice": {damage: `UPDATE teg_transactions SET reference_id = (SELECT min(reference_id) FROM teg_transactions WHERE type = ` + released + `)
			WHERE type = ` + released, broken: "hold"},
		"a hold that is not counted":       {damage: `UPDATE accounts SET open_holds = 0 WHERE owner = 'did:example:alice'`, broken: "hold"},
		"a row of another kind":            {damage: `UPDATE accounts SET kind = 10 WHERE kind = 2 AND owner = 'did:example:bob'`, broken: "accounts"},
		"a hold's receiver":                {damage: `UPDATE holds SET receiver = payer`, broken: "log"},
		"a hold on another row":            {damage: `UPDATE holds SET locked = payer WHERE state = 4`, broken: "hold"},
		"a hold's purpose":                 {damage: `UPDATE holds SET purpose = 'x'`, broken: "log"},
		"a hold that captured without end": {damage: `UPDATE holds SET captured = amount WHERE state = 4`, broken: "hold"},
		"a count that is one too high":     {damage: `UPDATE accounts SET transactions = transactions + 1 WHERE kind = 3 AND stripe = 1`, broken: "tally"},
		"fees that nobody paid":            {damage: `UPDATE accounts SET fees = ` + bobs + ` WHERE kind = 3 AND stripe = 1`, broken: "tally"},
		"an agent that counts fees":        {damage: `UPDATE accounts SET fees = ` + bobs + ` WHERE owner = 'did:example:bob' AND kind = 2`, broken: "tally"},
		"what the treasury never paid":     {damage: `UPDATE accounts SET debited = ` + bobs + ` WHERE kind = 3 AND stripe = 1`, broken: "tally"},
		"a record of nothing":              {damage: `UPDATE journal_0 SET subjects = fingerprint WHERE verb = 1`, postgres: `UPDATE journal_0 SET subjects = uuid_send(fingerprint) WHERE verb = 1`, broken: "journal"},
		"a record of another act":          {damage: `UPDATE journal_0 SET verb = 5 WHERE verb = 1`, broken: "journal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
				ctx, st := context.Background(), open(t)
				eng := eventful(t, st)
				tegtest.Verify(t, eng)
				damage := c.damage
				if _, other := st.(*postgres.Store); other && c.postgres != "" {
					damage = c.postgres
				}
				storetest.Damage(t, st, damage)
				report, err := eng.Verify(ctx)
				require.ErrorIs(t, err, teg.ErrBroken)
				var broken []string
				for _, f := range report.Findings {
					broken = append(broken, f.Invariant)
				}
				slices.Sort(broken)
				require.Equal(t, c.broken, strings.Join(slices.Compact(broken), " "), "%v", report.Findings)
			})
		})
	}
}

// released is how the release of a hold is stored.
var released = fmt.Sprint(int(teg.TypeHoldRelease))

// eventful is an engine over books with something of everything.
func eventful(t *testing.T, st store.Store) *teg.Engine {
	t.Helper()
	ctx := context.Background()
	eng, err := teg.New(ctx, st, teg.Config{Clock: tegtest.NewClock().Now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "10")
	_, err = eng.Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("7"), Key: "k"})
	require.NoError(t, err)
	for range 2 {
		held, err := eng.Hold(ctx, teg.HoldParams{From: alice, To: bob, Amount: teg.AVT("4"), Term: time.Hour})
		require.NoError(t, err)
		_, err = eng.Void(ctx, teg.VoidParams{By: bob, HoldID: held.HoldID})
		require.NoError(t, err)
	}
	_, err = eng.Hold(ctx, teg.HoldParams{From: alice, To: bob, Amount: teg.AVT("5"), Term: time.Hour})
	require.NoError(t, err)
	return eng
}
