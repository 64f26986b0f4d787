package store

import "time"

// Pool is how the connections of a store are used that serve one purpose.
type Pool struct {
	Name   string        // "read" for questions, "write" for groups
	Limit  int           // how many connections there may be; 0: any number
	Open   int           // connections that there are: those in use, and the idle ones
	InUse  int           // those that somebody has right now
	Waits  int64         // how often somebody had to wait for one, since the store was opened
	Waited time.Duration // and how long all of them together
}
