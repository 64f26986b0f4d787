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
	mostGarbage = 50       // percent of what is in use by which a heap grows until it is collected
	freeHeap    = 32 << 20 // bytes up to which it grows in any case
)

// collectByUse keeps the heap of a server small, and leaves a small one alone.
func collectByUse() {
	if os.Getenv("GOGC") == "" {
		var set atomic.Int64
		afterEachCollection(func() { setGarbage(&set, heapInUse()) })
	}
}

// setGarbage sets how much garbage there may be beside so many bytes in use.
func setGarbage(set *atomic.Int64, inUse uint64) {
	percent := garbageFor(inUse)
	if before := set.Load(); percent < before*9/10 || percent > before*11/10 { // it stops the program for a moment
		set.Store(percent)
		debug.SetGCPercent(int(percent))
	}
}

func garbageFor(inUse uint64) int64 {
	inUse = max(inUse, 1<<20)
	if inUse >= freeHeap {
		return mostGarbage
	}
	return max(mostGarbage, int64((freeHeap-inUse)*100/inUse))
}

// heapInUse is what the last collection left.
func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// afterEachCollection has something done now, and whenever garbage was collected: of that it
// learns by an object of its own that nothing refers to.
func afterEachCollection(do func()) {
	do()
	type unused struct{ _ *byte }
	runtime.AddCleanup(&unused{new(byte)}, afterEachCollection, do)
}
