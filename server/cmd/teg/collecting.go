package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// When a server collects garbage, where GOGC does not say.
//
// By Go's default half of a large heap is garbage at times, though most of what is in use has
// no pointers for the collector to follow; and a small heap is collected many times a second,
// which takes a tenth of the processor and saves a few megabytes. So a large heap is collected
// sooner than that, and a small one later.
const (
	largeGarbage = 25       // percent of what is in use by which a heap may grow, however large it is
	freeGarbage  = 16 << 20 // bytes by which it may grow, however small
	freeHeap     = 32 << 20 // bytes to which it may grow
	mostGarbage  = 400      // percent by which it grows at most: what is in use may come to be more by the next look
)

// collectByUse keeps the heap of a server small, and leaves a small one alone.
func collectByUse() {
	if os.Getenv("GOGC") == "" {
		var set atomic.Int64
		afterEachCollection(func() { setGarbage(&set, usedHeap()) })
	}
}

// use is what the last collection left.
type use struct {
	heap  uint64 // in bytes
	other uint64 // what it looks through beside that, which Go counts as in use
}

func usedHeap() use {
	read := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(read)
	return use{heap: read[0].Value.Uint64(), other: read[1].Value.Uint64() + read[2].Value.Uint64()}
}

// setGarbage sets how much garbage there may be beside what is in use.
func setGarbage(set *atomic.Int64, of use) {
	percent := of.garbage()
	if before := set.Load(); percent < before*9/10 || percent > before*11/10 {
		set.Store(percent)
		debug.SetGCPercent(int(percent))
	}
}

// garbage is in percent of what Go counts as in use, of which it takes there to be at least
// some: see package runtime, heapMinimum.
func (u use) garbage() int64 {
	free := max(int64(freeHeap)-int64(u.heap), freeGarbage) * 100 / max(int64(u.heap+u.other), 4<<20)
	return min(max(free, largeGarbage), mostGarbage)
}

// afterEachCollection has something done now, and whenever garbage was collected: of that it
// learns by an object of its own that nothing refers to.
func afterEachCollection(do func()) {
	do()
	type unused struct{ _ *byte }
	runtime.AddCleanup(&unused{new(byte)}, afterEachCollection, do)
}
