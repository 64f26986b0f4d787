package cache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/cache"
)

// watched is a cache with its usual patience, what it counts, and what it logs.
func watched(s cache.Store, space string) (*cache.Cache, *counts, *bytes.Buffer) {
	var n counts
	var log bytes.Buffer
	c := cache.New(cache.Config{Store: s, Metrics: &n, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	c.Begin(space)
	return c, &n, &log
}

// A store that fails costs one question in a second, and what is answered is right.
func TestTheStoreIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.fails(func(context.Context) error { return errors.New("connection refused") })
		c, n, log := watched(s, "e")
		for i := range 100 {
			require.Equal(t, fmt.Sprint(i), ask(t, c, "q", says(fmt.Sprint(i))))
		}
		require.Equal(t, 1, s.asked)
		require.Equal(t, [3]int64{0, 100, 1}, n.all())
		require.True(t, c.Away())
		<-time.After(time.Second)
		require.Equal(t, "x", ask(t, c, "q", says("x")))
		require.Equal(t, 2, s.asked)
		s.fails(nil)
		<-time.After(time.Second)
		require.Equal(t, "y", ask(t, c, "q", says("y")))
		require.Equal(t, "y", ask(t, c, "q", says("z")))
		require.False(t, c.Away())
		require.Equal(t, 1, strings.Count(log.String(), "does not answer"))
		require.Equal(t, 1, strings.Count(log.String(), "answers again"))
	})
}

// A store that does not answer keeps nobody longer than the patience.
func TestTheStoreIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.fails(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		c, n, _ := watched(s, "e")
		began := time.Now()
		require.Equal(t, "1", ask(t, c, "q", says("1")))
		require.Equal(t, cache.DefaultPatience, time.Since(began))
		require.Equal(t, "2", ask(t, c, "q", says("2")))
		c.Changed(t.Context())
		require.Equal(t, cache.DefaultPatience, time.Since(began), "it is left alone")
		require.Equal(t, [3]int64{0, 2, 1}, n.all())

		<-time.After(time.Second)
		gone, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := c.Answer(gone, "q", says("3"))
		require.NoError(t, err)
		require.Equal(t, [3]int64{0, 3, 1}, n.all(), "who hung up is no fault of the store")
	})
}

// A change of which the store could not be told is told of before anything is read here,
// and by Settle for the sake of others.
func TestChangesThatAreOwed(t *testing.T) {
	t.Parallel()
	for name, settle := range map[string]bool{"by a reader": false, "by Settle": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShelf()
				one, _, _ := watched(s, "e")
				other, _, _ := watched(s, "e")
				require.Equal(t, "old", ask(t, other, "q", says("old")))
				s.fails(func(context.Context) error { return errors.New("away") })
				one.Changed(t.Context())
				one.Changed(t.Context())
				s.fails(nil)
				require.Equal(t, "new", ask(t, one, "q", says("new")), "not what is there")
				require.Equal(t, "old", ask(t, other, "q", says("new")), "nobody could tell it, until the TTL is over")
				<-time.After(time.Second)
				if settle {
					one.Settle(t.Context())
				} else {
					require.Equal(t, "new", ask(t, one, "q", says("new")))
				}
				require.Equal(t, "new", ask(t, other, "q", says("new")))
			})
		})
	}
}

// A change whose caller hung up was made all the same.
func TestChangeOfACallerWhoHungUp(t *testing.T) {
	t.Parallel()
	c := patient(openRedis(t), "e")
	require.Equal(t, "old", ask(t, c, "q", says("old")))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	c.Changed(gone)
	require.Equal(t, "new", ask(t, c, "q", says("new")))
}

// Whatever lies under the names, what is answered is right.
func TestGarbage(t *testing.T) {
	t.Parallel()
	s := newShelf()
	c := patient(s, "e")
	require.Equal(t, "first", ask(t, c, "q", says("first")))
	require.Equal(t, "second", ask(t, c, "another", says("second")))
	good := maps.Clone(s.values)
	for _, name := range slices.Sorted(maps.Keys(good)) {
		for _, value := range garbage(good, name) {
			maps.Copy(s.values, good)
			s.values[name] = value
			require.Contains(t, []string{"first", "asked"}, ask(t, c, "q", says("asked")), "%q under %s", value, name)
			require.Contains(t, []string{"second", "asked"}, ask(t, c, "another", says("asked")), "%q under %s", value, name)
			require.Equal(t, ask(t, c, "q", says("asked")), ask(t, c, "q", says("again")), "it is repaired")
		}
	}
}

// garbage are values that are none under that name: nothing, what belongs under another,
// parts, and each byte turned.
func garbage(good map[string][]byte, name string) [][]byte {
	list := [][]byte{nil, {}, []byte("no value"), bytes.Repeat([]byte{0}, 16), append(slices.Clone(good[name]), 'x')}
	for other, value := range good {
		if other != name {
			list = append(list, value)
		}
	}
	for i := range good[name] {
		turned := slices.Clone(good[name])
		turned[i] ^= 1
		list = append(list, turned, good[name][:i])
	}
	return list
}
