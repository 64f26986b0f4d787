// Package cache keeps answers where several servers share them, and never gives one that
// was made before a change of which somebody has been told.
//
// An answer is kept with the epoch that was in force before its maker began to look. Who
// has changed something puts another epoch in force before telling anybody, and answers of
// epochs that are over are not given. An epoch is drawn by chance, so that none comes
// twice, whatever the store forgets.
//
// The store may be away, slow, or hold what nobody here wrote: then [Cache.Answer] asks who
// knows. The store is a port; package rediscache is Redis. Package cache knows nothing of
// what is kept.
package cache
