package store

import (
	"context"
	"time"
)

// Buckets keeps token buckets for all processes on one database, by the database's
// clock. It lies outside of the economy: nothing in it is worth a flush of the disk,
// and a crash of the database may empty it, which fills every bucket. Stores that only
// one process serves need not have it.
//
// A bucket is the time at which it will be full. Taking from it moves that time into
// the future, by as long as what is taken needs to flow back.
type Buckets interface {
	// Draw moves the time at which a bucket will be full by cost, unless it would
	// then lie further away than period, and returns how far away it is, and whether
	// it was moved. A cost of zero only looks; a negative one gives back. It is one
	// statement: of those who draw at the same time, none sees the bucket as the other
	// found it.
	Draw(ctx context.Context, key string, cost, period time.Duration) (full time.Duration, drawn bool, err error)
	// SweepBuckets deletes the buckets that are full.
	SweepBuckets(ctx context.Context) error
}
