package teg_test

import (
	"context"
	"fmt"
	"math/big"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// TestModel runs random sequences of all verbs on the engine and on the model,
// refused calls, repeated keys and the passing of time included. At each step the
// engine's code is the model's, and a repeated key's answer the first one; after
// each step everybody's available and locked balances are the model's, and so is
// what was issued, burned, paid in fees and into the treasury, which all balances
// add up to. After each sequence the engine proves its books.
func TestModel(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		scope := &scope{TB: t}
		t.Cleanup(scope.end)
		var st store.Store
		round, clock := 0, tegtest.NewClock() // time goes on from one machine to the next, as for any database
		rapid.Check(t, func(rt *rapid.T) {
			if round%modelRounds == 0 {
				scope.end()
				st = open(scope)
			}
			round++
			newMachine(rt, st, clock, round).run(rt)
		})
	})
}

// modelRounds is after how many machines a fresh database takes over: the proof of
// the books reads everything that is in it.
const modelRounds = 200

// scope is a test of which parts end before the whole does.
type scope struct {
	testing.TB
	ends []func()
}

// Cleanup has a part of the test ended with the others.
func (s *scope) Cleanup(end func()) { s.ends = append(s.ends, end) }

// TempDir makes a directory that is gone when the part ends.
func (s *scope) TempDir() string {
	dir, err := os.MkdirTemp("", "teg-model-")
	require.NoError(s, err)
	s.Cleanup(func() { require.NoError(s, os.RemoveAll(dir)) })
	return dir
}

// end ends what has begun, the last first.
func (s *scope) end() {
	for _, end := range slices.Backward(s.ends) {
		end()
	}
	s.ends = nil
}

// machine is an engine and a model that go the same way. Many machines share a
// database one after the other, each with agents of its own.
type machine struct {
	ctx    context.Context
	engine *teg.Engine
	clock  *tegtest.Clock
	model  *model
	agents []teg.DID // names that may or may not be registered
	admin  teg.DID
	base   teg.Supply // of those before
	holds  []teg.HoldID
	paid   []teg.TransactionID
	first  map[string]string // what a keyed call answered first
}

func newMachine(rt *rapid.T, st store.Store, clock *tegtest.Clock, round int) *machine {
	m := &machine{ctx: context.Background(), clock: clock, first: map[string]string{}}
	engine, err := teg.New(m.ctx, st, teg.Config{Clock: m.clock.Now, Terms: &modelTerms})
	require.NoError(rt, err)
	m.engine, m.model = engine, newModel(m.clock.Now())
	for i := range 5 {
		m.agents = append(m.agents, teg.Agent(fmt.Sprintf("did:model:%d:%d", round, i)))
	}
	m.admin = teg.Agent(fmt.Sprintf("did:model:%d:admin", round))
	m.base, err = engine.Supply(m.ctx)
	require.NoError(rt, err)
	return m
}

func (m *machine) run(rt *rapid.T) {
	defer m.engine.Close()
	for _, agent := range m.agents[:3] {
		m.register(rt, agent)
		m.issue(rt, agent, teg.AVT("1000"), "")
	}
	rt.Repeat(map[string]func(*rapid.T){
		"":           m.check,
		"register":   func(rt *rapid.T) { m.register(rt, m.anyone(rt)) },
		"issue":      func(rt *rapid.T) { m.issue(rt, m.anyone(rt), m.amount(rt), m.key(rt)) },
		"transfer":   m.transfer,
		"system":     m.transferToSystem,
		"batch":      m.batch,
		"refund":     m.refund,
		"hold":       m.hold,
		"capture":    m.capture,
		"void":       m.void,
		"burn":       m.burn,
		"adjust":     m.adjust,
		"suspend":    m.suspend,
		"reactivate": m.reactivate,
		"deactivate": m.deactivate,
		"wait":       m.wait,
		"dry run":    m.dryRun,
	})
	_, err := m.engine.Verify(m.ctx)
	require.NoError(rt, err)
}

func (m *machine) anyone(rt *rapid.T) teg.DID { return rapid.SampledFrom(m.agents).Draw(rt, "agent") }

func (m *machine) amount(rt *rapid.T) teg.Amount {
	text := rapid.SampledFrom([]string{
		"0.01", "0.009999999999999999", "1", "3.333333333333333333", "10", "99.5", "250", "499", "1000", "5000", "5000.000000000000000001",
	}).Draw(rt, "amount")
	return teg.AVT(text)
}

// key draws no key, or one of few, so that keys are used again.
func (m *machine) key(rt *rapid.T) string {
	return rapid.SampledFrom([]string{"", "", "", "k1", "k2", "k3"}).Draw(rt, "key")
}

// agree compares codes, and of a repeated call also the answer itself.
func (m *machine) agree(rt *rapid.T, want string, replayed bool, scope string, receipt any, err error) {
	require.Equal(rt, want, teg.CodeOf(err), "%v", err)
	if want == "" && scope != "" {
		text := fmt.Sprintf("%+v", receipt)
		if replayed {
			require.Equal(rt, m.first[scope], text)
		} else {
			m.first[scope] = text
		}
	}
	if replayed && err != nil {
		require.True(rt, teg.Replayed(err))
	}
}

func (m *machine) check(rt *rapid.T) {
	total := new(big.Rat)
	for _, agent := range m.agents {
		want := m.model.agents[agent.String()]
		got, err := m.engine.Balance(m.ctx, agent)
		if want == nil {
			require.ErrorIs(rt, err, teg.ErrNotFound)
			continue
		}
		require.NoError(rt, err)
		require.Zero(rt, want.available.Cmp(rat(got.Available)), "%s has %s, the model %s", agent, got.Available, want.available.FloatString(18))
		require.Zero(rt, want.locked.Cmp(rat(got.Locked)), "%s has locked %s, the model %s", agent, got.Locked, want.locked.FloatString(18))
		total.Add(total, want.available).Add(total, want.locked)
	}
	supply, err := m.engine.Supply(m.ctx)
	require.NoError(rt, err)
	gain := func(now, before teg.Amount) *big.Rat { return new(big.Rat).Sub(rat(now), rat(before)) }
	require.Zero(rt, gain(supply.Issued, m.base.Issued).Cmp(m.model.issued))
	require.Zero(rt, gain(supply.Burned, m.base.Burned).Cmp(m.model.burned))
	require.Zero(rt, gain(supply.Fees, m.base.Fees).Cmp(m.model.fees))
	require.Zero(rt, gain(supply.Treasury, m.base.Treasury).Cmp(m.model.treasury))
	total.Add(total, m.model.treasury)
	require.Zero(rt, gain(supply.Total, m.base.Total).Cmp(total))
}

func scoped(key, verb string, by teg.DID) string {
	if key == "" {
		return ""
	}
	return by.String() + " " + verb + " " + key
}

func (m *machine) wait(rt *rapid.T) {
	d := rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 2 * time.Hour, 25 * time.Hour}).Draw(rt, "wait")
	m.clock.Advance(d)
	m.model.advance(d)
	if rapid.Bool().Draw(rt, "tick") {
		require.NoError(rt, m.engine.Tick(m.ctx))
	}
	if d > 24*time.Hour { // keys may or may not be remembered from here on
		clear(m.model.answers)
		m.forget(rt)
	}
}

// forget takes the keys away: how long beyond a day they are kept is not fixed.
func (m *machine) forget(rt *rapid.T) {
	for range 2 {
		m.clock.Advance(25 * time.Hour)
		m.model.advance(25 * time.Hour)
		require.NoError(rt, m.engine.Tick(m.ctx))
	}
}
