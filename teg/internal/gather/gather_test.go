package gather_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg/internal/gather"
)

// place answers with ten times the key when it is told to.
type place struct {
	gather.Group[int, int]
	asked [][]int
	tell  chan error // its next answer: nil, or how it fails
}

var errPanic = errors.New("a fault that panics")

func newPlace(most int) *place {
	p := &place{tell: make(chan error)}
	p.Width, p.Most, p.Ask = 1, most, p.answer
	return p
}

func (p *place) answer(ctx context.Context, keys []int) (map[int]int, error) {
	slices.Sort(keys)
	p.asked = append(p.asked, keys)
	answers := map[int]int{}
	for _, key := range keys {
		if key >= 0 { // of others nothing is known
			answers[key] = 10 * key
		}
	}
	select {
	case err := <-p.tell:
		if errors.Is(err, errPanic) {
			panic(err)
		}
		return answers, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type told struct {
	value int
	err   error
}

// get asks aside. It returns when the question is asked, or waits.
func (p *place) get(ctx context.Context, key int) <-chan told {
	answer := make(chan told, 1)
	go func() {
		value, err := p.Get(ctx, key)
		answer <- told{value, err}
	}()
	synctest.Wait()
	return answer
}

// let has the question that is under way answered.
func (p *place) let(err error) {
	p.tell <- err
	synctest.Wait()
}

func TestThoseWhoWaitAreAskedForTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, ctx := newPlace(3), t.Context()
		first := p.get(ctx, 1)
		var others []<-chan told
		for _, key := range []int{2, 3, 2, 4, -1} {
			others = append(others, p.get(ctx, key))
		}
		require.Equal(t, [][]int{{1}}, p.asked)
		p.let(nil)
		require.Equal(t, told{10, nil}, <-first)
		require.Equal(t, [][]int{{1}, {2, 3}}, p.asked, "three callers, two of them with the same question")
		p.let(nil)
		p.let(nil)
		for i, value := range []int{20, 30, 20, 40, 0} {
			require.Equal(t, told{value, nil}, <-others[i])
		}
		require.Equal(t, [][]int{{1}, {2, 3}, {-1, 4}}, p.asked)
		last := p.get(ctx, 5)
		require.Equal(t, []int{5}, p.asked[3], "nobody is under way any more")
		p.let(nil)
		require.Equal(t, told{50, nil}, <-last)
	})
}

// What is under way was asked too early for who comes now.
func TestAnswersAreOfAfterTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, ctx := newPlace(100), t.Context()
		early := p.get(ctx, 1)
		late := p.get(ctx, 1)
		p.let(nil)
		require.Equal(t, told{10, nil}, <-early)
		require.Empty(t, late)
		p.let(nil)
		require.Equal(t, told{10, nil}, <-late)
	})
}

func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, ctx, away := newPlace(100), t.Context(), errors.New("away")
		alone := p.get(ctx, 1)
		two, three := p.get(ctx, 2), p.get(ctx, 3)
		p.let(away)
		require.ErrorIs(t, (<-alone).err, away)
		p.let(away)
		require.ErrorIs(t, (<-two).err, away)
		require.ErrorIs(t, (<-three).err, away)

		first, second := p.get(ctx, 1), p.get(ctx, 2)
		p.let(nil)
		require.NoError(t, (<-first).err)
		p.let(errPanic)
		require.ErrorContains(t, (<-second).err, errPanic.Error())

		fine := p.get(ctx, 4)
		p.let(nil)
		require.Equal(t, told{40, nil}, <-fine, "faults leave nothing behind")
	})
}

// A panic of who asks alone is that caller's own, and holds up nobody.
func TestPanicAlone(t *testing.T) {
	g := gather.Group[int, int]{Ask: func(context.Context, []int) (map[int]int, error) { panic(errPanic) }}
	for range 3 {
		require.PanicsWithError(t, errPanic.Error(), func() { _, _ = g.Get(t.Context(), 1) })
	}
}

// Who gives up is told at once, and the others get their answer; what nobody waits for any
// more is not asked to the end.
func TestGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(100)
		first := p.get(t.Context(), 1)
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		two, three := p.get(impatient, 2), p.get(t.Context(), 3)
		<-time.After(2 * time.Second)
		require.ErrorIs(t, (<-two).err, context.DeadlineExceeded)
		p.let(nil)
		require.NoError(t, (<-first).err)
		all, giveUp := context.WithCancel(t.Context())
		four, five := p.get(all, 4), p.get(all, 5)
		p.let(nil)
		require.Equal(t, told{30, nil}, <-three)
		giveUp()
		require.ErrorIs(t, (<-four).err, context.Canceled)
		require.ErrorIs(t, (<-five).err, context.Canceled)
		synctest.Wait()
		six := p.get(t.Context(), 6)
		p.let(nil)
		require.Equal(t, told{60, nil}, <-six)
	})
}

// Who comes when all who waited have given up has a question of its own.
func TestComingAfterThoseWhoGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(100)
		first := p.get(t.Context(), 1)
		impatient, giveUp := context.WithCancel(t.Context())
		two := p.get(impatient, 2)
		giveUp()
		require.ErrorIs(t, (<-two).err, context.Canceled)
		three := p.get(t.Context(), 3)
		p.let(nil)
		require.Equal(t, told{10, nil}, <-first)
		require.Empty(t, three, "it is asked")
		p.let(nil)
		require.Equal(t, told{30, nil}, <-three)
		require.Equal(t, [][]int{{1}, {3}}, p.asked)
	})
}

// However many ask, everybody hears of their own key, and no more questions are under way
// than may be.
func TestManyAtOnce(t *testing.T) {
	var running, most, asked atomic.Int32
	g := gather.Group[int, int]{Width: 2, Most: 16, Ask: func(_ context.Context, keys []int) (map[int]int, error) {
		if now := running.Add(1); now > 2 {
			most.Store(now)
		}
		defer running.Add(-1)
		asked.Add(1)
		answers := map[int]int{}
		for _, key := range keys {
			answers[key] = -key
		}
		return answers, nil
	}}
	var all sync.WaitGroup
	for caller := range 64 {
		all.Go(func() {
			for i := range 200 {
				key := caller*1000 + i
				if value, err := g.Get(t.Context(), key); err != nil || value != -key {
					t.Errorf("%d: %d, %v", key, value, err)
				}
			}
		})
	}
	all.Wait()
	require.Zero(t, most.Load())
	require.LessOrEqual(t, asked.Load(), int32(64*200))
}

// Whoever could run already is asked for together, although the answer comes at once: where
// one processor serves all, nobody would otherwise ever come while a question is under way.
func TestThoseReadyToRunAreAskedForTogether(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const callers, most = 100, 40
	var sizes []int // of the questions
	start, all := make(chan struct{}), new(sync.WaitGroup)
	g := gather.Group[int, int]{Width: 1, Most: most, Ask: func(_ context.Context, keys []int) (map[int]int, error) {
		sizes = append(sizes, len(keys))
		answers := map[int]int{}
		for _, key := range keys {
			answers[key] = 10 * key
		}
		return answers, nil
	}}
	answers := make([]int, callers)
	for i := range callers {
		all.Go(func() {
			<-start
			answers[i], _ = g.Get(t.Context(), i)
		})
	}
	close(start)
	all.Wait()
	for i, answer := range answers {
		require.Equal(t, 10*i, answer)
	}
	require.Less(t, len(sizes), callers/5)
	require.LessOrEqual(t, slices.Max(sizes), most)
}
