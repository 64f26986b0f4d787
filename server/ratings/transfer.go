package ratings

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/agentvault/teg-layer/teg"
)

// digest names fields in a reference however long they are.
func digest(kind string, fields ...string) string {
	hash := sha256.New()
	for _, f := range fields {
		hash.Write([]byte(f))
		hash.Write([]byte{0})
	}
	return kind + ":" + hex.EncodeToString(hash.Sum(nil))
}

// order says which ratings wait for which: each for the one before it of either
// trader. None waits for a later one, so there is always one that can be played.
type order struct {
	waits []uint8    // how many others a rating still waits for
	next  [][2]int32 // those that wait for a rating; −1 for none
}

func newOrder(p *play) *order {
	o := &order{waits: make([]uint8, len(p.ratings)), next: make([][2]int32, len(p.ratings))}
	last := make([]int32, len(p.traders)) // the last rating of each trader
	for i := range last {
		last[i] = -1
	}
	for i := range p.ratings {
		o.next[i] = [2]int32{-1, -1}
		for _, name := range []string{p.ratings[i].Rater, p.ratings[i].Ratee} {
			t := p.index[name]
			if before := last[t]; before >= 0 {
				o.follow(before, int32(i))
			}
			last[t] = int32(i)
		}
	}
	return o
}

// follow notes that a rating waits for one before it. A pair that rates each
// other twice in a row waits twice for the same.
func (o *order) follow(before, after int32) {
	if o.next[before][0] < 0 {
		o.next[before][0] = after
	} else {
		o.next[before][1] = after
	}
	o.waits[after]++
}

// done returns the ratings that can be played now that one has been.
func (o *order) done(i int32) (ready []int32) {
	for _, after := range o.next[i] {
		if after < 0 {
			continue
		}
		if o.waits[after]--; o.waits[after] == 0 {
			ready = append(ready, after)
		}
	}
	return ready
}

// played is what became of a rating.
type played struct {
	rating  int32
	receipt teg.TransferReceipt
	there   bool
	err     error
}

var errStopped = errors.New("ratings: another rating could not be played")

// transfer plays all ratings. At the first fault nothing more is begun, what is
// under way ends.
func (p *play) transfer(ctx context.Context) error {
	// Both channels hold all there can be: neither side ever waits for the other.
	work := make(chan int32, len(p.ratings))
	results := make(chan played, len(p.ratings))
	var callers sync.WaitGroup
	var stop atomic.Bool
	for range min(p.Callers, len(p.ratings)) {
		callers.Go(func() {
			for i := range work {
				if stop.Load() {
					results <- played{rating: i, err: errStopped}
					continue
				}
				results <- p.transferOne(ctx, i)
			}
		})
	}
	err := p.conduct(ctx, work, results, &stop)
	close(work)
	callers.Wait()
	return err
}

// conduct hands ratings out as they become ready and counts what comes back.
func (p *play) conduct(ctx context.Context, work chan<- int32, results <-chan played, stop *atomic.Bool) error {
	o := newOrder(p)
	underWay := 0
	for i, waits := range o.waits {
		if waits == 0 {
			work <- int32(i)
			underWay++
		}
	}
	var failure error
	for ; underWay > 0; underWay-- {
		r := <-results
		switch {
		case r.err == nil:
			p.tally(r)
		case failure == nil:
			failure = &LineError{p.ratings[r.rating].Line, r.err}
			stop.Store(true)
		}
		if failure != nil {
			continue
		}
		for _, i := range o.done(r.rating) {
			work <- i
			underWay++
		}
	}
	return failure
}

func (p *play) tally(r played) {
	if r.there {
		p.summary.TransfersThere++
	} else {
		p.summary.Transfers++
		p.count(&p.summary.Moved, r.receipt.Amount)
		p.count(&p.summary.Fees, r.receipt.Fee)
	}
	p.tick()
}

// transferOne plays one rating.
func (p *play) transferOne(ctx context.Context, i int32) played {
	r := &p.ratings[i]
	rater, reference := p.traders[p.index[r.Rater]].id, r.reference()
	receipt, err := p.engine.Transfer(ctx, teg.TransferParams{
		From: rater, To: p.traders[p.index[r.Ratee]].id, Amount: r.Points, Reference: reference,
	})
	if errors.Is(err, teg.ErrAlreadyExists) || err != nil && p.isThere(ctx, rater, reference) {
		return played{rating: i, there: true}
	}
	return played{rating: i, receipt: receipt, err: err}
}

// isThere reports whether a rating has been played before. What was played stays
// played, also where it would be refused today: the rater may have spent what it
// had, or be suspended by now.
func (p *play) isThere(ctx context.Context, rater teg.DID, reference string) bool {
	page, err := p.engine.Transactions(ctx, teg.TransactionsQuery{Agent: rater, Reference: reference, Limit: 1})
	if err != nil {
		return false // what the transfer was refused for is the better answer
	}
	for _, tx := range page.Transactions {
		if tx.From == rater {
			return true
		}
	}
	return false
}
