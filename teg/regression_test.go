package teg_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// commits is a store on which a test decides what becomes of each commit.
type commits struct {
	store.Store
	mu     sync.Mutex
	decide func(carryOut func() error) error
}

func (c *commits) Writer(ctx context.Context) (store.Writer, error) {
	w, err := c.Store.Writer(ctx)
	return &commitsWriter{w, c}, err
}

type commitsWriter struct {
	store.Writer
	commits *commits
}

func (w *commitsWriter) Begin(ctx context.Context, need store.Need, mode store.LockMode) (store.Tx, *store.Rows, error) {
	tx, rows, err := w.Writer.Begin(ctx, need, mode)
	if err != nil {
		return nil, nil, err
	}
	return &commitsTx{tx, w.commits}, rows, nil
}

type commitsTx struct {
	store.Tx
	commits *commits
}

func (t *commitsTx) Commit(ctx context.Context, changes *store.Changes) error {
	t.commits.mu.Lock()
	decide := t.commits.decide
	t.commits.mu.Unlock()
	if decide == nil {
		return t.Tx.Commit(ctx, changes)
	}
	carried := false
	err := decide(func() error { carried = true; return t.Tx.Commit(ctx, changes) })
	if !carried {
		return errors.Join(err, t.Rollback(ctx))
	}
	return err
}

func (c *commits) set(decide func(func() error) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.decide = decide
}

// Half of a divided group whose outcome is unknown is not run again.
func TestUnknownHalfIsNotRunAgain(t *testing.T) {
	ctx := context.Background()
	st := &commits{Store: storetest.OpenSQLite(t)}
	eng := tegtest.Over(t, st)
	agents := tegtest.FundMany(t, eng, 2, "100")
	call, open, reached := 0, make(chan struct{}), make(chan struct{})
	st.set(func(carryOut func() error) error {
		call++
		switch call {
		case 1: // holds the committer, so that a group forms
			close(reached)
			<-open
		case 2: // the group fails for a technical reason
			return errors.New("a strange error")
		case 3: // a half is committed, and the answer is lost
			return errors.Join(carryOut(), fmt.Errorf("%w: lost", store.ErrOutcomeUnknown))
		}
		return carryOut()
	})
	var paying sync.WaitGroup
	pay := func() {
		paying.Go(func() {
			_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
			if err != nil {
				require.ErrorIs(t, err, teg.ErrOutcomeUnknown)
			}
		})
	}
	pay()
	<-reached
	for range 4 {
		pay()
	}
	formed := assert.Eventually(t, func() bool { return eng.Stats().Waiting == 4 }, 5*time.Second, time.Millisecond)
	close(open)
	paying.Wait()
	require.True(t, formed)
	st.set(nil)
	require.Equal(t, "105", tegtest.Available(t, eng, agents[1]), "five payments of 1 were asked for")
}

// An unknown outcome is told as one, also when it wraps a deadline.
func TestUnknownOutcomeOfADeadline(t *testing.T) {
	ctx := context.Background()
	st := &commits{Store: storetest.OpenSQLite(t)}
	eng := tegtest.Over(t, st)
	agents := tegtest.FundMany(t, eng, 2, "100")
	st.set(func(carryOut func() error) error {
		return errors.Join(carryOut(), fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, context.DeadlineExceeded))
	})
	_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	st.set(nil)
	require.ErrorIs(t, err, teg.ErrOutcomeUnknown)
	require.Equal(t, "SYS_OUTCOME_UNKNOWN", teg.CodeOf(err))
}

// A batch that is sent again gets the first answer, whatever keys its elements
// have, and however old what they got is.
func TestBatchReplays(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		clock := tegtest.NewClock()
		ctx, eng := context.Background(), tegtest.Over(t, open(t), tegtest.WithClock(clock))
		agents := tegtest.FundMany(t, eng, 2, "100")
		later := func(d time.Duration) {
			clock.Advance(d)
			require.NoError(t, eng.Tick(ctx))
		}
		later(0)
		for _, key := range []string{"same", "other"} {
			_, err := eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("5"), Key: key})
			require.NoError(t, err)
		}
		later(25 * time.Hour)
		later(23 * time.Hour)
		p := teg.BatchParams{From: agents[0], Key: "b", Transfers: []teg.BatchTransfer{
			{To: agents[1], Amount: teg.AVT("5"), Key: "same"}, {To: agents[1], Amount: teg.AVT("7"), Key: "other"}, {To: agents[1], Amount: teg.AVT("1")},
		}}
		first, err := eng.TransferBatch(ctx, p)
		require.NoError(t, err)
		require.Equal(t, "IDEMPOTENCY_KEY_REUSED", teg.CodeOf(first.Results[1].Err))
		for range 2 {
			again, err := eng.TransferBatch(ctx, p)
			require.NoError(t, err)
			require.True(t, again.Replayed)
			for i, r := range again.Results {
				require.Equal(t, first.Results[i].Receipt.TransactionID, r.Receipt.TransactionID)
				require.Equal(t, teg.CodeOf(first.Results[i].Err), teg.CodeOf(r.Err))
			}
			later(2 * time.Hour) // the generation in which the first keys were is dropped
		}
	})
}

// Where no more refusals are remembered, a batch is not remembered as decided.
func TestBatchBeyondTheRefusalLimit(t *testing.T) {
	ctx, eng := context.Background(), tegtest.New(t)
	agents := tegtest.FundMany(t, eng, 2, "10")
	p := teg.BatchParams{From: agents[0], Key: "fill"}
	for range teg.MaxBatch {
		p.Transfers = append(p.Transfers, teg.BatchTransfer{To: agents[1], Amount: teg.AVT("1000")})
	}
	full, err := eng.TransferBatch(ctx, p)
	require.NoError(t, err)
	require.Equal(t, teg.MaxBatch, full.Failed)
	p.Key, p.Transfers = "beyond", p.Transfers[:1]
	for range 2 {
		r, err := eng.TransferBatch(ctx, p)
		require.NoError(t, err)
		require.Equal(t, "BIZ_INSUFFICIENT_BALANCE", teg.CodeOf(r.Results[0].Err))
	}
}

// A replay comes before the caller's state, but not before its suspension.
func TestDeactivatedCallerGetsItsFirstAnswer(t *testing.T) {
	terms := teg.DefaultTerms()
	terms.Fees = teg.Fees{}
	ctx, eng := context.Background(), tegtest.New(t, tegtest.WithTerms(terms))
	agents := tegtest.FundMany(t, eng, 2, "100")
	p := teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("100"), Key: "all"}
	_, err := eng.Transfer(ctx, p)
	require.NoError(t, err)
	_, err = eng.DeactivateAgent(ctx, teg.StandingParams{Agent: agents[0]})
	require.NoError(t, err)
	again, err := eng.Transfer(ctx, p)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	p.Key = "more"
	_, err = eng.Transfer(ctx, p)
	require.ErrorIs(t, err, teg.ErrInvalidState)
}

// Any number of parties may have holds that expired.
func TestBatchToManyWithExpiredHolds(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		clock := tegtest.NewClock()
		ctx, eng := context.Background(), tegtest.Over(t, open(t), tegtest.WithClock(clock))
		agents := tegtest.FundMany(t, eng, 30, "10")
		p := teg.BatchParams{From: agents[0]}
		for _, to := range agents[1:] {
			_, err := eng.Hold(ctx, teg.HoldParams{From: to, To: agents[0], Amount: teg.AVT("1"), Term: time.Second})
			require.NoError(t, err)
			p.Transfers = append(p.Transfers, teg.BatchTransfer{To: to, Amount: teg.AVT("0.1")})
		}
		clock.Advance(2 * time.Second)
		r, err := eng.TransferBatch(ctx, p)
		require.NoError(t, err)
		require.Equal(t, len(p.Transfers), r.Succeeded)
		require.Equal(t, "10.1", tegtest.Available(t, eng, agents[1]))
	})
}

// A host that holds the treasury's rows stops those who want the treasury, and
// nobody else.
func TestHostHoldsTheTreasury(t *testing.T) {
	ctx, st := context.Background(), storetest.OpenPostgres(t)
	eng := tegtest.Over(t, st)
	agents := tegtest.FundMany(t, eng, 2, "10")
	_, err := eng.TransferToSystem(ctx, teg.SystemTransferParams{From: agents[0], Amount: teg.AVT("5")})
	require.NoError(t, err)
	tx, host := hostOf(t, st, nil)
	_, err = eng.Using(host).Burn(ctx, teg.BurnParams{By: tegtest.Admin, Amount: teg.AVT("1"), Reason: "held"})
	require.NoError(t, err)
	impatient, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, err = eng.Transfer(impatient, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	require.NotErrorIs(t, err, teg.ErrInternal)
	require.NoError(t, tx.Commit())
	_, err = eng.Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	require.NoError(t, err)
}
