package teg_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// payees denies payments to one agent alone.
func payees(denied teg.DID) func(context.Context, []teg.Intent) ([]teg.Verdict, error) {
	return func(_ context.Context, intents []teg.Intent) ([]teg.Verdict, error) {
		return verdictsOn(intents, func(i teg.Intent) bool { return i.Receiver != denied }), nil
	}
}

// Of a batch the decider is asked once, however many elements it has. What it denies of
// one that is not atomic is refused for itself, also where the key is sent again after
// the policy has changed; an atomic one is refused whole, and nothing remembered.
func TestDeciderOfBatches(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		c, ctx := new(censor), context.Background()
		eng := tegtest.Over(t, open(t), c.under)
		alice, bob, carol := tegtest.Fund(t, eng, "did:example:alice", "5000"), tegtest.Fund(t, eng, "did:example:bob", "0"), tegtest.Fund(t, eng, "did:example:carol", "0")
		p := teg.BatchParams{From: alice, Key: "k"}
		for i := range teg.MaxBatch {
			p.Transfers = append(p.Transfers, teg.BatchTransfer{To: []teg.DID{bob, carol}[i%2], Amount: teg.AVT("1")})
		}
		c.set(payees(carol))
		first, err := eng.TransferBatch(ctx, p)
		require.NoError(t, err)
		require.Len(t, c.questions(), 1)
		require.Len(t, c.questions()[0], teg.MaxBatch)
		require.Equal(t, []int{teg.MaxBatch / 2, teg.MaxBatch / 2}, []int{first.Succeeded, first.Failed})
		require.ErrorIs(t, first.Results[1].Err, teg.ErrPolicyDenied)
		require.Equal(t, []string{"500", "0"}, []string{tegtest.Available(t, eng, bob), tegtest.Available(t, eng, carol)})
		c.set(nil)
		again, err := eng.TransferBatch(ctx, p)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, []int{first.Succeeded, first.Failed}, []int{again.Succeeded, again.Failed})
		require.Equal(t, first.Results[0].Receipt.TransactionID, again.Results[0].Receipt.TransactionID)
		require.ErrorIs(t, again.Results[1].Err, teg.ErrPolicyDenied)

		p.Key, p.Atomic, p.Transfers = "atomic", true, p.Transfers[:2]
		c.set(payees(carol))
		_, err = eng.TransferBatch(ctx, p)
		var at *teg.BatchError
		require.ErrorAs(t, err, &at)
		require.Equal(t, 1, at.Index)
		require.ErrorIs(t, err, teg.ErrPolicyDenied)
		require.Equal(t, "500", tegtest.Available(t, eng, bob))
		c.set(nil)
		_, err = eng.TransferBatch(ctx, p)
		require.NoError(t, err, "nothing was remembered")
	})
}

// A denial is not remembered under an element's own key, which is decided anew; and the
// key of the batch has the first answer again, word for word, whatever became of the
// element's meanwhile.
func TestDeniedElementsWithKeys(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		c, ctx := new(censor), context.Background()
		eng := tegtest.Over(t, open(t), c.under)
		alice, bob, carol := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0"), tegtest.Fund(t, eng, "did:example:carol", "0")
		one := teg.AVT("1")
		p := teg.BatchParams{From: alice, Key: "k", Transfers: []teg.BatchTransfer{
			{To: bob, Amount: one, Key: "paid"}, {To: carol, Amount: one, Key: "own"}, {To: carol, Amount: one, Key: "unused"}, {To: carol, Amount: one}, {To: carol, Amount: one, Key: "other"},
		}}
		dry := p
		dry.DryRun = true
		c.set(payees(carol))
		_, err := eng.TransferBatch(ctx, dry)
		require.NoError(t, err)
		first, err := eng.TransferBatch(ctx, p)
		require.NoError(t, err)
		require.False(t, first.Replayed)
		require.Equal(t, []int{1, 4}, []int{first.Succeeded, first.Failed})

		c.set(nil)
		for key, amount := range map[string]string{"own": "1", "k#3": "1", "other": "2"} { // the last is another request
			_, err = eng.Transfer(ctx, teg.TransferParams{From: alice, To: carol, Amount: teg.AVT(amount), Key: key})
			require.NoError(t, err, "%s: it is decided anew", key)
		}
		again, err := eng.TransferBatch(ctx, p)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, []int{1, 4}, []int{again.Succeeded, again.Failed})
		for i := range first.Results {
			require.Equal(t, teg.CodeOf(first.Results[i].Err), teg.CodeOf(again.Results[i].Err), i)
			require.Equal(t, first.Results[i].Receipt.TransactionID, again.Results[i].Receipt.TransactionID, i)
			require.Equal(t, teg.Explain(first.Results[i].Err).Rule, teg.Explain(again.Results[i].Err).Rule, i)
			require.Equal(t, teg.Explain(first.Results[i].Err).Figures, teg.Explain(again.Results[i].Err).Figures, i)
		}
		require.EqualError(t, again.Results[2].Err, first.Results[2].Err.Error())

		p.Key = "another"
		anew, err := eng.TransferBatch(ctx, p)
		require.NoError(t, err)
		require.NoError(t, anew.Results[2].Err, "an own key that was denied alone is decided anew")
		require.ErrorIs(t, anew.Results[4].Err, teg.ErrKeyReused)
	})
}

// Where no more refusals are remembered, a batch of which a policy denied a part is not
// remembered as decided either.
func TestDenialsBeyondTheRefusalLimit(t *testing.T) {
	t.Parallel()
	c, ctx := new(censor), context.Background()
	eng := tegtest.New(t, c.under)
	agents := tegtest.FundMany(t, eng, 2, "10")
	p := teg.BatchParams{From: agents[0], Key: "fill"}
	for range teg.MaxBatch {
		p.Transfers = append(p.Transfers, teg.BatchTransfer{To: agents[1], Amount: teg.AVT("1")})
	}
	c.set(denyAll)
	full, err := eng.TransferBatch(ctx, p)
	require.NoError(t, err)
	require.Equal(t, teg.MaxBatch, full.Failed)
	p.Key, p.Transfers = "beyond", p.Transfers[:1]
	first, err := eng.TransferBatch(ctx, p)
	require.NoError(t, err)
	require.ErrorIs(t, first.Results[0].Err, teg.ErrPolicyDenied)
	c.set(nil)
	again, err := eng.TransferBatch(ctx, p)
	require.NoError(t, err)
	require.False(t, again.Replayed)
	require.NoError(t, again.Results[0].Err)
}

// A call that repeats a key is asked about, too: who may not any more is not told what
// came of it before. The answer stays remembered.
func TestDeciderOfReplaysAndDryRuns(t *testing.T) {
	t.Parallel()
	c, ctx := new(censor), context.Background()
	eng := tegtest.New(t, c.under)
	alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
	p := teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1"), Key: "k"}
	first, err := eng.Transfer(ctx, p)
	require.NoError(t, err)
	c.set(denyAll)
	_, err = eng.Transfer(ctx, p)
	require.ErrorIs(t, err, teg.ErrPolicyDenied)
	require.False(t, teg.Replayed(err))
	p.DryRun = true
	_, err = eng.Transfer(ctx, p)
	require.ErrorIs(t, err, teg.ErrPolicyDenied)
	require.True(t, c.questions()[1][0].DryRun)
	require.Equal(t, int64(2), eng.Stats().Denied)
	c.set(nil)
	p.DryRun = false
	again, err := eng.Transfer(ctx, p)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, first.TransactionID, again.TransactionID)
}

// A decider that never answers, and heeds no context, keeps its callers no longer than
// the configuration says.
func TestDeciderThatHangs(t *testing.T) {
	t.Parallel()
	c, release := new(censor), make(chan struct{})
	eng := tegtest.New(t, c.under, func(config *teg.Config) { config.DeciderTimeout = 50 * time.Millisecond })
	alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
	c.set(func(context.Context, []teg.Intent) ([]teg.Verdict, error) {
		<-release
		return nil, nil
	})
	defer close(release)
	_, err := eng.Transfer(context.Background(), teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1"), Key: "k"})
	require.ErrorIs(t, err, teg.ErrUndecided)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = eng.Transfer(cancelled, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1"), Key: "k"})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "SYS_UNAVAILABLE", teg.CodeOf(err))
	require.Equal(t, "100", tegtest.Available(t, eng, alice))
	require.Equal(t, int64(2), eng.Stats().Undecided)
}

// What a decider says at length is told in short.
func TestDeciderThatTalks(t *testing.T) {
	t.Parallel()
	c := new(censor)
	eng := tegtest.New(t, c.under)
	alice := tegtest.Fund(t, eng, "did:example:alice", "100")
	for _, reason := range []string{"", strings.Repeat("ä", 10_000)} {
		c.set(func(context.Context, []teg.Intent) ([]teg.Verdict, error) {
			return []teg.Verdict{{Reason: reason}}, nil
		})
		_, err := eng.TransferToSystem(context.Background(), teg.SystemTransferParams{From: alice, Amount: teg.AVT("1")})
		require.ErrorIs(t, err, teg.ErrPolicyDenied)
		require.Less(t, len([]rune(err.Error())), 300)
		require.True(t, strings.HasPrefix(err.Error(), "denied by policy"), err)
	}
}

// In a host's transaction the decider is asked as well, and what it denies leaves the
// host's own rows to the host.
func TestDeciderInAHostsTransaction(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		c, ctx, st := new(censor), context.Background(), open(t)
		eng := tegtest.Over(t, st, c.under)
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
		tx, host := hostOf(t, st, nil)
		defer tx.Rollback()
		c.set(denyAll)
		_, err := eng.Using(host).Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("1")})
		require.ErrorIs(t, err, teg.ErrPolicyDenied)
		c.set(nil)
		_, err = eng.Using(host).Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("2")})
		require.NoError(t, err)
		require.Len(t, c.questions(), 1)
		require.NoError(t, tx.Commit())
		require.Equal(t, "2", tegtest.Available(t, eng, bob))
	})
}

// What the engine does because its time has come is nobody's wish, and nobody is asked.
func TestDeciderIsNotAskedAboutWhatIsDue(t *testing.T) {
	t.Parallel()
	c := new(censor)
	for _, part := range []struct {
		list    []doing
		options []func(*teg.Config)
	}{{acts, nil}, {panelActs, []func(*teg.Config){withPanel}}} {
		w := newWorld(t, storetest.OpenSQLite(t), append(part.options, c.under)...)
		for _, a := range part.list {
			if !a.unasked {
				continue
			}
			c.set(nil)
			s := w.scene(a.prepare)
			undone := s.effect()
			c.set(denyAll)
			_, err := a.act(limited(t), s)
			require.NoError(t, err, a.name)
			require.Empty(t, c.questions(), a.name)
			require.NotEqual(t, undone, s.effect(), a.name)
			c.set(nil)
		}
	}
}
