// Package redislimit counts for package limit in Redis, where several servers share it.
// It is a package of its own so that nobody else links a client of Redis.
package redislimit
