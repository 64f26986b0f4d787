package teg_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// toldOf is metrics and a tracer that remember.
type toldOf struct {
	mu         sync.Mutex
	acts       map[string]int
	moved      map[teg.TransactionType]amount.Amount
	refused    map[string]int
	traced     map[string]int
	operations int
	groups     int
}

func (m *toldOf) Committed(operations int, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.operations += operations
	m.groups++
}

func (m *toldOf) Refused(verb teg.Verb, code string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused[verb.String()+" "+code]++
}

func (m *toldOf) Acted(action string, times int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acts[action] += times
}

func (m *toldOf) Moved(reason teg.TransactionType, sum teg.Amount) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.moved[reason], _ = m.moved[reason].Add(sum)
}

func (m *toldOf) Began(ctx context.Context, verb teg.Verb) func(string) {
	by, _ := ctx.Value(tracedKey{}).(string)
	return func(code string) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.traced[fmt.Sprintf("%s%s %s", by, verb, code)]++
	}
}

type tracedKey struct{}

// forget makes what was told so far of no account.
func (m *toldOf) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acts, m.moved = map[string]int{}, map[teg.TransactionType]amount.Amount{}
	m.refused, m.traced = map[string]int{}, map[string]int{}
	m.operations, m.groups = 0, 0
}

// Of what is committed, and of that alone, metrics are told.
func TestMetrics(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st, m := open(t), &toldOf{}
		m.forget()
		eng := tegtest.Over(t, st, func(c *teg.Config) { c.Metrics, c.Tracer = m, m })
		ctx := context.WithValue(limited(t), tracedKey{}, "for me: ")
		alice, bob := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0")
		m.forget()
		before := eng.Stats().Operations

		pay := teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("5"), Key: "once"}
		for range 2 { // the second is answered by the first
			_, err := eng.Transfer(ctx, pay)
			require.NoError(t, err)
		}
		pay.Key, pay.DryRun = "", true
		_, err := eng.Transfer(ctx, pay)
		require.NoError(t, err)
		poor := teg.TransferParams{From: bob, To: alice, Amount: teg.AVT("50"), Key: "poor"}
		for range 2 {
			_, err = eng.Transfer(ctx, poor)
			require.ErrorIs(t, err, teg.ErrInsufficientBalance)
		}
		_, err = eng.TransferBatch(ctx, teg.BatchParams{From: alice, Transfers: []teg.BatchTransfer{
			{To: bob, Amount: teg.AVT("1")}, {To: teg.Agent("did:example:nobody"), Amount: teg.AVT("1")}, {To: bob, Amount: teg.AVT("2")},
		}})
		require.NoError(t, err)
		require.Equal(t, map[string]int{"transfer": 3}, m.acts)
		require.Equal(t, map[teg.TransactionType]amount.Amount{teg.TypeTransfer: teg.AVT("8")}, m.moved)
		require.Equal(t, map[string]int{"transfer BIZ_INSUFFICIENT_BALANCE": 1}, m.refused, "and what is answered again is no other refusal")
		require.Equal(t, 6, m.operations)
		require.Equal(t, map[string]int{
			"for me: transfer ": 4, "for me: transfer BIZ_INSUFFICIENT_BALANCE": 1, "for me: transfer_batch ": 1,
		}, m.traced, "the answers of before are no failures")
		require.EqualValues(t, m.operations, eng.Stats().Operations-before)
		m.forget()

		tx, host := hostOf(t, st, nil)
		_, err = eng.Using(host).Transfer(ctx, teg.TransferParams{From: alice, To: bob, Amount: teg.AVT("7")})
		require.NoError(t, err)
		require.NoError(t, tx.Rollback())
		require.Empty(t, m.acts, "the host has not committed it")
		require.Empty(t, m.moved)
		require.Equal(t, map[string]int{"for me: transfer ": 1}, m.traced)
	})
}

// What is committed alone is told, too.
func TestMetricsOfTheSlowLane(t *testing.T) {
	t.Parallel()
	m := &toldOf{}
	m.forget()
	eng := tegtest.New(t, func(c *teg.Config) { c.Metrics = m })
	agents := tegtest.FundMany(t, eng, 2, "100")
	m.forget()
	_, err := eng.PutPolicy(limited(t), mandatory("fees", teg.PolicyEconomic, `{"min_transfer_amount":"0.5"}`))
	require.NoError(t, err)
	require.Equal(t, map[string]int{"put_policy": 1}, m.acts)
	require.Equal(t, 1, m.groups)
	_, err = eng.Transfer(limited(t), teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"put_policy": 1, "transfer": 1}, m.acts)
}

// What the engine logs on behalf of a request bears its name.
func TestLogLinesNameTheRequest(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	f := &faults{}
	st := &brittle{storetest.OpenSQLite(t), f}
	eng := tegtest.Over(t, st, func(c *teg.Config) { c.Logger = slog.New(slog.NewTextHandler(&lines, nil)).With("part", "engine") })
	agents := tegtest.FundMany(t, eng, 2, "100")
	f.plan(atCommit, 1, true, store.ErrUnavailable)
	_, err := eng.Transfer(teg.WithRequestID(limited(t), "req-1"), teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
	require.ErrorIs(t, err, teg.ErrUnavailable)
	require.Positive(t, f.clear())
	require.Contains(t, lines.String(), "part=engine")
	require.Contains(t, lines.String(), "request_id=req-1")
}

// Readers of the log are told with how far behind they are.
func TestLogReaders(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		readers, err := c.eng.LogReaders(c.ctx)
		require.NoError(t, err)
		require.Empty(t, readers)
		stands := func(name string, position int64) {
			now := c.clock.Now()
			_, mine, err := c.store.Claim(c.ctx, store.Claim{
				Name: name, Holder: ledger.ID{1}, Position: position, Now: now, Until: now.Add(time.Second), Longest: now.Add(time.Hour),
			})
			require.NoError(t, err)
			require.True(t, mine)
		}
		stands("mail", 99) // all that there is
		stands("auditor", 1)
		readers, err = c.eng.LogReaders(c.ctx)
		require.NoError(t, err)
		at := readers[1].Position
		require.Positive(t, at)
		require.Equal(t, []teg.LogReaderStats{{Name: "auditor", Position: 1, Behind: at - 1}, {Name: "mail", Position: at}}, readers)
		c.pay(agents[0], agents[1])
		c.clock.Advance(time.Minute)
		c.pay(agents[0], agents[1])
		c.clock.Advance(time.Minute)
		readers, err = c.eng.LogReaders(c.ctx)
		require.NoError(t, err)
		require.Equal(t, teg.LogReaderStats{Name: "mail", Position: at, Behind: 2, Lag: 2 * time.Minute}, readers[1])
		for _, pool := range c.eng.Pools() {
			require.Contains(t, []string{"read", "write"}, pool.Name)
			require.LessOrEqual(t, pool.InUse, pool.Open)
		}
	})
}
