package teg_test

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// failingOver is a database of which a copy takes over that had not got all of it.
type failingOver struct {
	store.Store
	standby atomic.Pointer[store.Store]
}

func (f *failingOver) now() store.Store {
	if standby := f.standby.Load(); standby != nil {
		return *standby
	}
	return f.Store
}

func (f *failingOver) Reader() store.Reader          { return f.now().Reader() }
func (f *failingOver) Webhooks() store.WebhookKeeper { return f.now().Webhooks() }
func (f *failingOver) Claim(ctx context.Context, c store.Claim) (int64, bool, error) {
	return f.now().Claim(ctx, c)
}
func (f *failingOver) Maintain(ctx context.Context, m store.Maintenance) error {
	return f.now().Maintain(ctx, m)
}
func (f *failingOver) GrowTree(ctx context.Context, g store.TreeGrowth) error {
	return f.now().GrowTree(ctx, g)
}

// A standby that had not got the end of the log takes over, and its log grows beyond where
// the other one was read. Who reads notices by the last event, though the position is
// there: webhooks are told of all that the log has now, and others have to ask anew.
func TestALogThatWasShorterAndGrew(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		primary, standby := open(t), open(t)
		h := newHooked(t, primary)
		h.create(teg.CreateWebhookParams{By: h.alice})
		h.pay(h.alice, h.bob)
		_, _, err := teg.Import(context.Background(), standby, bytes.NewReader(exported(t, primary)), teg.Config{})
		require.NoError(t, err)
		promoted := &hooked{T: t, eng: tegtest.Over(t, standby, tegtest.WithClock(h.clock), h.carried)}

		f := &failingOver{Store: primary}
		reads := tegtest.Over(t, f, tegtest.WithClock(h.clock), h.carried, func(c *teg.Config) { c.ReaderTerm = time.Second })
		ctx, cancel := context.WithCancel(limited(t))
		defer cancel()
		running := make(chan error, 1)
		go func() { running <- reads.Run(ctx) }()
		told := func(events int) {
			t.Helper()
			var list []string
			require.Eventually(t, func() bool {
				list = append(list, h.post.types(t)...)
				return len(list) >= events
			}, time.Minute, time.Millisecond)
			require.Len(t, list, events)
		}
		handed, ended := make(chan int, 100), make(chan error, 2)
		for _, p := range []teg.FollowParams{{Name: "all"}, {Name: "some", Actions: []string{"transfer"}}} {
			go func() {
				ended <- reads.Follow(ctx, p, func(_ context.Context, entries []teg.AuditLogEntry) error {
					for i := range entries {
						if entries[i].Action == "transfer" {
							handed <- 1
						}
					}
					return nil
				})
			}()
		}
		stream, err := reads.EventStream(ctx, teg.FromNow, teg.EventFilter{})
		require.NoError(t, err)
		defer stream.Close()
		for range 3 {
			h.pay(h.alice, h.bob) // of which the standby gets nothing
		}
		told(4)
		for range 2 * 4 {
			receive(t, handed)
		}
		seen, err := stream.Next(ctx, 0)
		require.NoError(t, err)
		require.NotEmpty(t, seen)

		for range 5 {
			promoted.pay(h.bob, h.alice)
		}
		f.standby.Store(&standby)
		for range 2 {
			require.ErrorIs(t, receive(t, ended), teg.ErrInvalidState)
		}
		require.Eventually(t, func() bool {
			_, err = stream.Next(ctx, time.Millisecond)
			return err != nil
		}, time.Minute, time.Millisecond)
		require.ErrorIs(t, err, teg.ErrInvalidState)
		told(6) // with the first again: whether it was noted, the standby does not know
		cancel()
		require.NoError(t, <-running)
	})
}

// shortening is a database of which a shorter copy takes over between two questions: the
// first still sees a longer log.
type shortening struct {
	store.Store
	more int64
}

func (s *shortening) Reader() store.Reader { return &shorteningReader{s.Store.Reader(), s} }

type shorteningReader struct {
	store.Reader
	of *shortening
}

func (r *shorteningReader) LogSize(ctx context.Context) (numbered, waiting int64, err error) {
	numbered, waiting, err = r.Reader.LogSize(ctx)
	return numbered + r.of.more, waiting, err
}

func (r *shorteningReader) Follow(ctx context.Context, from int64, limit int, actions ...string) ([]store.Event, int64, error) {
	if r.of.more > 0 && len(actions) == 0 {
		return []store.Event{{ID: store.EventID{1}, Position: from}}, from + 1, nil
	}
	return r.Reader.Follow(ctx, from, limit, actions...)
}

// Who reads some actions alone is told that the log became shorter while it was read.
func TestALogThatBecomesShorterMeanwhile(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		f := &shortening{Store: open(t)}
		eng := tegtest.Over(t, f)
		f.more = 3
		for _, action := range []string{"refund", "register_agent"} { // of which there are none, and some
			err := eng.Follow(limited(t), teg.FollowParams{Name: action, Actions: []string{action}}, func(context.Context, []teg.AuditLogEntry) error {
				require.Fail(t, "handed over")
				return nil
			})
			require.ErrorIs(t, err, teg.ErrInvalidState)
		}
		f.more = 0
	})
}
