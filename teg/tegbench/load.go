package tegbench

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

// Load is what is put on a target. Zero fields stand for the defaults.
type Load struct {
	Transfers int     // in all; default 50,000
	Accounts  int     // default 10,000
	Clients   int     // default 256
	Zipf      float64 // exponent of the receivers' distribution; 0 draws them evenly
	Batch     int     // transfers in one call; default 1
}

// WithDefaults fills what was left zero.
func (l Load) WithDefaults() Load {
	for _, field := range []struct {
		of    *int
		value int
	}{{&l.Transfers, 50_000}, {&l.Accounts, 10_000}, {&l.Clients, 256}, {&l.Batch, 1}} {
		if *field.of == 0 {
			*field.of = field.value
		}
	}
	return l
}

// Check says what is wrong with a load.
func (l Load) Check() error {
	switch {
	case l.Transfers < 1 || l.Clients < 1:
		return errors.New("there must be at least one transfer and one client")
	case l.Accounts < 2:
		return errors.New("there must be at least two accounts")
	case l.Batch < 1 || l.Batch > teg.MaxBatch:
		return fmt.Errorf("a batch has from 1 to %d transfers", teg.MaxBatch)
	case !(l.Zipf >= 0 && l.Zipf <= 10):
		return errors.New("the exponent of Zipf's law must be from 0 to 10")
	}
	return nil
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
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var left atomic.Int64
	left.Store(int64(l.Transfers))
	pick := newPicker(l)
	latencies := make([][]time.Duration, l.Clients)
	var clients sync.WaitGroup
	began := time.Now()
	for i := range l.Clients {
		clients.Go(func() {
			c := client{target: target, pick: pick, batch: l.Batch, left: &left}
			if err := c.run(ctx); err != nil {
				cancel(err)
			}
			latencies[i] = c.took
		})
	}
	clients.Wait()
	took := time.Since(began)
	if err := context.Cause(ctx); err != nil {
		return Result{}, err
	}
	return summarize(l.Transfers, took, slices.Concat(latencies...)), nil
}

func summarize(transfers int, took time.Duration, latencies []time.Duration) Result {
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
	batch  int
	left   *atomic.Int64
	took   []time.Duration
}

func (c *client) run(ctx context.Context) error {
	to, sums := make([]int, c.batch), make([]teg.Amount, c.batch)
	for ctx.Err() == nil {
		left := c.left.Add(-int64(c.batch)) + int64(c.batch)
		if left <= 0 {
			return nil
		}
		n := min(int(left), c.batch)
		from := rand.IntN(c.pick.accounts)
		for i := range n {
			to[i], sums[i] = c.pick.receiver(from), c.pick.sum()
		}
		began := time.Now()
		if err := c.target.Pay(ctx, from, to[:n], sums[:n], randomKey()); err != nil {
			return err
		}
		c.took = append(c.took, time.Since(began))
	}
	return nil
}

// randomKey is what clients use: nothing about it is in order.
func randomKey() string {
	var b [16]byte
	for i := 0; i < len(b); i += 8 {
		word := rand.Uint64()
		for j := range 8 {
			b[i+j] = byte(word >> (8 * j))
		}
	}
	return hex.EncodeToString(b[:])
}

// picker draws parties and sums.
type picker struct {
	accounts int
	ranks    []float64 // running totals of the receivers' weights; nil: all equal
	sums     []teg.Amount
}

func newPicker(l Load) *picker {
	p := &picker{accounts: l.Accounts}
	for _, text := range []string{"0.01", "0.5", "1", "2.25", "3.141592653589793238", "7", "10"} {
		p.sums = append(p.sums, teg.AVT(text))
	}
	if l.Zipf == 0 {
		return p
	}
	total := 0.0
	p.ranks = make([]float64, l.Accounts)
	for i := range p.ranks {
		total += math.Pow(float64(i+1), -l.Zipf)
		p.ranks[i] = total
	}
	return p
}

// receiver draws somebody else than the payer.
func (p *picker) receiver(from int) int {
	for {
		to := rand.IntN(p.accounts)
		if p.ranks != nil {
			to = min(sort.SearchFloat64s(p.ranks, rand.Float64()*p.ranks[len(p.ranks)-1]), p.accounts-1)
		}
		if to != from {
			return to
		}
	}
}

func (p *picker) sum() teg.Amount { return p.sums[rand.IntN(len(p.sums))] }
