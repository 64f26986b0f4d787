package metrics

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

const (
	readingLimit = time.Minute // for one reading
	readingShare = 20          // a reading takes at most this part of the time
)

// reading is what was read from the database at one time.
type reading struct {
	at       time.Time
	supply   teg.Supply
	readers  []teg.LogReaderStats
	log      teg.LogStatus
	flags    teg.RuleStats
	disputes map[teg.DisputeStatus]int64
}

// openDisputes are the states in which disputes are waited for.
var openDisputes = []teg.DisputeStatus{teg.DisputeOpen, teg.DisputeUnderReview, teg.DisputeAwaitingArbitration}

// read reads everything anew.
func read(ctx context.Context, engine *teg.Engine) (*reading, error) {
	r := &reading{at: time.Now(), disputes: map[teg.DisputeStatus]int64{}}
	var stats teg.AuditorStats
	var errs [4]error
	r.supply, errs[0] = engine.Supply(ctx)
	r.readers, errs[1] = engine.LogReaders(ctx)
	stats, errs[2] = engine.AuditorStats(ctx)
	r.log, errs[3] = engine.LogStatus(ctx)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	r.flags = stats.All()
	for _, status := range openDisputes {
		page, err := engine.Disputes(ctx, teg.DisputesQuery{Status: status, Limit: 1})
		if err != nil {
			return nil, err
		}
		r.disputes[status] = page.Total
	}
	return r, nil
}

// readings has the database read when somebody wants to know, but not too often, and
// once at a time.
type readings struct {
	engine          atomic.Pointer[teg.Engine]
	every, patience time.Duration
	ctx             context.Context // ends what is being read
	stop            context.CancelFunc
	work            sync.WaitGroup

	mu       sync.Mutex
	last     *reading      // nil before the first
	took     time.Duration // by the last
	failures int64
	next     time.Time     // not before
	running  chan struct{} // closed at the end of what is being read; nil while nothing is
}

// latest is what is known, after a new reading where one is due. It waits for that no
// longer than it has patience.
func (r *readings) latest() (*reading, time.Duration, int64) {
	if running := r.begin(); running != nil {
		enough := time.NewTimer(r.patience)
		defer enough.Stop()
		select {
		case <-running:
		case <-enough.C:
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last, r.took, r.failures
}

// begin starts a reading where one is due. It returns what is closed at the end of the
// one that is under way, nil for none.
func (r *readings) begin() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	engine := r.engine.Load()
	if engine == nil || r.ctx.Err() != nil || r.running == nil && time.Now().Before(r.next) {
		return nil
	}
	if r.running == nil {
		r.running = make(chan struct{})
		r.work.Go(func() { r.read(engine) })
	}
	return r.running
}

func (r *readings) read(engine *teg.Engine) {
	ctx, cancel := context.WithTimeout(r.ctx, readingLimit)
	defer cancel()
	began := time.Now()
	fresh, err := read(ctx, engine)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took = time.Since(began)
	r.next = began.Add(max(r.every, readingShare*r.took))
	if err == nil {
		r.last = fresh
	} else if r.ctx.Err() == nil {
		r.failures++
	}
	close(r.running)
	r.running = nil
}

func (r *readings) close() error {
	r.mu.Lock()
	r.stop() // nothing is begun after this
	r.mu.Unlock()
	r.work.Wait()
	return nil
}
