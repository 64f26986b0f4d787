package auditor

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/ledger/did"
)

// rebuilt returns what a pack that begins only a horizon before an event finds
// from there up to another.
func rebuilt(t require.TestingT, events []Event, from, to int, changes []Change) []Finding {
	pack := NewPack()
	require.NoError(t, pack.Configure(changes))
	since := events[from].At.Add(-pack.Horizon())
	first := slices.IndexFunc(events, func(e Event) bool { return !e.At.Before(since) })
	var found []Finding
	for i, e := range events[first:to] {
		if findings := pack.Observe(e); first+i >= from {
			found = append(found, findings...)
		}
	}
	return found
}

func all(t require.TestingT, events []Event, changes []Change) [][]Finding {
	pack := NewPack()
	require.NoError(t, pack.Configure(changes))
	found := make([][]Finding, len(events))
	for i, e := range events {
		found[i] = pack.Observe(e)
	}
	return found
}

// small sets every rule so that a few agents set it off within minutes.
func small() []Change {
	set := func(code Code, thresholds map[string]Number) Change {
		return Change{Code: code, Thresholds: thresholds}
	}
	n := Whole
	return []Change{
		set(HighVelocity, map[string]Number{"max_transfers": n(4), "window_seconds": n(20)}),
		set(LargeTransfer, map[string]Number{"min_amount": n(500), "window_seconds": n(30)}),
		set(Structuring, map[string]Number{"threshold_amount": n(900), "margin_percent": n(40), "window_seconds": n(40)}),
		set(RapidPassThrough, map[string]Number{"min_amount": n(100), "share_percent": n(70), "window_seconds": n(30)}),
		set(CircularTransfers, map[string]Number{"min_amount": n(10), "tolerance_percent": n(40), "window_seconds": n(60), "max_degree": n(4)}),
		set(FanIn, map[string]Number{"min_senders": n(3), "window_seconds": n(15), "usual_windows": n(4), "usual_percent": n(130)}),
		set(FanOut, map[string]Number{"min_receivers": n(3), "window_seconds": n(15), "usual_windows": n(4), "usual_percent": n(130)}),
		set(Dormant, map[string]Number{"dormant_days": n(1), "min_amount": n(50), "window_seconds": n(30)}),
		set(NewAccounts, map[string]Number{"min_accounts": n(3), "burst_seconds": n(90), "window_seconds": n(90)}),
		set(ReputationRing, map[string]Number{"praise_each": n(2), "share_percent": n(60), "window_seconds": n(3 * 86_400)}),
		set(RepeatedFailure, map[string]Number{"min_failures": n(2), "window_seconds": n(30)}),
		set(FailedProofs, map[string]Number{"min_failures": n(2), "window_seconds": n(30)}),
	}
}

// noise is what few agents do at random, with pauses short and long and clocks
// that differ. Rules that look back a day need pauses of hours.
func noise(r *rand.Rand, n, agents int, often Kind, pauses []time.Duration) []Event {
	crew := make([]did.DID, agents)
	for i := range crew {
		crew[i] = name(i)
	}
	at := epoch
	events := make([]Event, n)
	for i := range events {
		at = at.Add(time.Duration(r.Int64N(int64(pauses[r.IntN(len(pauses))]))))
		from := r.IntN(agents)
		kind := often
		if r.IntN(2) == 0 {
			kind = Kind(1 + r.IntN(int(Acted)))
		}
		values := []int{Success, Disputed, ProviderFault, ProviderFault, ConsumerFault}
		if kind == Signal {
			values = []int{Praise, Praise, Praise, Complaint}
		}
		events[i] = Event{
			Position: int64(i + 1), At: at.Add(-time.Duration(r.Int64N(int64(3 * time.Second)))), Kind: kind,
			From: crew[from], To: crew[(from+1+r.IntN(agents-1))%agents], Value: values[r.IntN(len(values))],
			Amount: Whole(uint32(1 + r.IntN(1000))), Transaction: transaction(int64(i + 1)),
		}
	}
	return events
}

// same checks that from some events on the same is found for a while, and returns
// which rules found something then.
func same(t require.TestingT, events []Event, r *rand.Rand, tries int, changes []Change) map[Code]bool {
	found := all(t, events, changes)
	codes := map[Code]bool{}
	for range tries {
		from := r.IntN(len(events) - 50)
		want := slices.Concat(found[from : from+50]...)
		require.Equal(t, want, rebuilt(t, events, from, from+50, changes))
		for _, f := range want {
			codes[f.Code] = true
		}
	}
	return codes
}

// often is the kind that a rule lives on.
func often(code Code) Kind {
	kinds := map[Code]Kind{ReputationRing: Signal, RepeatedFailure: Outcome, FailedProofs: Proof}
	if kind, ok := kinds[code]; ok {
		return kind
	}
	return Payment
}

// A state that was rebuilt from the horizon finds, event by event and word by
// word, what one finds that has seen everything: for the rules all together, and
// for each alone, which has a horizon of its own.
func TestReplayFindsTheSame(t *testing.T) {
	pauses := [][]time.Duration{
		{100 * time.Millisecond, 4 * time.Second},
		{4 * time.Second, 30 * time.Second},
		{2 * time.Second, time.Minute, 10 * time.Hour, 30 * time.Hour},
	}
	heard := map[Code]int{}
	no := false
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		some := func(often Kind) []Event {
			return noise(r, 400, 3+r.IntN(6), often, pauses[r.IntN(len(pauses))])
		}
		for code := range same(t, some(Payment), r, 5, small()) {
			heard[code]++
		}
		for _, rule := range catalogue {
			changes := small()
			for _, d := range catalogue {
				if d.code != rule.code {
					changes = append(changes, Change{Code: d.code, Enabled: &no})
				}
			}
			for code := range same(t, some(often(rule.code)), r, 20, changes) {
				heard[code]++
			}
		}
	})
	for _, d := range catalogue {
		require.Positive(t, heard[d.code], "the noise never set off %s", d.code)
	}
}

// The same of crowds that come and go, and are estimated at times.
func TestReplayOfCrowds(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	var events []Event
	at := epoch
	for i := range 12_000 {
		at = at.Add(time.Duration(r.Int64N(int64(20*time.Millisecond) << (i / 400 % 5))))
		events = append(events, Event{Position: int64(i), At: at, Kind: Payment, From: name("payer", r.IntN(600)), To: name(r.IntN(2)), Amount: Whole(1)})
	}
	found, heard := all(t, events, small()), 0
	for range 10 {
		from := r.IntN(len(events) - 2000)
		want := slices.Concat(found[from : from+2000]...)
		require.Equal(t, want, rebuilt(t, events, from, from+2000, small()))
		for _, f := range want {
			if f.Code == FanIn && strings.HasPrefix(f.Reason, "about ") {
				heard++
			}
		}
	}
	require.Positive(t, heard, "no crowd was estimated")
}

// The same with the rules as they are by default, in a market.
func TestReplayOfAMarket(t *testing.T) {
	m := makeMarket(7)
	found := all(t, m.events, nil)
	for _, part := range []int{6, 7} {
		from := len(m.events) * part / 8
		want := slices.Concat(found[from:]...)
		require.NotEmpty(t, want)
		require.Equal(t, want, rebuilt(t, m.events, from, len(m.events), nil))
	}
}

// Nothing is found twice under one name.
func TestNamesAreUnique(t *testing.T) {
	type key struct {
		Code
		occasion
	}
	seen := map[key]bool{}
	for _, list := range all(t, noise(rand.New(rand.NewPCG(1, 1)), 50_000, 10, Payment, []time.Duration{2 * time.Second}), small()) {
		for _, f := range list {
			k := key{f.Code, occasion{f.Agent, f.WindowStart.UnixMicro()}}
			require.False(t, seen[k], "%+v", f)
			require.LessOrEqual(t, len(f.Events), MaxTransactions)
			seen[k] = true
		}
	}
	require.NotEmpty(t, seen)
}
