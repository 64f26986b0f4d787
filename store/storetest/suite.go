package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// Run holds a driver to the contract of package store. open makes a migrated,
// empty store.
func Run(t *testing.T, open func(testing.TB) store.Store) {
	tests := map[string]func(*testing.T, *bench){
		"what is committed is read back":              testRoundTrip,
		"what is rolled back left nothing":            testRollback,
		"owners that are missing get reserved ids":    testOwners,
		"a lost race for a unique key is a conflict":  testConflict,
		"keys are found in both generations":          testGenerations,
		"refusals are counted":                        testRefusals,
		"references and refunds are found":            testReferencesAndRefunds,
		"positions are dense and in commit order":     testPositions,
		"history pages by seq, dates and filters":     testHistory,
		"balances are known at every instant":         testBalanceAt,
		"holds are found by party, state and expiry":  testHolds,
		"events page by position":                     testEvents,
		"an audit sees everything once":               testAudit,
		"append-only tables refuse changes":           testAppendOnly,
		"balances have bounds in the database":        testBounds,
		"the system's rows are made once":             testSetUp,
		"rows that others hold are waited for":        testLocks,
		"who waited sees what was committed":          testChangesAreSeen,
		"what is closed is not available":             testClosed,
		"accounts are audited in one view":            testOneView,
		"holds are audited with their transactions":   testAuditHolds,
		"records are audited over both generations":   testAuditRecords,
		"what does not exist is an empty answer":      testNothing,
		"a group may be large":                        testMany,
		"a host's transaction is the host's":          testHost,
		"hosts' events are numbered once":             testManyHosts,
		"a host's transaction may be of no use":       testNotJoinable,
		"an empty schema is taken back":               testMigrateDownEmpty,
		"migrations go up, down and up again":         testMigrations,
		"two processes may migrate at the same time":  testMigrateTwice,
		"a closed context leaves nothing half done":   testCancelled,
		"the settings of a new database are accepted": testCheck,
	}
	maps.Copy(tests, stakingTests)
	maps.Copy(tests, conductTests)
	maps.Copy(tests, flagTests)
	maps.Copy(tests, disputeTests)
	maps.Copy(tests, debtTests)
	maps.Copy(tests, policyTests)
	maps.Copy(tests, attestationTests)
	maps.Copy(tests, panelTests)
	maps.Copy(tests, loginTests)
	maps.Copy(tests, bootstrapTests)
	maps.Copy(tests, webhookTests)
	maps.Copy(tests, archiveTests)
	maps.Copy(tests, treeTests)
	maps.Copy(tests, retentionTests)
	maps.Copy(tests, oversightTests)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newBench(t, open(t)))
		})
	}
}

// bench is a store with a few rows to work on.
type bench struct {
	store   store.Store
	writer  store.Writer
	reader  store.Reader
	collect ledger.Collectors
	alice   ledger.Account // her available row
	locked  ledger.Account // her locked row
	bob     ledger.Account
	now     time.Time
	serial  uint32
}

func background() context.Context { return context.Background() }

// owners are those of the system's accounts.
var owners = map[ledger.Kind]did.DID{
	ledger.Treasury: did.MustParse("did:test:treasury"), ledger.Issuance: did.MustParse("did:test:issuance"),
	ledger.Rewards: did.MustParse("did:test:rewards"),
}

func avt(text string) amount.Amount { return amount.MustParse(text) }

func newBench(t *testing.T, st store.Store) *bench {
	t.Helper()
	require.NoError(t, st.SetUp(background(), owners))
	writer, err := st.Writer(background())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, writer.Close()) })
	b := &bench{store: st, writer: writer, reader: st.Reader(), now: time.Date(2026, 1, 1, 12, 0, 0, 123456000, time.UTC)}
	rows, err := st.Reader().SystemAccounts(background())
	require.NoError(t, err)
	for _, row := range rows {
		if row.Stripe == writer.Stripe() {
			switch row.Kind {
			case ledger.Treasury:
				b.collect.Treasury = row.ID
			case ledger.Issuance:
				b.collect.Issuance = row.ID
			case ledger.Rewards:
				b.collect.Rewards = row.ID
			}
		}
	}
	b.alice, b.locked = b.register(t, "did:test:alice")
	b.bob, _ = b.register(t, "did:test:bob")
	return b
}

// next makes ids that sort by the time of the call.
func (b *bench) next() ledger.ID {
	b.serial++
	id := ledger.ID{1, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 15: 1}
	binary.BigEndian.PutUint32(id[11:], b.serial)
	return id
}

// register makes an agent as the engine does.
func (b *bench) register(t *testing.T, name string) (available, locked ledger.Account) {
	t.Helper()
	id := did.MustParse(name)
	tx, rows := b.begin(t, store.Need{Owners: []did.DID{id}})
	require.Len(t, rows.NewAccounts, 2)
	available = ledger.Account{ID: rows.NewAccounts[0], Owner: id, Kind: ledger.Available, Status: ledger.Active}
	locked = ledger.Account{ID: rows.NewAccounts[1], Owner: id, Kind: ledger.Locked, Status: ledger.Active}
	require.NoError(t, tx.Commit(background(), &store.Changes{
		Opened: []*ledger.Account{&available, &locked},
		Agents: []ledger.Agent{{ID: id, Account: available.ID, Locked: locked.ID, Origin: ledger.FromRegistry, Metadata: []byte(`{"a":1}`), CreatedAt: b.now}},
	}))
	return available, locked
}

func (b *bench) begin(t *testing.T, need store.Need) (store.Tx, *store.Rows) {
	t.Helper()
	tx, rows, err := b.writer.Begin(background(), need, store.LockBriefly)
	require.NoError(t, err)
	return tx, rows
}

// post carries a posting out in a group of its own, at the bench's time.
func (b *bench) post(t *testing.T, p ledger.Posting) ledger.Transaction {
	t.Helper()
	posted, err := b.tryPost(p)
	require.NoError(t, err)
	return posted
}

// tryPost is post for a goroutine that is not the test's.
func (b *bench) tryPost(p ledger.Posting) (ledger.Transaction, error) {
	ids := []ledger.AccountID{b.collect.Treasury}
	for _, leg := range p.Legs {
		if leg.Account != b.collect.Treasury {
			ids = append(ids, leg.Account)
		}
	}
	tx, rows, err := b.writer.Begin(background(), store.Need{Accounts: ids}, store.LockBriefly)
	if err != nil {
		return ledger.Transaction{}, err
	}
	book := ledger.NewBook(rows.Accounts, b.collect)
	posted, err := book.Post(ledger.TransactionID(b.next()), b.now, p)
	if err != nil {
		return ledger.Transaction{}, errors.Join(err, tx.Rollback(background()))
	}
	changes := &store.Changes{Transactions: book.Posted()}
	changes.Moved, changes.Altered = book.Changed()
	changes.Events = []store.Event{b.event("transfer", b.alice.Owner)}
	if p.Notes.Message != "" {
		changes.Private = []store.Private{{ID: ledger.ID(posted.ID), Salt: [16]byte{7}, Body: []byte(p.Notes.Message)}}
	}
	return *posted, tx.Commit(background(), changes)
}

func (b *bench) event(action string, actor did.DID) store.Event {
	return store.Event{ID: store.EventID(b.next()), Action: action, Actor: actor, At: b.now, Body: []byte(`{"v":1}`)}
}

// issue gives an agent something to spend.
func (b *bench) issue(t *testing.T, to ledger.Account, sum string) ledger.Transaction {
	t.Helper()
	return b.post(t, ledger.Move(ledger.TypeIssuance, b.collect.Issuance, to.ID, avt(sum), ledger.Notes{Reason: "grant"}))
}

// pay moves a sum from Alice to Bob.
func (b *bench) pay(t *testing.T, sum string, notes ledger.Notes) ledger.Transaction {
	t.Helper()
	return b.post(t, b.payment(sum, notes))
}

func (b *bench) payment(sum string, notes ledger.Notes) ledger.Posting {
	return ledger.Move(ledger.TypeTransfer, b.alice.ID, b.bob.ID, avt(sum), notes)
}

// row reads one account row.
func (b *bench) row(t *testing.T, of ledger.Account) ledger.Account {
	t.Helper()
	rows, err := b.reader.AccountsOf(background(), of.Owner)
	require.NoError(t, err)
	for _, row := range rows {
		if row.ID == of.ID {
			return row
		}
	}
	require.Fail(t, "no such row")
	return ledger.Account{}
}
