package teg_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// unwatched is a database of which a standby takes over before those at the tail of the log
// have had a look at it.
type unwatched struct{ failingOver }

func (u *unwatched) Reader() store.Reader { return &unwatchedReader{u.now().Reader(), u} }

type unwatchedReader struct {
	store.Reader
	of *unwatched
}

// Follow fails for who reads more at once than a stream does.
func (r *unwatchedReader) Follow(ctx context.Context, from int64, limit int, actions ...string) ([]store.Event, int64, error) {
	if r.of.standby.Load() != nil && limit > teg.MaxLimit+1 {
		return nil, 0, store.ErrUnavailable
	}
	return r.Reader.Follow(ctx, from, limit, actions...)
}

// A stream that fell behind those at the tail reads on from the database, and knows the log by
// the event that it saw last, or that stands before what it was told of: where another one has
// taken over it gets nothing of that.
func TestStreamThatFellBehindAndAnotherLog(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		primary, standby := open(t), open(t)
		old := tegtest.Over(t, primary)
		alice, bob := tegtest.Fund(t, old, "did:example:alice", "1000"), tegtest.Fund(t, old, "did:example:bob", "1000")
		_, _, err := teg.Import(context.Background(), standby, bytes.NewReader(exported(t, primary)), teg.Config{})
		require.NoError(t, err)
		promoted := tegtest.Over(t, standby)
		payOften(t, promoted, 20, bob, alice)

		u := &unwatched{failingOver{Store: primary}}
		eng := tegtest.Over(t, u)
		eng.KeepLive(3, 2)
		var streams []*teg.EventStream
		for _, filter := range []teg.EventFilter{{}, {Viewer: alice}, {Agent: bob}, {Actions: []string{"transfer"}}} {
			s, err := eng.EventStream(limited(t), teg.FromNow, filter)
			require.NoError(t, err)
			defer s.Close()
			streams = append(streams, s)
		}
		for _, s := range streams { // they wait at the tail
			none, err := s.Next(limited(t), 1)
			require.NoError(t, err)
			require.Empty(t, none)
		}
		payOften(t, old, 1, alice, bob)
		var before teg.AuditLogEntry
		for _, s := range streams {
			seen, err := s.Next(limited(t), 0)
			require.NoError(t, err)
			require.Len(t, seen, 1)
			before = seen[0]
		}
		last := streams[0].Position()
		goesOn, err := eng.EventStream(limited(t), before.Position+1, teg.EventFilter{Behind: teg.EventSeal(teg.EventID(before.ID))})
		require.NoError(t, err)
		defer goesOn.Close()
		streams = append(streams, goesOn) // and has read nothing yet
		payOften(t, old, 8, alice, bob)
		require.Eventually(t, func() bool { return streams[0].Seal(last+7) != "" }, patience, time.Millisecond, "the tail is there, and they are behind")

		u.standby.Store(&standby)
		for i, s := range streams {
			seen, err := s.Next(limited(t), 0)
			require.ErrorIs(t, err, teg.ErrInvalidState, "stream %d, which saw %d events", i, len(seen))
		}
		tegtest.Verify(t, old)
		tegtest.Verify(t, promoted)
	})
}
