package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
)

var somebody = did.MustParse("did:key:somebody")

func someEvent() store.Event {
	return store.Event{ID: store.EventID(uuid.Must(uuid.NewV7())), Action: "test", Actor: somebody, At: time.Now(), Body: []byte(`{}`)}
}

func openWriter(t *testing.T) (*postgres.Store, store.Writer) {
	st := storetest.OpenPostgres(t).(*postgres.Store)
	w, err := st.Writer(context.Background())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	return st, w
}

// COMMIT follows its changes in one round trip: a change of a row that is not
// there must stop it on the server.
func TestChangeOfAMissingRowWritesNothing(t *testing.T) {
	ctx := context.Background()
	st, w := openWriter(t)
	missing := &ledger.Account{ID: 1 << 40, Owner: somebody, Kind: ledger.Available, Status: ledger.Active, Seq: 1}
	for name, changes := range map[string]store.Changes{
		"balance":  {Moved: []*ledger.Account{missing}},
		"standing": {Altered: []*ledger.Account{missing}},
		"profile":  {Profiles: []store.ProfileChange{{Agent: somebody}}},
		"hold":     {Holds: []ledger.Hold{{ID: ledger.HoldID(uuid.Must(uuid.NewV7())), State: ledger.HoldVoided}}},
	} {
		changes.Events = []store.Event{someEvent()}
		tx, _, err := w.Begin(ctx, store.Need{}, store.LockBriefly)
		require.NoError(t, err)
		require.ErrorContains(t, tx.Commit(ctx, &changes), "changed 0 rows", name)

		events, waiting, err := st.Reader().LogSize(ctx)
		require.NoError(t, err)
		require.Zero(t, events+waiting, name)

		host, err := st.DB().BeginTx(ctx, nil)
		require.NoError(t, err)
		joined := postgres.Tx(host)
		tx, _, err = joined.Begin(ctx, store.Need{}, store.LockPatiently)
		require.NoError(t, err)
		require.ErrorContains(t, tx.Commit(ctx, &changes), "changed 0 rows", name)
		_, _, err = joined.Begin(ctx, store.Need{}, store.LockPatiently)
		require.ErrorIs(t, err, store.ErrNotJoinable, "after an error there is nothing but rolling back")
		require.NoError(t, host.Rollback())
	}
}

// Without its head the log takes no events.
func TestLogWithoutHead(t *testing.T) {
	ctx := context.Background()
	st, w := openWriter(t)
	_, err := st.DB().ExecContext(ctx, `DELETE FROM log_head`)
	require.NoError(t, err)
	tx, _, err := w.Begin(ctx, store.Need{}, store.LockBriefly)
	require.NoError(t, err)
	reference := store.Reference{Key: store.Key{1}, Subject: ledger.ID{1}}
	require.Error(t, tx.Commit(ctx, &store.Changes{References: []store.Reference{reference}, Events: []store.Event{someEvent()}}))
	tx, rows, err := w.Begin(ctx, store.Need{References: []store.Key{reference.Key}}, store.LockBriefly)
	require.NoError(t, err)
	require.Empty(t, rows.References)
	require.NoError(t, tx.Rollback(ctx))

	_, err = st.DB().ExecContext(ctx, `INSERT INTO event_inbox (id, action, actor, at, body) VALUES (gen_random_uuid(), 'a', 'did:key:a', now(), '')`)
	require.NoError(t, err)
	require.Error(t, st.Maintain(ctx, store.Maintenance{Now: time.Now()}))
	var waiting int
	require.NoError(t, st.DB().QueryRowContext(ctx, `SELECT count(*) FROM event_inbox`).Scan(&waiting))
	require.Equal(t, 1, waiting, "it still waits")
}

// No error shows any part of a password.
func TestErrorsKeepTheSecret(t *testing.T) {
	for _, address := range []string{
		"postgres://u:p@s3cret:word@host:abc/db", "postgres://u:s3cret/x@host/db", "postgresql://u:s3cret@host/db?sslmode=foo",
		"postgres://u:s3c%ret@host/s3cret", "postgres://u:a s3cret@host:99999/db", "postgres:///db?host=/x&password=s3cret%zz",
		"postgres://u:s3cret@127.0.0.1:1/db?connect_timeout=1", "host=/nowhere password=s3cret", "mysql://u:s3cret@host/db", "",
	} {
		_, err := postgres.Open(context.Background(), address)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "s3c", address)
	}
}

// What the id of the database's transaction says about a lost commit.
func TestFateByTransactionID(t *testing.T) {
	ctx := context.Background()
	st, w := openWriter(t)
	xid := func(end string) (id string) {
		conn, err := st.DB().Conn(ctx)
		require.NoError(t, err)
		defer conn.Close()
		tx, err := conn.BeginTx(ctx, nil)
		require.NoError(t, err)
		require.NoError(t, tx.QueryRowContext(ctx, `SELECT pg_current_xact_id()::text`).Scan(&id))
		if end == "COMMIT" {
			require.NoError(t, tx.Commit())
		} else {
			require.NoError(t, tx.Rollback())
		}
		return id
	}
	require.NoError(t, st.Resolve(ctx, xid("COMMIT"), &store.Changes{}))
	require.ErrorIs(t, st.Resolve(ctx, xid("ROLLBACK"), &store.Changes{}), store.ErrUnavailable)
	require.ErrorIs(t, st.Resolve(ctx, "999999999999", &store.Changes{}), store.ErrUnavailable, "after a failover the id is not given yet")
	for name, c := range map[string]store.Changes{
		"a transfer": {Transactions: []ledger.Transaction{{
			ID: ledger.TransactionID(uuid.Must(uuid.NewV7())), Type: ledger.TypeTransfer, Amount: amount.MustParse("1"), At: time.Now(),
		}}},
		"a refusal":  {Records: []store.Record{{Key: store.Key{1}, Verb: store.VerbTransfer, Refusal: []byte("no"), At: time.Now()}}},
		"an account": {Opened: []*ledger.Account{{ID: 1 << 40, Owner: somebody, Kind: ledger.Available, Status: ledger.Active}}},
		"an event":   {Events: []store.Event{someEvent()}},
	} {
		missing := store.ErrUnavailable
		if len(c.Events) > 0 {
			missing = store.ErrOutcomeUnknown // it may be too far back to be found
		}
		require.ErrorIs(t, st.Resolve(ctx, xid("COMMIT"), &c), missing, "%s: after a failover the id is another's", name)
		require.ErrorIs(t, st.Resolve(ctx, xid("ROLLBACK"), &c), store.ErrUnavailable, name)
		tx, _, err := w.Begin(ctx, store.Need{}, store.LockBriefly)
		require.NoError(t, err)
		require.NoError(t, tx.Commit(ctx, &c), name)
		require.NoError(t, st.Resolve(ctx, xid("COMMIT"), &c), name)
	}
	again := store.Changes{Records: []store.Record{{Key: store.Key{1}, Verb: store.VerbTransfer, Refusal: []byte("no"), At: time.Now().Add(time.Second)}}}
	require.ErrorIs(t, st.Resolve(ctx, xid("ROLLBACK"), &again), store.ErrUnavailable, "the key's row is that of another server")
	nothing := &store.Changes{Holds: []ledger.Hold{{}}}
	require.ErrorIs(t, st.Resolve(ctx, xid("COMMIT"), nothing), store.ErrOutcomeUnknown, "no row tells")
}

// A connection that is cut so that the server does not notice leaves no
// transaction behind, and its outcome is known.
func TestServerThatDoesNotNotice(t *testing.T) {
	ctx := context.Background()
	p, st := throughProxy(t)
	w := open(t, st)
	tx, _, err := w.Begin(ctx, store.Need{}, store.LockBriefly)
	require.NoError(t, err)
	p.armed.Store(cutUnnoticed)
	require.ErrorIs(t, tx.Commit(ctx, &store.Changes{Events: []store.Event{someEvent()}}), store.ErrUnavailable)
	events, _, err := st.Reader().LogSize(ctx)
	require.NoError(t, err)
	require.Zero(t, events)
}

// Rows are locked in the order of their ids, found by index.
func TestLockPlans(t *testing.T) {
	st := storetest.OpenNewPostgres(t)
	plans, err := st.LockPlans(context.Background())
	require.NoError(t, err)
	require.Contains(t, plans["lock_holds"], "holds_active")
	require.Contains(t, plans["lock_owners"], "accounts_owner_key")
	for name, plan := range plans {
		require.True(t, strings.HasPrefix(plan, "LockRows"), "%s: the locks come last:\n%s", name, plan)
		require.NotContains(t, plan, "Seq Scan", name)
		require.True(t, strings.Contains(plan, "Sort Key: id") || strings.Contains(plan, "Index Scan using accounts_pkey"), "%s:\n%s", name, plan)
	}
}

// The rows of owners are found by index, also in a table that nobody has counted yet.
func TestOwnersPlan(t *testing.T) {
	ctx, st := context.Background(), storetest.OpenNewPostgres(t)
	_, err := st.DB().ExecContext(ctx, `INSERT INTO accounts (id, owner, kind, stripe, balance, seq, status)
		SELECT n, 'did:key:' || n, 1, 0, 0, 0, 1 FROM generate_series(1000, 20000) AS n`)
	require.NoError(t, err)
	plan, err := st.OwnersPlan(ctx, 256)
	require.NoError(t, err)
	require.Contains(t, plan, "accounts_owner_key")
	require.NotContains(t, plan, "Seq Scan")
}

// Hosts that share a stripe count in one order.
func TestBucketPlan(t *testing.T) {
	st, _ := openWriter(t)
	plan, err := st.BucketPlan(context.Background())
	require.NoError(t, err)
	require.Contains(t, plan, "Sort Key: d.score")
}

// Rows of stakes are found by index, and what has ended is not read.
func TestStakePlans(t *testing.T) {
	st, _ := openWriter(t)
	plans, err := st.StakePlans(context.Background())
	require.NoError(t, err)
	for name, indexes := range map[string][]string{
		"find_stakes":      {"stakes_pkey", "stakes_live", "delegations_pkey", "unbondings_pkey"},
		"find_delegations": {"delegations_pkey"}, "find_unbondings": {"unbondings_pkey", "unbondings_owner"},
		"find_parts": {"delegations_active_stake"}, "find_returning": {"unbondings_stake"},
		"find_pools":   {"pools_pkey", "pools_live", "delegations_active_stake", "unbondings_stake"},
		"find_cycles":  {"reward_cycles_pkey"},
		"change_pools": {"pools_pkey"}, "change_stakes": {"stakes_pkey"}, "change_delegations": {"delegations_pkey"}, "change_unbondings": {"unbondings_pkey"},
	} {
		require.NotContains(t, plans[name], "Seq Scan", name)
		for _, index := range indexes {
			require.Contains(t, plans[name], index, name)
		}
	}
}

// A host that joins twice collects at one stripe, and two hosts at two.
func TestHostsStripes(t *testing.T) {
	ctx := context.Background()
	st, _ := openWriter(t)
	one, err := st.DB().BeginTx(ctx, nil)
	require.NoError(t, err)
	defer one.Rollback()
	two, err := st.DB().BeginTx(ctx, nil)
	require.NoError(t, err)
	defer two.Rollback()
	stripe := func(host store.Host) uint8 {
		require.NoError(t, host.Join(ctx))
		return host.Stripe()
	}
	first := stripe(postgres.Tx(one))
	require.Equal(t, first, stripe(postgres.Tx(one)))
	require.NotEqual(t, first, stripe(postgres.Tx(two)))
	require.GreaterOrEqual(t, first, uint8(ledger.HostStripes))
}

// Two that set one database up for different owners: one of them is refused.
func TestSetUpByTwo(t *testing.T) {
	ctx := context.Background()
	st, _ := openWriter(t)
	failed := make(chan error, 2)
	for _, name := range []string{"did:key:one", "did:key:two"} {
		go func() {
			owner := did.MustParse(name)
			failed <- st.SetUp(ctx, map[ledger.Kind]did.DID{ledger.Treasury: owner, ledger.Issuance: owner, ledger.Rewards: owner})
		}()
	}
	errs := []error{<-failed, <-failed}
	require.ErrorIs(t, errors.Join(errs...), store.ErrForeignTreasury)
	require.True(t, errs[0] == nil || errs[1] == nil)
	rows, err := st.Reader().SystemAccounts(ctx)
	require.NoError(t, err)
	require.Len(t, rows, len(ledger.SystemKinds())*ledger.Stripes)
}
