package main

import (
	"os"
	"runtime/debug"
)

// mostGarbage is by how many percent of what is in use a server lets its heap grow before it
// collects garbage, where GOGC does not say. By Go's default, 100, half of a server's heap is
// garbage at times. Most of what is in use has no pointers for the collector to follow.
const mostGarbage = 50

// collectSooner keeps the heap of a server small.
func collectSooner() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(mostGarbage)
	}
}
