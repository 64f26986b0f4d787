package teg

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// How evidence is looked for: how much at once, of all of it and of the newest, for how
// long, and how long to wait after the first and after any failure.
const (
	evidencePage     = 50
	evidenceNewest   = 25
	evidenceAtOnce   = 8
	evidencePatience = 10 * time.Second
	evidenceRetry    = 2 * time.Second
	evidenceRest     = 6 * time.Hour
	maxUnseen        = 10_000
)

// unseen is what evidence this process looks for in vain. It is not kept: after a start
// everything is looked for again, page by page.
type unseen struct {
	mu    sync.Mutex
	after ledger.ID // from which on the next page begins
	tries map[ledger.ID]attempt
}

type attempt struct {
	failures int
	next     time.Time // not before then
}

func (u *unseen) failed(id ledger.ID, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.tries == nil || len(u.tries) >= maxUnseen {
		u.tries = map[ledger.ID]attempt{}
	}
	a := u.tries[id]
	wait := evidenceRest
	if a.failures < 13 { // 2 s doubled 13 times is 4.5 hours
		wait = evidenceRetry << a.failures
	}
	u.tries[id] = attempt{a.failures + 1, now.Add(min(wait, evidenceRest))}
}

func (u *unseen) found(id ledger.ID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.tries, id)
}

// runEvidence looks for evidence again and again, beside what is due by the time: what
// waits for storage must keep nothing else waiting.
func (e *Engine) runEvidence(ctx context.Context, see func(context.Context) error) {
	ticker := time.NewTicker(tickInterval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if err := see(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ErrClosed) {
			e.config.Logger.WarnContext(ctx, "evidence that was seen could not be noted; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// nextUnseen is what is to be looked for now: the newest of what nobody saw yet, which
// must not stand behind any number of pointers that lead nowhere, and the next page of
// all of it, without what has to wait.
func nextUnseen[T any](u *unseen, now time.Time, newest func() ([]T, error), page func(after ledger.ID) ([]T, error), id func(*T) ledger.ID) ([]T, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	first, err := newest()
	if err != nil {
		return nil, outward(err)
	}
	next, err := page(u.after)
	if err != nil {
		return nil, outward(err)
	}
	u.after = ledger.ID{}
	if len(next) == evidencePage {
		u.after = id(&next[len(next)-1])
	}
	var due []T
	seen := map[ledger.ID]bool{}
	for _, piece := range slices.Concat(first, next) {
		key := id(&piece)
		if !seen[key] && !u.tries[key].next.After(now) {
			due = append(due, piece)
		}
		seen[key] = true
	}
	return due, nil
}

// lookAtOnce looks for so many pieces of evidence, a few at the same time.
func lookAtOnce(n int, look func(i int) error) error {
	faults := make([]error, n)
	var looking sync.WaitGroup
	slots := make(chan struct{}, evidenceAtOnce)
	for i := range n {
		slots <- struct{}{}
		looking.Go(func() {
			defer func() { <-slots }()
			faults[i] = look(i)
		})
	}
	looking.Wait()
	return joinDistinct(faults)
}
