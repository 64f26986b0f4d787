package main

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A small heap may grow to the same size whatever is in use, a large one by half.
func TestGarbageIsCollectedByUse(t *testing.T) {
	for inUse, want := range map[uint64]int64{0: 3100, 4 << 20: 700, 16 << 20: 100, 22 << 20: 50, 32 << 20: 50, 1 << 40: 50} {
		require.Equal(t, want, garbageFor(inUse), "%d MiB", inUse>>20)
	}
	for inUse := uint64(1 << 20); inUse < 1<<30; inUse += 1 << 20 {
		most := inUse + inUse*uint64(garbageFor(inUse))/100
		require.LessOrEqual(t, most, max(freeHeap, inUse*3/2))
	}
}

// Each collection is noticed, not the first alone.
func TestEachCollectionIsNoticed(t *testing.T) {
	var times atomic.Int64
	afterEachCollection(func() { times.Add(1) })
	require.Positive(t, heapInUse())
	for range 3 {
		seen := times.Load()
		require.Positive(t, seen)
		runtime.GC()
		require.Eventually(t, func() bool { return times.Load() > seen }, time.Minute, time.Millisecond)
	}
}
