// Package limit counts what callers may do in a time: token buckets, each with a name,
// that hold a burst and fill evenly.
//
// [Memory] counts in this process. [Shared] counts in a store that several servers
// have in common, and in this process while that does not answer; the stores are
// [Stored], over PostgreSQL, and package redislimit. Which requests belong to which
// bucket is for the caller.
package limit
