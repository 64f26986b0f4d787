package auditor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var a, b, c, d, e = name("a"), name("b"), name("c"), name("d"), name("e")

// edges tells of n acts, of which the last lies a time after the first.
type edges func(s *scene, n int, length time.Duration)

// Each rule that counts is silent with one act too few, speaks with enough, once
// however many follow, and is silent where the last is a window after the first.
func TestCounts(t *testing.T) {
	spread := func(s *scene, n int, length time.Duration, act func(i int)) {
		for i := range n {
			if i == n-1 {
				s.wait(length)
			}
			act(i)
		}
	}
	for _, test := range []struct {
		code   Code
		enough int
		window time.Duration
		tell   edges
	}{
		{HighVelocity, 101, 5 * time.Minute, func(s *scene, n int, length time.Duration) {
			spread(s, n, length, func(i int) { s.pay(a, name("to", i%3), "1") })
		}},
		{Structuring, 3, 24 * time.Hour, func(s *scene, n int, length time.Duration) {
			spread(s, n, length, func(i int) { s.pay(a, b, []string{"9000", "9999.999999999999999999"}[i%2]) })
		}},
		{FanIn, 25, time.Hour, func(s *scene, n int, length time.Duration) {
			spread(s, n, length, func(i int) { s.pay(name("from", i), a, "1") })
		}},
		{FanOut, 25, time.Hour, func(s *scene, n int, length time.Duration) {
			spread(s, n, length, func(i int) { s.pay(a, name("to", i), "1") })
		}},
		{RepeatedFailure, 5, 24 * time.Hour, func(s *scene, n int, length time.Duration) {
			spread(s, n, length, func(i int) { s.tell(Event{Kind: Outcome, From: name("from", i), To: a, Value: ProviderFault}) })
		}},
		{RepeatedFailure, 5, 24 * time.Hour, func(s *scene, n int, length time.Duration) {
			spread(s, n, length, func(i int) { s.tell(Event{Kind: Outcome, From: a, To: name("to", i), Value: ConsumerFault}) })
		}},
		{FailedProofs, 3, 24 * time.Hour, func(s *scene, n int, length time.Duration) {
			spread(s, n, length, func(int) { s.tell(Event{Kind: Proof, From: a, Value: Unverified}) })
		}},
	} {
		t.Run(string(test.code), func(t *testing.T) {
			const tick = time.Microsecond
			for _, try := range []struct {
				n      int
				length time.Duration
				fires  bool
			}{
				{test.enough - 1, 0, false}, {test.enough, 0, true}, {test.enough + 1, 0, true},
				{test.enough, test.window - tick, true}, {test.enough, test.window, false},
			} {
				s := only(test.code, nil)
				test.tell(s, try.n, try.length)
				if !try.fires {
					require.Empty(t, s.found, "%+v", try)
					continue
				}
				require.Equal(t, []string{"a"}, s.agents(), "%+v", try)
				f := s.found[0]
				require.Equal(t, test.code, f.Code)
				require.Equal(t, epoch, f.WindowStart)
				require.Len(t, f.Events, min(test.enough, MaxTransactions))
				require.NotEmpty(t, f.Reason)
				require.False(t, f.Shadow)
			}
		})
	}
}

// A burst half on each side of an edge is seen, and named after the side on which
// it was complete; one that goes on over an edge is named once on each.
func TestWindowsOverlap(t *testing.T) {
	s := only(HighVelocity, map[string]Number{"max_transfers": Whole(3)})
	s.wait(5*time.Minute - 2*time.Second)
	for range 4 {
		s.pay(a, b, "1")
		s.wait(time.Second)
	}
	require.Len(t, s.found, 1)
	require.Equal(t, epoch.Add(5*time.Minute), s.found[0].WindowStart)
	require.Equal(t, []int64{1, 2, 3, 4}, s.found[0].Events)
	for range 600 {
		s.pay(a, b, "1")
		s.wait(time.Second)
	}
	require.Equal(t, []string{"a", "a", "a"}, s.agents())
	require.Equal(t, epoch.Add(15*time.Minute), s.found[2].WindowStart)
}

// An event that bears an earlier time counts, and takes nothing from memory.
func TestOutOfOrder(t *testing.T) {
	s := only(HighVelocity, map[string]Number{"max_transfers": Whole(3)})
	for _, offset := range []int{10, 3, 11, 4} {
		s.at = epoch.Add(time.Duration(offset) * time.Second)
		s.pay(a, b, "1")
	}
	require.Equal(t, []string{"a"}, s.agents())
	require.Len(t, s.found[0].Events, 4)
}

func TestPositionsAreObservedOnce(t *testing.T) {
	s := only(HighVelocity, map[string]Number{"max_transfers": Whole(3)})
	for range 10 {
		s.position = 0
		s.pay(a, b, "1")
	}
	require.Empty(t, s.found)
}

func TestTheFirstPositionIsObserved(t *testing.T) {
	found := NewPack().Observe(Event{At: epoch, Kind: Payment, From: a, To: b, Amount: Whole(50_000)})
	require.NotEmpty(t, found)
	require.Equal(t, LargeTransfer, found[0].Code)
}

func TestEventsWithoutTheirPartiesAreIgnored(t *testing.T) {
	s := &scene{pack: NewPack(), at: epoch}
	for kind := range Acted + 2 {
		s.tell(Event{Kind: kind})
		s.tell(Event{Kind: kind, From: a, To: a, Amount: Whole(50_000)})
	}
	s.tell(Event{Kind: Payment, From: a, Amount: Whole(50_000)})
	s.tell(Event{Kind: Payment, To: a, Amount: Whole(50_000)})
	require.Empty(t, s.found)
}

func TestLargeTransfer(t *testing.T) {
	s := only(LargeTransfer, nil)
	s.pay(a, b, "9999.999999999999999999")
	require.Empty(t, s.found)
	s.pay(a, b, "10000")
	s.pay(c, b, "10000.000000000000000001")
	s.pay(c, b, "20000") // the second within the hour
	require.Equal(t, []string{"a", "c"}, s.agents())
	s.wait(time.Hour)
	s.pay(a, b, "10000")
	require.Equal(t, []string{"a", "c", "a"}, s.agents())
}

func TestStructuringLooksJustBelow(t *testing.T) {
	s := only(Structuring, nil)
	for range 5 {
		s.pay(a, b, "8999.999999999999999999")
		s.pay(a, b, "10000")
	}
	require.Empty(t, s.found)
}

func TestPassThrough(t *testing.T) {
	for _, test := range []struct {
		why   string
		tell  func(s *scene)
		fires bool
	}{
		{"nine tenths", func(s *scene) { s.pay(a, b, "1000"); s.pay(b, c, "900") }, true},
		{"less", func(s *scene) { s.pay(a, b, "1000"); s.pay(b, c, "899.999999999999999999") }, false},
		{"a tenth more", func(s *scene) { s.pay(a, b, "1000"); s.pay(b, c, "1100") }, true},
		{"still more, so its own", func(s *scene) { s.pay(a, b, "1000"); s.pay(b, c, "1100.000000000000000001") }, false},
		{"too little", func(s *scene) { s.pay(a, b, "999.999999999999999999"); s.pay(b, c, "950") }, false},
		{"joined and split", func(s *scene) { s.pay(a, b, "500"); s.pay(d, b, "500"); s.pay(b, c, "500"); s.pay(b, e, "450") }, true},
		{"back where it came from", func(s *scene) { s.pay(a, b, "1000"); s.pay(b, a, "950") }, false},
		{"out before in", func(s *scene) { s.pay(b, c, "950"); s.pay(a, b, "1000"); s.pay(b, c, "1") }, false},
		{"just within", func(s *scene) { s.pay(a, b, "1000"); s.wait(10*time.Minute - 1e3); s.pay(b, c, "900") }, true},
		{"after as much before", func(s *scene) {
			s.pay(a, b, "1000")
			s.wait(10 * time.Minute)
			s.pay(a, b, "1000")
			s.pay(b, c, "1000")
		}, false},
		{"too late", func(s *scene) { s.pay(a, b, "1000"); s.wait(10 * time.Minute); s.pay(b, c, "900") }, false},
	} {
		s := only(RapidPassThrough, nil)
		test.tell(s)
		if test.fires {
			require.Equal(t, []string{"b"}, s.agents(), test.why)
			require.Len(t, s.found[0].Events, int(s.position))
		} else {
			require.Empty(t, s.found, test.why)
		}
	}
}

func TestCircular(t *testing.T) {
	circle := func(s *scene, n int, wait time.Duration, sums ...string) {
		for i := range n {
			if i == n-1 {
				s.wait(wait)
			}
			s.pay(name("p", i), name("p", (i+1)%n), sums[i%len(sums)])
		}
	}
	for _, test := range []struct {
		why   string
		hops  int
		wait  time.Duration
		sums  []string
		fires bool
	}{
		{"two", 2, 0, []string{"100"}, true},
		{"five", 5, 0, []string{"100"}, true},
		{"six", 6, 0, []string{"100"}, false},
		{"with a cut", 4, 0, []string{"105", "104", "102", "100"}, true},
		{"with too large a cut", 4, 0, []string{"105.000000000000000001", "104", "102", "100"}, false},
		{"growing too much", 3, 0, []string{"100", "100", "105.5"}, false},
		{"small", 3, 0, []string{"99.999999999999999999"}, false},
		{"just within", 3, 24*time.Hour - 1e3, []string{"100"}, true},
		{"slow", 3, 24 * time.Hour, []string{"100"}, false},
	} {
		s := only(CircularTransfers, nil)
		circle(s, test.hops, test.wait, test.sums...)
		if test.fires {
			require.Equal(t, []string{"p0"}, s.agents(), test.why)
			require.Len(t, s.found[0].Events, test.hops)
		} else {
			require.Empty(t, s.found, test.why)
		}
	}
	s := only(CircularTransfers, nil) // value does not flow back in time
	s.pay(b, c, "100")
	s.pay(a, b, "100")
	s.pay(c, a, "100")
	require.Empty(t, s.found)
}

// A circle is found among the newest payments of each agent, and no search goes
// on for ever.
func TestCircularIsBounded(t *testing.T) {
	s := only(CircularTransfers, map[string]Number{"max_degree": Whole(4)})
	s.pay(a, b, "100")
	for i := range 4 {
		s.pay(name("other", i), b, "100")
	}
	s.pay(b, a, "100")
	require.Empty(t, s.found, "the first payment is no longer among four")

	s = only(CircularTransfers, map[string]Number{"max_degree": Whole(64)})
	for range 64 { // 64³ ways back, none from a
		for layer := range 4 {
			for i := range 4 {
				s.pay(name(layer, "-", i), name(layer+1, "-", i), "100")
			}
		}
	}
	r := s.pack.rules[4].rule.(*circular)
	look := search{circular: r, origin: s.party(a), now: s.pack.now, left: looks, low: Whole(95), high: Whole(105)}
	require.False(t, look.back(s.party(name("4-0")), s.position+1, 4))
	require.Negative(t, look.left)
}

func TestFanIsMeasuredByItsPast(t *testing.T) {
	s := only(FanIn, nil)
	visit := func(n int) {
		for i := range n {
			s.pay(name("payer", i), a, "1")
		}
	}
	visit(20)
	for range 3 { // as many now and then are usual
		s.wait(56 * time.Hour)
		visit(20)
	}
	s.wait(169 * time.Hour)
	visit(39)
	require.Empty(t, s.found)
	visit(40)
	require.Equal(t, []string{"a"}, s.agents())
	s.wait(170 * time.Hour) // long after, nothing is usual
	visit(25)
	require.Equal(t, []string{"a", "a"}, s.agents())

	s = only(FanIn, nil) // a burst over an edge is not its own past
	s.wait(50 * time.Minute)
	visit(24)
	s.wait(20 * time.Minute)
	visit(30)
	require.Equal(t, []string{"a"}, s.agents())

	s = only(FanIn, nil) // crowds of hundreds are estimated
	visit(300)
	for range 3 {
		s.wait(2 * time.Hour)
		visit(400)
	}
	require.Equal(t, []string{"a"}, s.agents(), "on its first day")
	s.wait(2 * time.Hour)
	visit(1000)
	require.Equal(t, []string{"a", "a"}, s.agents())
	require.Regexp(t, `^about [6-9]\d\d payers within 60 minutes, where [34]\d\d were the most before$`, s.found[1].Reason)
	require.Len(t, s.found[1].Events, MaxTransactions)

	s = only(FanIn, nil) // the same payer again is one
	for range 100 {
		visit(24)
	}
	require.Empty(t, s.found)
}

// What is below min_amount makes no crowd: nobody is named for the dust of others.
func TestDustMakesNoCrowd(t *testing.T) {
	for _, code := range []Code{FanIn, FanOut, NewAccounts} {
		for _, sum := range []string{"0.999999999999999999", "1"} {
			s := only(code, nil)
			for i := range 30 {
				from, to := name("other", i), a
				if code == FanOut {
					from, to = to, from
				}
				s.tell(Event{Kind: Registered, From: name("other", i)})
				s.pay(from, to, sum)
			}
			require.Equal(t, sum == "1", len(s.found) > 0, "%s %s", code, sum)
		}
	}
}

func TestDormant(t *testing.T) {
	asleep := 30 * 24 * time.Hour
	for _, test := range []struct {
		why   string
		tell  func(s *scene)
		fires bool
	}{
		{"returns", func(s *scene) { s.pay(a, b, "1"); s.wait(asleep); s.pay(a, b, "100") }, true},
		{"a moment earlier", func(s *scene) { s.pay(a, b, "1"); s.wait(asleep - 1e3); s.pay(a, b, "100") }, false},
		{"with less", func(s *scene) { s.pay(a, b, "1"); s.wait(asleep); s.pay(a, b, "99.999999999999999999") }, false},
		{"in two", func(s *scene) {
			s.pay(a, b, "1")
			s.wait(asleep)
			s.pay(a, b, "50")
			s.wait(24*time.Hour - 1e3)
			s.pay(a, b, "50")
		}, true},
		{"too slowly", func(s *scene) {
			s.pay(a, b, "1")
			s.wait(asleep)
			s.pay(a, b, "50")
			s.wait(24 * time.Hour)
			s.pay(a, b, "50")
		}, false},
		{"did something between", func(s *scene) {
			s.pay(a, b, "1")
			s.wait(asleep / 2)
			s.tell(Event{Kind: Acted, From: a})
			s.wait(asleep / 2)
			s.pay(a, b, "100")
		}, false},
		{"was paid between", func(s *scene) {
			s.pay(a, b, "1")
			s.wait(asleep / 2)
			s.pay(b, a, "100")
			s.wait(asleep / 2)
			s.pay(a, c, "100")
		}, true},
		{"is new", func(s *scene) { s.tell(Event{Kind: Registered, From: a}); s.wait(time.Hour); s.pay(a, b, "100") }, false},
		{"was funded", func(s *scene) { s.tell(Event{Kind: Funded, To: a}); s.wait(time.Hour); s.pay(a, b, "100") }, false},
		{"was funded long ago", func(s *scene) { s.tell(Event{Kind: Funded, To: a}); s.wait(asleep); s.pay(a, b, "100") }, true},
		{"wakes with a signal", func(s *scene) { s.pay(a, b, "1"); s.wait(asleep); s.praise(a, b); s.pay(a, b, "100") }, true},
	} {
		s := only(Dormant, nil)
		for _, agent := range []any{"a", "b", "c"} {
			s.tell(Event{Kind: Registered, From: name(agent)})
		}
		test.tell(s)
		found := []string{}
		for _, agent := range s.agents() {
			if agent == "a" {
				found = append(found, agent)
			}
		}
		require.Equal(t, test.fires, len(found) == 1, test.why)
	}
}

func TestNewAccounts(t *testing.T) {
	for _, test := range []struct {
		why         string
		n           int
		apart, wait time.Duration
		fires       bool
	}{
		{"nine", 9, time.Second, 0, false},
		{"ten", 10, time.Second, 0, true},
		{"eleven", 11, time.Second, 0, true},
		{"within the hour", 10, 6*time.Minute + 39*time.Second, 0, true},
		{"over an hour", 10, 6*time.Minute + 40*time.Second, 0, false},
		{"deal within the day", 10, 0, 24*time.Hour - 1e3, true},
		{"deal after a day", 10, 0, 24 * time.Hour, false},
	} {
		s := only(NewAccounts, nil)
		for i := range test.n {
			if i > 0 {
				s.wait(test.apart)
			}
			s.tell(Event{Kind: Registered, From: name("new", i)})
		}
		s.wait(test.wait)
		for i := range test.n {
			from, to := a, name("new", (i*7)%test.n)
			if i%2 == 0 {
				from, to = to, from
			}
			s.pay(from, to, "1")
			s.pay(from, to, "1")
		}
		if test.fires {
			require.Equal(t, []string{"a"}, s.agents(), test.why)
		} else {
			require.Empty(t, s.found, test.why)
		}
	}
}

func TestRing(t *testing.T) {
	const day = 24 * time.Hour
	everybody := func(s *scene, members, rounds int) {
		for range rounds {
			s.wait(day)
			for i := range members {
				for j := range members {
					if i != j {
						s.praise(name("r", i), name("r", j))
					}
				}
			}
		}
	}
	circle := func(s *scene, members, rounds int) {
		for range rounds {
			s.wait(day)
			for i := range members {
				s.praise(name("r", i), name("r", (i+1)%members))
			}
		}
	}
	for _, test := range []struct {
		why   string
		tell  func(s *scene)
		flags int
	}{
		{"five partners who rate each other once", func(s *scene) { everybody(s, 5, 1) }, 0},
		{"and again", func(s *scene) { everybody(s, 5, 2) }, 5},
		{"a pair", func(s *scene) { everybody(s, 2, 40) }, 0},
		{"a circle, four times", func(s *scene) { circle(s, 10, 4) }, 0},
		{"a circle, five times", func(s *scene) { circle(s, 10, 5) }, 10},
		{"a larger circle", func(s *scene) { circle(s, 11, 9) }, 0},
		{"a seller with loyal customers", func(s *scene) {
			for i := range 40 {
				s.praise(name("c", i%4), a)
				s.wait(day / 4)
			}
		}, 0},
		{"a fifth from outside", func(s *scene) {
			for i := range 10 {
				s.praise(name("honest", i), name("r", i%4))
			}
			circle(s, 4, 10)
		}, 4},
		{"more from outside", func(s *scene) {
			for i := range 11 {
				s.praise(name("honest", i), name("r", i%4))
			}
			circle(s, 4, 10)
		}, 0},
		{"complaints", func(s *scene) {
			for i := range 100 {
				s.tell(Event{Kind: Signal, From: name("r", i%4), To: name("r", (i+1)%4), Value: Complaint})
			}
		}, 0},
		{"often, but on four days", func(s *scene) {
			for range 4 {
				circle(s, 3, 1)
				for i := range 30 {
					s.praise(name("r", i%3), name("r", (i+1)%3))
				}
			}
		}, 0},
		{"within the window", func(s *scene) { circle(s, 3, 4); s.wait(10*day - 1e3); circle(s, 3, 1) }, 3},
		{"over a window", func(s *scene) { circle(s, 3, 4); s.wait(10 * day); circle(s, 3, 1) }, 0},
	} {
		s := only(ReputationRing, nil)
		test.tell(s)
		require.Len(t, s.found, test.flags, test.why)
	}
}

func TestFailuresAreMeasuredByWhatWentWell(t *testing.T) {
	s := only(RepeatedFailure, nil)
	outcome := func(n, value int) {
		for range n {
			s.tell(Event{Kind: Outcome, From: b, To: a, Value: value})
		}
	}
	outcome(12, Success)
	outcome(50, Disputed)
	outcome(5, ProviderFault)
	require.Empty(t, s.found, "5 of 17 are 29 %")
	outcome(1, ProviderFault)
	require.Equal(t, []string{"a"}, s.agents())

	s = only(FailedProofs, nil)
	for range 10 {
		s.tell(Event{Kind: Proof, From: a, Value: Verified})
	}
	require.Empty(t, s.found)
}
