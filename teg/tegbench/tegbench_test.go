package tegbench

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

// places are where databases are made.
var places = map[string]func(testing.TB) storebench.Place{
	"sqlite":   func(t testing.TB) storebench.Place { return storebench.InDirectory(t.TempDir()) },
	"postgres": func(t testing.TB) storebench.Place { return storebench.OnPostgres(storetest.PostgresURL(t)) },
}

// What is written by hand is what the engine writes: its own proof accepts it.
func TestBooksByHandHold(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			h, err := newByHand(ctx, place(t), 20, teg.Config{})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, h.close()) })
			for _, size := range []int{0, 1, 7, 100} {
				r, err := h.run(ctx, Load{Transfers: 150, Accounts: 20, Zipf: 1}, size)
				require.NoError(t, err)
				require.Equal(t, 150, r.Transfers)
				require.Positive(t, r.Rate)
			}
			took, err := h.Sync(ctx)
			require.NoError(t, err)
			require.Positive(t, took)
			require.NoError(t, h.prove(ctx))
		})
	}
}

// An event by hand is the engine's, byte for byte, but for ids, names, sums and
// times.
func TestEventsByHandAreTheEngines(t *testing.T) {
	ctx := context.Background()
	place := storebench.InDirectory(t.TempDir())
	one := Load{Transfers: 1, Accounts: 2, Clients: 1}
	s, err := NewSubject(ctx, place, 2, teg.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	_, err = s.Run(ctx, one)
	require.NoError(t, err)
	h, err := newByHand(ctx, place, 2, teg.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.close()) })
	_, err = h.run(ctx, one, 1)
	require.NoError(t, err)
	st, err := h.scratch.Store(ctx)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	require.Equal(t, form(t, s.Store), form(t, st))
}

// form is the last transfer's event without what differs from one to the next.
func form(t *testing.T, st store.Store) string {
	events, _, err := st.Reader().Events(context.Background(), store.EventQuery{Action: "transfer", Limit: 1})
	require.NoError(t, err)
	require.Len(t, events, 1)
	body := regexp.MustCompile(`_[0-9a-f]{32}`).ReplaceAllString(string(events[0].Body), "_id")
	body = regexp.MustCompile(`"at":"[^"]{27}"`).ReplaceAllString(body, `"at":"time"`)
	body = regexp.MustCompile(`"amount":"[0-9.]+"`).ReplaceAllString(body, `"amount":"sum"`)
	return regexp.MustCompile(`did:bench:[01]"`).ReplaceAllString(body, `did:bench:n"`)
}

// A comparison fills in everything that was asked for, and leaves nothing behind.
func TestCompare(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			r, err := Compare(context.Background(), Plan{
				Load: Load{Transfers: 400, Accounts: 50, Clients: 16}, Place: place(t),
				Ceiling: true, Fixed: true, Lone: true, Ones: true, Prove: true,
			})
			require.NoError(t, err)
			require.Equal(t, name, r.Database)
			for _, part := range []Result{r.Engine, r.Ones, r.LoneEngine, r.LoneByHand, r.CeilingMean, r.CeilingFix} {
				require.Positive(t, part.Rate)
				require.LessOrEqual(t, part.P50, part.P99)
			}
			for _, ratio := range []float64{r.OfCeiling, r.OfFixedCeiling, r.OfOnes, r.OfLone} {
				require.Positive(t, ratio)
			}
			require.InDelta(t, 1, r.Ones.Group, 0.001)
			require.Greater(t, r.Engine.Group, 1.0)
		})
	}
}

// payee counts what it is asked to pay.
type payee struct {
	calls chan int
	err   error
}

func (p payee) Pay(_ context.Context, from int, to []int, sums []teg.Amount, key string) error {
	for _, receiver := range to {
		if receiver == from {
			return errors.New("pays itself")
		}
	}
	p.calls <- len(to)
	return p.err
}

// A load makes exactly as many transfers as it says, the last call the rest.
func TestLoadMakesItsTransfers(t *testing.T) {
	p := payee{calls: make(chan int, 100)}
	r, err := Run(context.Background(), Load{Transfers: 95, Accounts: 2, Clients: 4, Batch: 10}, p)
	require.NoError(t, err)
	require.Equal(t, 95, r.Transfers)
	close(p.calls)
	sum := 0
	for n := range p.calls {
		sum += n
	}
	require.Equal(t, 95, sum)
}

// A load for some time ends by it, and the first fault ends any load.
func TestLoadEnds(t *testing.T) {
	p := payee{calls: make(chan int, 1<<20)}
	go func() {
		for range p.calls {
		}
	}()
	r, err := Run(context.Background(), Load{Duration: 20 * time.Millisecond, Clients: 4}, p)
	require.NoError(t, err)
	require.GreaterOrEqual(t, r.Took, 20*time.Millisecond)
	require.Positive(t, r.Transfers)

	p.err = errors.New("out of service")
	_, err = Run(context.Background(), Load{Clients: 4}, p)
	require.ErrorIs(t, err, p.err)
}

func TestLoadIsChecked(t *testing.T) {
	require.NoError(t, Load{}.WithDefaults().Check())
	for _, wrong := range []Load{
		{Transfers: -1}, {Duration: -1, Transfers: 1}, {Accounts: 1}, {Clients: -1}, {Batch: 1001}, {Zipf: -1}, {Zipf: 11},
	} {
		require.Error(t, wrong.WithDefaults().Check(), "%+v", wrong)
	}
}

// Half of what is drawn by Zipf's law goes to few.
func TestPicker(t *testing.T) {
	few := func(zipf float64) int {
		pick, n := newPicker(Load{Accounts: 1000, Zipf: zipf}), 0
		for range 10_000 {
			if pick.receiver(999) < 30 {
				n++
			}
		}
		return n
	}
	require.InDelta(t, 300, few(0), 150)
	require.Greater(t, few(1), 4000)
}

// What is offered late, because all callers were waiting, counts from when it was due.
func TestLatencyCountsFromWhenItWasDue(t *testing.T) {
	began := time.Now().Add(-time.Hour)
	due := Load{Rate: 10}.await(context.Background(), 25, began)
	require.Equal(t, began.Add(2500*time.Millisecond), due)
	now := time.Now()
	require.False(t, Load{}.await(context.Background(), 25, began).Before(now), "what is not offered at a rate is never late")
}

// A comparison ends when it has seen enough, and keeps a line for each run of each part.
func TestCompareEnds(t *testing.T) {
	load := Load{Transfers: 20, Accounts: 5, Clients: 2}
	r, err := Compare(context.Background(), Plan{
		Load: load, Place: storebench.InDirectory(t.TempDir()), Ceiling: true, Runs: 5, Prove: true,
		Enough: func(so Report) bool { return len(so.CeilingRatios()) == 2 },
	})
	require.NoError(t, err)
	require.Len(t, r.CeilingRatios(), 2)
	require.Contains(t, r.CeilingRatios(), r.OfCeiling)
	var text bytes.Buffer
	_, err = r.Keep(load).WriteTo(&text)
	require.NoError(t, err)
	for part, lines := range map[string]int{"engine": 2, "by_hand": 2, "of_ceiling": 2, "lone": 0, "groups_of_one": 0} {
		require.Equal(t, lines, strings.Count(text.String(), "\nBenchmarkTransfer/"+part+"/clients=2/zipf=0/batch=1-"), part)
	}
}
