package main

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A small heap may grow to the same size whatever is in use, but not too many times over, one
// that is not so small by as many bytes, and a large one by a quarter.
func TestGarbageIsCollectedByUse(t *testing.T) {
	const mib = 1 << 20
	for of, want := range map[use]int64{
		{}: 400, {heap: 4 * mib}: 400, {heap: 8 * mib}: 300, {heap: 8 * mib, other: 4 * mib}: 200,
		{heap: 16 * mib}: 100, {heap: 32 * mib}: 50, {heap: 50 * mib}: 32, {heap: 64 * mib}: 25, {heap: 1 << 40}: 25,
	} {
		require.Equal(t, want, of.garbage(), "%+v", of)
	}
	for heap := uint64(mib); heap < 1<<30; heap += mib {
		of := use{heap: heap, other: heap / 4}
		most := heap + max(heap+of.other, 4*mib)*uint64(of.garbage())/100
		require.LessOrEqual(t, most, max(freeHeap, heap+freeGarbage, heap+(heap+of.other)/4))
	}
}

// Each collection is noticed, not the first alone.
func TestEachCollectionIsNoticed(t *testing.T) {
	var times atomic.Int64
	afterEachCollection(func() { times.Add(1) })
	require.Positive(t, usedHeap().heap)
	for range 3 {
		seen := times.Load()
		require.Positive(t, seen)
		runtime.GC()
		require.Eventually(t, func() bool { return times.Load() > seen }, time.Minute, time.Millisecond)
	}
}
