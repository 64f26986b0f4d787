package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// debtTests are those of who owes whom.
var debtTests = map[string]func(*testing.T, *bench){
	"debts are read back":                               testDebts,
	"debts are found by whose they are":                 testDebtQueries,
	"of each debtor the oldest debts are loaded":        testOldestDebts,
	"debts made while a debtor was waited for are seen": testDebtsAreSeen,
	"what is set aside for creditors is found":          testGarnished,
	"debts are audited with their payments":             testAuditDebts,
	"debts have bounds in the database":                 testDebtBounds,
	"more is owed than there is":                        testOwedBeyondAll,
	"debts that are destroyed are owed no more":         testDestroyedDebts,
	"accounts outlive a change of their table":          testAccountsStay,
}

// debt is one of Alice's to Bob.
func (b *bench) debt(id byte) ledger.Debt {
	return ledger.Debt{
		ID: ledger.DebtID{id}, Debtor: b.alice.ID, Creditor: b.bob.ID, Amount: avt("2.000000000000000001"), Cause: ledger.ID{7, id}, CreatedAt: b.now,
	}
}

// settled is a debt as its payment leaves it.
func (b *bench) settled(d ledger.Debt) ledger.Debt {
	d.Collected, d.ClosedAt = d.Amount, b.now.Add(time.Minute)
	return d
}

func (b *bench) lend(t *testing.T, debts ...ledger.Debt) {
	t.Helper()
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Debts: ledger.DebtChanges{Made: debts}}))
}

func (b *bench) debts(t *testing.T, q ledger.DebtQuery) ledger.DebtPage {
	t.Helper()
	q.Limit = max(q.Limit, 1)
	page, err := b.reader.Debts(background(), q)
	require.NoError(t, err)
	return page
}

func testDebts(t *testing.T, b *bench) {
	b.lend(t, b.debt(1), b.debt(2))
	tx, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}, DebtsOf: []ledger.AccountID{b.alice.ID}})
	require.Equal(t, []ledger.Debt{b.debt(1), b.debt(2)}, rows.Debts)
	part := b.debt(2)
	part.Collected = avt("0.5")
	require.NoError(t, tx.Commit(background(), &store.Changes{Debts: ledger.DebtChanges{Paid: []ledger.Debt{b.settled(b.debt(1)), part}}}))
	page := b.debts(t, ledger.DebtQuery{Debtor: b.alice.ID, Limit: 5})
	require.Equal(t, []ledger.RecordedDebt{
		{Debt: part, DebtorID: b.alice.Owner, CreditorID: b.bob.Owner}, {Debt: b.settled(b.debt(1)), DebtorID: b.alice.Owner, CreditorID: b.bob.Owner},
	}, page.Debts)
	require.Equal(t, part.Left(), page.Left)
	tx, rows = b.begin(t, store.Need{DebtsOf: []ledger.AccountID{b.alice.ID, b.bob.ID}})
	require.Equal(t, []ledger.Debt{part}, rows.Debts, "what is paid is not loaded")
	require.Error(t, tx.Commit(background(), &store.Changes{Debts: ledger.DebtChanges{Paid: []ledger.Debt{b.debt(9)}}}), "what is not there does not change")
}

func testDebtQueries(t *testing.T, b *bench) {
	back := b.debt(3)
	back.Debtor, back.Creditor = b.bob.ID, b.alice.ID
	b.lend(t, b.debt(1), b.debt(2), back, b.debt(4))
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Debts: ledger.DebtChanges{Paid: []ledger.Debt{b.settled(b.debt(2))}}}))
	for name, c := range map[string]struct {
		query ledger.DebtQuery
		want  []byte
		total int64
		left  string
	}{
		"owed by Alice":    {ledger.DebtQuery{Debtor: b.alice.ID}, []byte{4, 2, 1}, 3, "4.000000000000000002"},
		"owed to Bob":      {ledger.DebtQuery{Creditor: b.bob.ID}, []byte{4, 2, 1}, 3, "4.000000000000000002"},
		"owed to Alice":    {ledger.DebtQuery{Creditor: b.alice.ID}, []byte{3}, 1, "2.000000000000000001"},
		"open ones":        {ledger.DebtQuery{Debtor: b.alice.ID, OpenOnly: true}, []byte{4, 1}, 2, "4.000000000000000002"},
		"older ones":       {ledger.DebtQuery{Debtor: b.alice.ID, Before: ledger.DebtID{4}}, []byte{2, 1}, 3, "4.000000000000000002"},
		"beyond the first": {ledger.DebtQuery{Debtor: b.alice.ID, Offset: 1}, []byte{2, 1}, 3, "4.000000000000000002"},
		"of a cause":       {ledger.DebtQuery{Cause: ledger.ID{7, 4}}, []byte{4}, 1, "2.000000000000000001"},
		"owed by nobody":   {ledger.DebtQuery{Debtor: 1 << 40}, nil, 0, "0"},
	} {
		c.query.Limit, c.query.Count = 10, true
		page := b.debts(t, c.query)
		var found []byte
		for _, d := range page.Debts {
			found = append(found, d.ID[0])
		}
		require.Equal(t, c.want, found, name)
		require.Equal(t, c.total, page.Total, name)
		require.Equal(t, c.left, page.Left.String(), name)
	}
}

func testOldestDebts(t *testing.T, b *bench) {
	var debts, oldest []ledger.Debt
	for i := range 2 * (ledger.MaxDebtsPaid + 5) {
		d := b.debt(byte(200 - i))
		if i%2 == 1 {
			d.Debtor, d.Creditor = b.bob.ID, b.alice.ID
		}
		debts = append(debts, d)
	}
	for _, debtor := range []ledger.AccountID{b.alice.ID, b.bob.ID} {
		for i, n := len(debts)-1, 0; n < ledger.MaxDebtsPaid; i-- {
			if debts[i].Debtor == debtor {
				oldest = append(oldest, debts[i])
				n++
			}
		}
	}
	b.lend(t, debts...)
	both := []ledger.AccountID{b.alice.ID, b.bob.ID}
	found, err := b.reader.OldestDebts(background(), both...)
	require.NoError(t, err)
	require.Equal(t, oldest, found)
	tx, rows := b.begin(t, store.Need{DebtsOf: both})
	require.NoError(t, tx.Rollback(background()))
	require.ElementsMatch(t, oldest, rows.Debts)
}

// testDebtsAreSeen has a writer wait for a debtor's row, whose debts it then sees as
// they are.
func testDebtsAreSeen(t *testing.T, b *bench) {
	b.lend(t, b.debt(1))
	need := store.Need{Accounts: []ledger.AccountID{b.alice.ID}, DebtsOf: []ledger.AccountID{b.alice.ID}}
	held, rows := b.begin(t, need)
	row := rows.Accounts[0]
	row.Owes = avt("3")
	other, err := b.store.Writer(background())
	require.NoError(t, err)
	defer other.Close()
	waits, seen := waiterOf(t, b.store), make(chan []ledger.Debt, 1)
	go func() {
		tx, rows, err := other.Begin(background(), need, store.LockPatiently)
		if err == nil && tx.Rollback(background()) == nil {
			seen <- rows.Debts
		}
		close(seen)
	}()
	waits()
	require.NoError(t, held.Commit(background(), &store.Changes{
		Altered: []*ledger.Account{&row}, Debts: ledger.DebtChanges{Made: []ledger.Debt{b.debt(2)}, Paid: []ledger.Debt{b.settled(b.debt(1))}},
	}))
	require.Equal(t, []ledger.Debt{b.debt(2)}, <-seen)
}

// garnish makes Alice's garnished row and sets a sum aside on it.
func (b *bench) garnish(t *testing.T, sum string) ledger.Account {
	t.Helper()
	tx, rows := b.begin(t, store.Need{Fresh: 1})
	row := ledger.Account{ID: rows.Fresh[0], Owner: b.alice.Owner, Kind: ledger.Garnished, Status: ledger.Active}
	require.NoError(t, tx.Commit(background(), &store.Changes{Opened: []*ledger.Account{&row}}))
	b.post(t, ledger.Move(ledger.TypeGarnish, b.alice.ID, row.ID, avt(sum), ledger.Notes{}))
	return row
}

// owe has Alice owe a sum.
func (b *bench) owe(t *testing.T, sum string) {
	t.Helper()
	tx, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}})
	rows.Accounts[0].Owes = avt(sum)
	require.NoError(t, tx.Commit(background(), &store.Changes{Altered: []*ledger.Account{&rows.Accounts[0]}}))
}

func testGarnished(t *testing.T, b *bench) {
	found := func() []ledger.GarnishedRow {
		rows, err := b.reader.Garnished(background(), 5)
		require.NoError(t, err)
		return rows
	}
	require.Empty(t, found())
	b.issue(t, b.alice, "10")
	before, err := b.reader.Totals(background(), b.now)
	require.NoError(t, err)
	row := b.garnish(t, "4")
	require.Empty(t, found(), "nothing is owed that could be paid from it")
	b.owe(t, "5")
	require.Equal(t, []ledger.GarnishedRow{{Account: row.ID, Debtor: b.alice.ID}}, found())
	totals, err := b.reader.Totals(background(), b.now)
	require.NoError(t, err)
	set, err := totals.Locked.Sub(before.Locked)
	require.NoError(t, err)
	require.Equal(t, avt("4"), set)
	tx, rows := b.begin(t, store.Need{Owners: []did.DID{b.alice.Owner}})
	require.NoError(t, tx.Rollback(background()))
	require.Len(t, rows.Accounts, 3, "it is one of its owner's")
	b.post(t, ledger.Move(ledger.TypeDisputeCompensation, row.ID, b.bob.ID, avt("4"), ledger.Notes{}))
	require.Empty(t, found(), "nothing lies there")
}

func testAuditDebts(t *testing.T, b *bench) {
	b.issue(t, b.alice, "10")
	row := b.garnish(t, "4")
	first, second := b.debt(1), b.debt(2)
	b.lend(t, first, second)
	for _, sum := range []string{"1", "0.5"} {
		b.now = b.now.Add(-time.Minute) // by another server's clock
		b.post(t, ledger.Move(ledger.TypeDisputeCompensation, row.ID, b.bob.ID, avt(sum), ledger.Notes{ReferenceID: first.ID.String()}))
	}
	b.pay(t, "1", ledger.Notes{ReferenceID: second.ID.String()}) // no payment of it
	var seen []store.AuditedDebt
	rows, err := b.reader.AuditDebts(background(), func(d store.AuditedDebt) error {
		seen = append(seen, d)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []store.AuditedDebt{{Debt: first, Paid: avt("1.5"), LastPaid: b.now}, {Debt: second}}, seen)
	require.Equal(t, []ledger.Account{b.row(t, b.alice), b.row(t, row)}, rows)
}

func testDebtBounds(t *testing.T, b *bench) {
	for name, spoil := range map[string]func(*ledger.Debt){
		"nothing is owed":                   func(d *ledger.Debt) { d.Amount = avt("0") },
		"to oneself":                        func(d *ledger.Debt) { d.Creditor = d.Debtor },
		"more was paid":                     func(d *ledger.Debt) { d.Collected, d.ClosedAt = avt("3"), b.now },
		"it is open and paid":               func(d *ledger.Debt) { d.Collected = d.Amount },
		"it is closed and still to be paid": func(d *ledger.Debt) { d.ClosedAt = b.now },
	} {
		bad := b.debt(1)
		spoil(&bad)
		tx, _ := b.begin(t, store.Need{})
		require.Error(t, tx.Commit(background(), &store.Changes{Debts: ledger.DebtChanges{Made: []ledger.Debt{bad}}}), name)
	}
	require.Empty(t, b.debts(t, ledger.DebtQuery{Debtor: b.alice.ID}).Debts)
	_, err := handleOf(t, b.store).ExecContext(background(), `UPDATE accounts SET kind = 11`)
	require.Error(t, err, "there is no such kind")
}

// testAccountsStay takes the last schema back and on again, over accounts with values
// in all columns.
func testAccountsStay(t *testing.T, b *bench) {
	b.issue(t, b.alice, "10")
	tx, rows := b.begin(t, store.Need{Accounts: []ledger.AccountID{b.alice.ID}})
	row := rows.Accounts[0]
	row.Status, row.SuspendedUntil, row.OpenHolds, row.NextHoldExpiry = ledger.Suspended, b.now.Add(time.Hour), 3, b.now.Add(2*time.Hour)
	row.Positions, row.NextUnbonding = 4, b.now.Add(3*time.Hour)
	require.NoError(t, tx.Commit(background(), &store.Changes{Altered: []*ledger.Account{&row}}))
	all := func() (accounts []ledger.Account) {
		require.NoError(t, b.reader.AuditAccounts(background(), func(a ledger.Account) error {
			accounts = append(accounts, a)
			return nil
		}))
		return accounts
	}
	before := all()
	require.NoError(t, b.writer.Close())
	for range 2 {
		for name := ""; name != "20261129000009"; { // what came after it
			status, err := b.store.SchemaStatus(background())
			require.NoError(t, err)
			name = status.Applied[len(status.Applied)-1]
			require.NoError(t, b.store.MigrateDown(background(), false))
		}
		require.NoError(t, b.store.Migrate(background()))
		require.Equal(t, before, all())
	}
	writer, err := b.store.Writer(background())
	require.NoError(t, err)
	b.writer = writer
	b.register(t, "did:test:carol")
	require.NoError(t, writer.Close())
}

// testOwedBeyondAll asks for what is left of debts that in sum pass the largest amount
// there is, each of which may be of any amount.
func testOwedBeyondAll(t *testing.T, b *bench) {
	first, second, third := b.debt(1), b.debt(2), b.debt(3)
	first.Amount, second.Amount, third.Amount = amount.Max, amount.Max, avt("7")
	second.Debtor, second.Creditor = b.bob.ID, b.alice.ID
	third.Creditor = first.Creditor
	b.lend(t, first, second, third)
	require.Equal(t, amount.Max, b.debts(t, ledger.DebtQuery{Creditor: b.bob.ID}).Left, "it is no more than that")
	first.Collected = avt("999999999999999990")
	tx, _ := b.begin(t, store.Need{})
	require.NoError(t, tx.Commit(background(), &store.Changes{Debts: ledger.DebtChanges{Paid: []ledger.Debt{first}}}))
	require.Equal(t, "16.999999999999999999", b.debts(t, ledger.DebtQuery{Debtor: b.alice.ID}).Left.String())
}

// testDestroyedDebts takes the schema of debts away with all that it holds, and back.
func testDestroyedDebts(t *testing.T, b *bench) {
	b.lend(t, b.debt(1))
	b.owe(t, "2.000000000000000001")
	require.NoError(t, b.writer.Close())
	for name := ""; name != "20261129000009"; {
		status, err := b.store.SchemaStatus(background())
		require.NoError(t, err)
		name = status.Applied[len(status.Applied)-1]
		require.NoError(t, b.store.MigrateDown(background(), true))
	}
	require.NoError(t, b.store.Migrate(background()))
	require.True(t, b.row(t, b.alice).Owes.IsZero(), "else what comes in would be set aside for ever, for nobody")
}
