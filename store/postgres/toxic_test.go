package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/store/storetest/toxic"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// throughNetwork is a migrated database behind a network that a test can make ill.
func throughNetwork(t *testing.T) (*toxic.Network, *postgres.Store) {
	t.Helper()
	ctx := context.Background()
	address, err := url.Parse(storetest.PostgresURL(t))
	require.NoError(t, err)
	direct, err := postgres.Open(ctx, address.String())
	require.NoError(t, err)
	require.NoError(t, direct.Migrate(ctx))
	require.NoError(t, direct.Close())
	n := toxic.Between(t, address.Host)
	address.Host = n.Address()
	address.RawQuery = "sslmode=disable&pool_max_conns=4"
	st, err := postgres.Open(ctx, address.String())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	return n, st
}

// ailing is what a network has for a while, and what callers may hear of it.
type ailing struct {
	ills    []toxic.Ill
	cut     bool // every connection, and no new ones
	lasts   time.Duration
	patient time.Duration // what callers give each call
	fails   bool          // calls may fail; else nobody hears of it
	unknown bool          // the outcome of some may not be to be had in their time
}

// ailings are the short ones. Those in which no call fails delay, and lose nothing. What is over
// in less than five seconds leaves no outcome unknown to callers who wait for it.
var ailings = map[string]ailing{
	"latency":             {ills: []toxic.Ill{toxic.Latency(20*time.Millisecond, 15*time.Millisecond), toxic.Latency(5*time.Millisecond, 0).Asked()}, lasts: 500 * time.Millisecond, patient: time.Minute},
	"narrow":              {ills: []toxic.Ill{toxic.Narrow(30), toxic.Narrow(60).Asked()}, lasts: 500 * time.Millisecond, patient: time.Minute},
	"sliced":              {ills: []toxic.Ill{toxic.Sliced(40, 100*time.Microsecond), toxic.Sliced(60, 100*time.Microsecond).Asked()}, lasts: 300 * time.Millisecond, patient: time.Minute},
	"reset":               {ills: []toxic.Ill{toxic.Reset()}, lasts: 300 * time.Millisecond, patient: time.Minute, fails: true},
	"reset when asked":    {ills: []toxic.Ill{toxic.Reset().Asked()}, lasts: 300 * time.Millisecond, patient: time.Minute, fails: true},
	"cut":                 {cut: true, lasts: 300 * time.Millisecond, patient: time.Minute, fails: true},
	"answers are lost":    {ills: []toxic.Ill{toxic.BlackHole()}, lasts: time.Second, patient: 400 * time.Millisecond, fails: true, unknown: true},
	"questions are lost":  {ills: []toxic.Ill{toxic.BlackHole().Asked()}, lasts: time.Second, patient: 400 * time.Millisecond, fails: true, unknown: true},
	"nothing gets across": {ills: []toxic.Ill{toxic.BlackHole(), toxic.BlackHole().Asked()}, lasts: time.Second, patient: 400 * time.Millisecond, fails: true, unknown: true},
}

// longAilings take longer than the engine waits for a group, or for an outcome.
var longAilings = map[string]ailing{
	"nothing gets across for long": {ills: []toxic.Ill{toxic.BlackHole(), toxic.BlackHole().Asked()}, lasts: 45 * time.Second, patient: time.Minute, fails: true, unknown: true},
	"cut for long":                 {cut: true, lasts: 20 * time.Second, patient: time.Minute, fails: true, unknown: true},
	"latency for long":             {ills: []toxic.Ill{toxic.Latency(80*time.Millisecond, 60*time.Millisecond)}, lasts: 30 * time.Second, patient: time.Minute},
	"slow, sliced and narrow": {ills: []toxic.Ill{toxic.Latency(20*time.Millisecond, 10*time.Millisecond), toxic.Sliced(50, time.Millisecond), toxic.Narrow(20).Asked()},
		lasts: 30 * time.Second, patient: time.Minute},
}

func everyFault() bool { return os.Getenv("TEG_TEST_FAULTS") == "all" }

// A network that delays, narrows, slices, resets, cuts or swallows what many payers send.
// Each call has its answer; what it says is true; and each payment is made once, by its key.
func TestNetworkFails(t *testing.T) {
	t.Parallel()
	storetest.NeedPostgres(t)
	cases := []map[string]ailing{ailings}
	if everyFault() {
		cases = append(cases, longAilings)
	}
	for _, list := range cases {
		for name, a := range list {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				a.befall(t)
			})
		}
	}
}

func (a ailing) befall(t *testing.T) {
	n, st := throughNetwork(t)
	eng := tegtest.Over(t, st, func(c *teg.Config) { c.Committers = 2 })
	const payers = 6
	agents := tegtest.FundMany(t, eng, payers+1, "1000")
	var stop atomic.Bool
	var running sync.WaitGroup
	load := make([]*payer, payers)
	for i := range load {
		load[i] = &payer{ailing: a, eng: eng, from: agents[i], to: agents[payers], stop: &stop}
		running.Go(load[i].run)
	}
	paid := func() (n int64) {
		for _, p := range load {
			n += p.paid.Load()
		}
		return n
	}
	awaitPayments := func(more int64) {
		began := paid()
		require.Eventually(t, func() bool { return paid() > began+more }, 2*time.Minute, time.Millisecond)
	}
	awaitPayments(5)
	heal := n.Suffer(a.ills...)
	if a.cut {
		heal = n.Cut()
	}
	<-time.After(a.lasts) // it is what the test is about
	if a.fails {          // for which a call has to come by, on a machine that is busy, too
		require.Eventually(t, func() bool {
			return slices.ContainsFunc(load, func(p *payer) bool { return p.failed.Load() })
		}, time.Minute, time.Millisecond)
	}
	heal()
	awaitPayments(20)
	stop.Store(true)
	running.Wait()
	told := map[string]int{}
	for _, p := range load {
		require.NoError(t, p.fault)
		for answer, times := range p.told {
			told[answer] += times
		}
	}
	t.Logf("%d payments; answers: %v", paid(), told)
	require.Equal(t, a.fails, len(told) > 1, "calls fail, or nobody hears of it: %v", told)
	require.Eventually(t, func() bool { // connections that were cut are found to be so when they are used
		_, err := eng.Verify(context.Background())
		return !errors.Is(err, teg.ErrUnavailable)
	}, 2*time.Minute, 10*time.Millisecond)
	for _, p := range load {
		require.Equal(t, p.left(), tegtest.Available(t, eng, p.from))
	}
	require.Equal(t, fmt.Sprint(1000+paid()), tegtest.Available(t, eng, agents[payers]))
}

// payer pays one after the other, and sends a key again until the payment is made.
type payer struct {
	ailing
	eng      *teg.Engine
	from, to teg.DID
	stop     *atomic.Bool
	paid     atomic.Int64
	failed   atomic.Bool    // a call, so far
	told     map[string]int // answers, by what they say
	fault    error
}

func (p *payer) run() {
	p.told = map[string]int{}
	for i := 0; !p.stop.Load() && p.fault == nil; i++ {
		p.insist(fmt.Sprint(i))
	}
}

// insist sends a key until it is known to be paid, and holds each answer against what
// turns out.
func (p *payer) insist(key string) {
	maybe, began := false, time.Now()
	for time.Since(began) < 3*time.Minute {
		ctx, cancel := context.WithTimeout(context.Background(), p.patient)
		r, err := p.eng.Transfer(ctx, teg.TransferParams{From: p.from, To: p.to, Amount: teg.AVT("1"), Key: key})
		cancel()
		p.told[answerOf(err)]++
		if err != nil {
			p.failed.Store(true)
		}
		switch {
		case err == nil && r.Replayed && !maybe:
			p.fault = fmt.Errorf("%s had been paid, and its caller was told that nothing happened", key)
			return
		case err == nil:
			p.paid.Add(1)
			return
		case errors.Is(err, teg.ErrOutcomeUnknown) && p.unknown:
			maybe = true
		case !p.fails || !errors.Is(err, teg.ErrUnavailable) && (!p.unknown || !errors.Is(err, context.DeadlineExceeded)):
			p.fault = fmt.Errorf("%s: %w", key, err)
			return
		}
		if err != nil {
			<-time.After(time.Millisecond) // leaves the processor to others
		}
	}
	p.fault = fmt.Errorf("%s was not paid", key)
}

func answerOf(err error) string {
	if err == nil {
		return "paid"
	}
	return teg.CodeOf(err)
}

// left is what the payer has after its payments and their fees.
func (p *payer) left() string {
	thousandths := 1000_000 - 1001*p.paid.Load()
	return teg.AVT(fmt.Sprintf("%d.%03d", thousandths/1000, thousandths%1000)).String()
}

// The connection of a payment is cut after each number of bytes of what is asked and of what
// is answered, COMMIT among them. Whoever is told that the payment was made has it made, and
// whoever is told that it was not does not; the database was there to ask, so that nobody is
// told that it is not known.
func TestCutAtEachByte(t *testing.T) {
	t.Parallel()
	n, st := throughNetwork(t)
	eng := tegtest.Over(t, st, func(c *teg.Config) { c.Committers = 1 })
	agents := tegtest.FundMany(t, eng, 2, "100000")
	step := int64(97)
	if everyFault() {
		step = 1
	}
	for name, asked := range map[string]bool{"answers": false, "questions": true} {
		made, failed := 0, 0
		for cut, after := true, int64(0); cut; after += step {
			key := fmt.Sprint(name, after)
			pay := func() (teg.TransferReceipt, error) {
				return eng.Transfer(t.Context(), teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("0.01"), Key: key})
			}
			before := tegtest.Available(t, eng, agents[1])
			heal := n.CutAfter(after, asked)
			_, err := pay()
			cut = heal()
			if err != nil {
				require.ErrorIs(t, err, teg.ErrUnavailable, key)
				require.NotErrorIs(t, err, teg.ErrOutcomeUnknown, key)
				require.Equal(t, before, tegtest.Available(t, eng, agents[1]), key)
				failed++
			} else if cut {
				made++
			}
			again, repeated := pay()
			require.NoError(t, repeated, key)
			require.Equal(t, err == nil, again.Replayed, key)
		}
		t.Logf("%s: of the payments that were cut, %d failed and %d were made", name, failed, made)
		if asked {
			require.NotZero(t, failed, "no cut came before COMMIT was all there")
		} else {
			require.NotZero(t, made, "no cut came after it")
		}
	}
}
