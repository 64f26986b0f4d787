package tegbench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// Load is what is put on a target. Zero fields stand for the defaults.
type Load struct {
	Transfers int           // in all; default 50,000, without end where a duration is given
	Duration  time.Duration // for how long; 0 is until all transfers are made
	Accounts  int           // default 10,000
	Clients   int           // default 256
	Zipf      float64       // exponent of the receivers' distribution; 0 draws them evenly
	Batch     int           // transfers in one call; default 1
	Rate      float64       // transfers a second that are offered; 0: as many as are answered
}

// WithDefaults fills what was left zero.
func (l Load) WithDefaults() Load {
	if l.Transfers == 0 && l.Duration == 0 {
		l.Transfers = 50_000
	}
	for _, field := range []struct {
		of    *int
		value int
	}{{&l.Accounts, 10_000}, {&l.Clients, 256}, {&l.Batch, 1}} {
		if *field.of == 0 {
			*field.of = field.value
		}
	}
	return l
}

// Check says what is wrong with a load.
func (l Load) Check() error {
	switch {
	case l.Duration < 0:
		return errors.New("the duration must not be negative")
	case l.Transfers < 0 || l.Transfers == 0 && l.Duration == 0 || l.Clients < 1:
		return errors.New("there must be at least one transfer and one client")
	case l.Accounts < 2:
		return errors.New("there must be at least two accounts")
	case l.Batch < 1 || l.Batch > teg.MaxBatch:
		return fmt.Errorf("a batch has from 1 to %d transfers", teg.MaxBatch)
	case !(l.Rate >= 0):
		return errors.New("the rate must not be negative")
	case !(l.Zipf >= 0 && l.Zipf <= 10):
		return errors.New("the exponent of Zipf's law must be from 0 to 10")
	}
	return nil
}

// left is how many transfers are still to be made.
func (l Load) left(made int) int {
	if l.Transfers == 0 {
		return math.MaxInt
	}
	return l.Transfers - made
}

// done reports whether a load that began then has been put.
func (l Load) done(made int, began time.Time) bool {
	return l.left(made) <= 0 || l.Duration > 0 && time.Since(began) >= l.Duration
}

// await waits until a transfer is to be offered, of which so many were before, and
// returns when it was due: what comes late because all callers were waiting has waited,
// too.
func (l Load) await(ctx context.Context, made int, began time.Time) time.Time {
	if l.Rate == 0 {
		return time.Now()
	}
	due := began.Add(time.Duration(float64(made) / l.Rate * float64(time.Second)))
	select {
	case <-time.After(time.Until(due)):
	case <-ctx.Done():
	}
	return due
}

// Target can carry payments out. Agents are numbered from 0.
type Target interface {
	// Pay transfers sums[i] from one agent to to[i], for each i, under a key:
	// by a single transfer where there is one, else in a batch.
	Pay(ctx context.Context, from int, to []int, sums []teg.Amount, key string) error
}

// Result is how a run went.
type Result struct {
	Transfers int
	Took      time.Duration
	Rate      float64 // transfers per second
	P50, P95  time.Duration
	P99       time.Duration
	Group     float64 // mean size of the engine's groups; 0 where it is not known
}

// Run puts a load on a target. The first fault ends it.
func Run(ctx context.Context, l Load, target Target) (Result, error) {
	l = l.WithDefaults()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var taken atomic.Int64
	pick := newPicker(l)
	callers := make([]client, l.Clients)
	var clients sync.WaitGroup
	began := time.Now()
	for i := range callers {
		callers[i] = client{target: target, pick: pick, load: l, taken: &taken, began: began}
		clients.Go(func() {
			if err := callers[i].run(ctx); err != nil {
				cancel(err)
			}
		})
	}
	clients.Wait()
	took := time.Since(began)
	if err := context.Cause(ctx); err != nil {
		return Result{}, err
	}
	made, latencies := 0, make([][]time.Duration, 0, len(callers))
	for i := range callers {
		made += callers[i].made
		latencies = append(latencies, callers[i].took)
	}
	return summarize(made, took, slices.Concat(latencies...)), nil
}

func summarize(transfers int, took time.Duration, latencies []time.Duration) Result {
	if len(latencies) == 0 {
		return Result{}
	}
	slices.Sort(latencies)
	at := func(q float64) time.Duration { return latencies[int(q*float64(len(latencies)-1))] }
	return Result{
		Transfers: transfers, Took: took, Rate: float64(transfers) / took.Seconds(),
		P50: at(0.50), P95: at(0.95), P99: at(0.99),
	}
}

// client is one caller, who waits for each answer.
type client struct {
	target Target
	pick   *picker
	load   Load
	taken  *atomic.Int64 // by all callers
	began  time.Time
	made   int
	took   []time.Duration
}

func (c *client) run(ctx context.Context) error {
	batch := c.load.Batch
	to, sums := make([]int, batch), make([]teg.Amount, batch)
	for ctx.Err() == nil {
		before := int(c.taken.Add(int64(batch))) - batch
		if c.load.done(before, c.began) {
			return nil
		}
		start := c.load.await(ctx, before, c.began)
		n := min(c.load.left(before), batch)
		from := rand.IntN(c.pick.accounts)
		for i := range n {
			to[i], sums[i] = c.pick.receiver(from), c.pick.sum()
		}
		if err := c.target.Pay(ctx, from, to[:n], sums[:n], randomKey()); err != nil {
			return err
		}
		c.took = append(c.took, time.Since(start))
		c.made += n
	}
	return nil
}
