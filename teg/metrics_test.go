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

// metricsOf is metrics and a tracer that remember.
type metricsOf struct {
	mu         sync.Mutex
	acts       map[string]int
	moved      map[teg.TransactionType]amount.Amount
	refused    map[string]int
	traced     map[string]int
	operations int
	groups     int
	policy     []string
}

func (m *metricsOf) Committed(operations int, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.operations += operations
	m.groups++
}

func (m *metricsOf) Refused(verb teg.Verb, code string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused[verb.String()+" "+code]++
}

func (m *metricsOf) Acted(action string, times int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acts[action] += times
}

func (m *metricsOf) Moved(reason teg.TransactionType, sum teg.Amount) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.moved[reason], _ = m.moved[reason].Add(sum)
}

func (m *metricsOf) Began(ctx context.Context, verb teg.Verb) func(string) {
	by, _ := ctx.Value(tracedKey{}).(string)
	return func(code string) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.traced[fmt.Sprintf("%s%s %s", by, verb, code)]++
	}
}

func (m *metricsOf) Decided(allowed, denied int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.policy = append(m.policy, fmt.Sprint(allowed, " allowed, ", denied, " denied, in no time: ", took <= 0))
}

func (m *metricsOf) Undecided(acts int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.policy = append(m.policy, fmt.Sprint(acts, " undecided, in no time: ", took <= 0))
}

type tracedKey struct{}

// forget makes what was told so far of no account.
func (m *metricsOf) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acts, m.moved = map[string]int{}, map[teg.TransactionType]amount.Amount{}
	m.refused, m.traced = map[string]int{}, map[string]int{}
	m.operations, m.groups, m.policy = 0, 0, nil
}

// Of what is committed, and of that alone, metrics are told.
func TestMetrics(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st, m := open(t), &metricsOf{}
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
	m := &metricsOf{}
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
		require.NoError(t, c.eng.GrowTree(c.ctx)) // in turns with others, and notes no position
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

// Metrics are told of each question to the decider, but for one that its caller gave up;
// and of what it denies as of every refusal, also of a slash, of which something is done
// before.
func TestPoliciesAreTold(t *testing.T) {
	t.Parallel()
	m, c, ctx := &metricsOf{}, new(censor), context.Background()
	m.forget()
	eng := tegtest.New(t, c.under, func(config *teg.Config) { config.Metrics, config.Tracer = m, m })
	alice, bob, carol := tegtest.Fund(t, eng, "did:example:alice", "100"), tegtest.Fund(t, eng, "did:example:bob", "0"), tegtest.Fund(t, eng, "did:example:carol", "0")
	m.forget()
	batch := teg.BatchParams{From: alice, Transfers: []teg.BatchTransfer{{To: bob, Amount: teg.AVT("1")}, {To: carol, Amount: teg.AVT("1")}, {To: bob, Amount: teg.AVT("1")}}}
	c.set(payees(carol))
	_, err := eng.TransferBatch(ctx, batch)
	require.NoError(t, err)
	c.set(func(context.Context, []teg.Intent) ([]teg.Verdict, error) { return nil, nil })
	_, err = eng.TransferBatch(ctx, batch)
	require.ErrorIs(t, err, teg.ErrUndecided)
	hasty, hangUp := context.WithCancel(ctx)
	c.set(func(ctx context.Context, _ []teg.Intent) ([]teg.Verdict, error) {
		hangUp()
		return nil, ctx.Err()
	})
	_, err = eng.TransferBatch(hasty, batch)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"2 allowed, 1 denied, in no time: false", "3 undecided, in no time: false"}, m.policy)

	c.set(denyAll)
	_, err = eng.Slash(ctx, teg.SlashParams{By: tegtest.Admin, Validator: bob, Percentage: teg.Percent(10), Evidence: "e", Reason: "r"})
	require.ErrorIs(t, err, teg.ErrPolicyDenied)
	require.Equal(t, 1, m.refused["slash AUTH_POLICY_DENIED"])
	require.Equal(t, 1, m.traced["slash AUTH_POLICY_DENIED"])
}
