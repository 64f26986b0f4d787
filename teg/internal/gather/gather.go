// Package gather answers questions that are asked at the same time together.
//
// A question to a database costs a round trip and a statement, however much it asks for. A
// [Group] lets a few questions be under way; whoever asks meanwhile waits, and when one of
// them is answered, all that wait are asked as one. Who asks alone waits for nobody. So the
// busier it is the less a question costs, and no time is spent on waiting for company. The
// engine's writes are gathered by the same principle.
//
// A database in the same process answers without that its caller ever pauses, so that by
// itself nobody would come meanwhile who has not a processor of its own. Therefore whoever
// is about to ask lets those go first who could run already: where a processor is idle that
// takes no time, and where none is the others would have had to be served anyway.
package gather

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// Group gathers questions about keys. Set its fields before the first; it is safe for
// concurrent use.
type Group[K comparable, V any] struct {
	// Ask answers for all keys; one that is not in its map is answered with the zero V.
	// The keys are distinct. Who asked for the same key gets the same V, to read only.
	Ask func(ctx context.Context, keys []K) (map[K]V, error)
	// Width is how many questions may be under way; at least 1.
	Width int
	// Most is how many callers one of them may answer; at least 1.
	Most int

	mu      sync.Mutex
	running int
	waiting []*question[K, V] // all but the last are full
}

// question is one that is asked for several callers.
type question[K comparable, V any] struct {
	ctx     context.Context
	cancel  context.CancelFunc // when nobody waits for it any more
	keys    map[K]struct{}
	callers int           // how many it is asked for
	left    int           // how many of them still wait
	done    chan struct{} // closed when there is an answer
	answers map[K]V
	err     error
}

// Get answers for a key. The answer is of a moment after the call: nothing is asked for it
// that was under way before. A failure is that of all who were asked for together, but for
// the end of a context, which is that of its own caller.
func (g *Group[K, V]) Get(ctx context.Context, key K) (V, error) {
	q := g.enter(ctx, key)
	if q == nil {
		runtime.Gosched()
		if q = g.lead(ctx, key); q == nil {
			return g.alone(ctx, key)
		}
	}
	select {
	case <-q.done:
		return q.answers[key], q.err
	case <-ctx.Done():
		g.giveUp(q)
		var none V
		return none, ctx.Err()
	}
}

// enter returns the question to wait for, or nil for who may ask at once.
func (g *Group[K, V]) enter(ctx context.Context, key K) *question[K, V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running < max(g.Width, 1) {
		g.running++
		return nil
	}
	return g.join(ctx, key)
}

// lead has asked for those who came while a caller who may ask let others go first, and for
// the caller with them. It returns the question that the caller is to wait for, or nil where
// nobody came.
func (g *Group[K, V]) lead(ctx context.Context, key K) *question[K, V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		return nil
	}
	q := g.join(ctx, key)
	go g.together(g.take())
	return q
}

// join has a caller wait, with those who came last where there is room.
func (g *Group[K, V]) join(ctx context.Context, key K) *question[K, V] {
	last := len(g.waiting) - 1
	if last < 0 || g.waiting[last].callers >= max(g.Most, 1) {
		g.waiting, last = append(g.waiting, newQuestion[K, V](ctx)), last+1
	}
	q := g.waiting[last]
	q.keys[key] = struct{}{}
	q.callers++
	q.left++
	return q
}

// newQuestion has the values of the first caller's context, and nobody's deadline.
func newQuestion[K comparable, V any](ctx context.Context) *question[K, V] {
	q := &question[K, V]{keys: map[K]struct{}{}, done: make(chan struct{})}
	q.ctx, q.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return q
}

func (g *Group[K, V]) alone(ctx context.Context, key K) (V, error) {
	defer g.next()
	answers, err := g.Ask(ctx, []K{key})
	return answers[key], err
}

// next has those asked for who wait, or lets the next caller ask at once.
func (g *Group[K, V]) next() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.running--
		return
	}
	go func() {
		runtime.Gosched()
		if q := g.longest(); q != nil {
			g.together(q)
		}
	}()
}

// longest is the question of those who have waited longest, nil where others have asked it
// already.
func (g *Group[K, V]) longest() *question[K, V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.running--
		return nil
	}
	return g.take()
}

// take is the question of those who have waited longest, to be asked.
func (g *Group[K, V]) take() *question[K, V] {
	q := g.waiting[0]
	g.waiting = g.waiting[1:]
	return q
}

// together asks for many callers. A panic is theirs to hear of: nobody above it would stop it
// from ending the program.
func (g *Group[K, V]) together(q *question[K, V]) {
	defer g.next()
	defer q.cancel()
	defer close(q.done)
	defer func() {
		if fault := recover(); fault != nil {
			q.err = fmt.Errorf("gather: panic: %v", fault)
		}
	}()
	keys := make([]K, 0, len(q.keys))
	for key := range q.keys {
		keys = append(keys, key)
	}
	q.answers, q.err = g.Ask(q.ctx, keys)
}

// giveUp ends a question that nobody waits for any more.
func (g *Group[K, V]) giveUp(q *question[K, V]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if q.left--; q.left == 0 {
		q.cancel()
		g.waiting = slices.DeleteFunc(g.waiting, func(w *question[K, V]) bool { return w == q }) // nobody joins it
	}
}
