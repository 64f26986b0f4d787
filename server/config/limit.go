package config

import (
	"strings"
	"time"
)

// LimitStore is where requests are counted. The zero LimitStore is none.
type LimitStore uint8

// The places.
const (
	LimitMemory LimitStore = iota + 1
	LimitPostgres
	LimitRedis
)

// String returns the name of the place.
func (s LimitStore) String() string {
	switch s {
	case LimitMemory:
		return "memory"
	case LimitPostgres:
		return "postgres"
	case LimitRedis:
		return "redis"
	}
	return ""
}

// UnmarshalText reads the name of a place.
func (s *LimitStore) UnmarshalText(text []byte) error {
	switch string(text) {
	case "memory":
		*s = LimitMemory
	case "postgres":
		*s = LimitPostgres
	case "redis":
		*s = LimitRedis
	default:
		return problem("must be memory, postgres or redis")
	}
	return nil
}

// checkLimits wants limits that let somebody through, and a store of theirs that is
// there.
func (c *collector) checkLimits(config *Config) {
	const most = 1_000_000_000
	for variable, n := range map[string]int{
		"RATE_LIMIT_STANDARD": config.RateLimitStandard, "RATE_LIMIT_TRANSFER": config.RateLimitTransfer,
		"RATE_LIMIT_ADMIN": config.RateLimitAdmin, "RATE_LIMIT_IDENTITY": config.RateLimitIdentity,
	} {
		c.require(1 <= n && n <= most, "must be a whole number per hour, at least 1; RATE_LIMIT_ENABLED=false turns limits off", variable)
	}
	c.require(1 <= config.MaxConcurrent && config.MaxConcurrent <= 1_000_000, "must be from 1 to 1000000", "MAX_CONCURRENT_REQUESTS")
	c.require(0 <= config.StreamsMax && config.StreamsMax <= 1_000_000, "must be from 0 to 1000000", "STREAMS_MAX")
	c.require(1 <= config.StreamsPerAgent && config.StreamsPerAgent <= 1_000_000, "must be from 1 to 1000000", "STREAMS_PER_AGENT")
	address := string(config.RedisURL.Reveal())
	c.requireRedis(config.RedisURL, "REDIS_URL")
	if !config.RateLimitEnabled {
		return
	}
	c.require(config.RateLimitStore != LimitPostgres || config.Database.Kind == Postgres,
		"must be memory, or redis with a REDIS_URL, as DATABASE_URL is not PostgreSQL", "RATE_LIMIT_STORE", "DATABASE_URL")
	c.require(config.RateLimitStore != LimitRedis || address != "", "needs a REDIS_URL, such as redis://127.0.0.1:6379/0", "RATE_LIMIT_STORE", "REDIS_URL")
}

// requireRedis wants an address of Redis, where one is given. The rest of it is for the
// client to judge.
func (c *collector) requireRedis(given Secret, variable string) {
	address := string(given.Reveal())
	c.require(address == "" || strings.HasPrefix(address, "redis://") || strings.HasPrefix(address, "rediss://"),
		"must look like redis://user:password@host:6379/0, or rediss:// for TLS", variable)
}

// checkCache wants answers to live for a while, and not for long.
func (c *collector) checkCache(config *Config) {
	c.requireRedis(config.CacheURL, "CACHE_URL")
	c.within(config.CacheTTL, 100*time.Millisecond, time.Hour, "must be from 100ms to 1h", "CACHE_TTL")
}
