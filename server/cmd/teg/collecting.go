package main

import (
	"os"
	"runtime/debug"
)

// mostGarbage is by how many percent of what is in use a server lets its heap grow before it
// collects garbage, where GOGC does not say. By Go's default, 100, half of a server's heap is
// garbage at times; most of what is in use has no pointers, and costs the collector nothing.
const mostGarbage = 50

// collectSooner keeps the heap of a server small.
func collectSooner() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(mostGarbage)
	}
}
