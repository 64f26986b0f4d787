// Package redistest finds the Redis that tests run on, as storetest does PostgreSQL.
package redistest

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// defaultURL is where tests look for Redis unless TEG_TEST_REDIS_URL names another. It
// waits for one that is slow, where a server would go on without it.
const defaultURL = "redis://127.0.0.1:6379/0?dial_timeout=1m&read_timeout=1m&write_timeout=1m"

// URL is where a Redis answers. Where none does the test is skipped; where one is
// required, since TEG_TEST_REDIS_URL or CI is set, it fails instead.
func URL(t testing.TB) string {
	t.Helper()
	url, required := server()
	err := answers()
	if required {
		require.NoError(t, err, "Redis is required here: start it, or point TEG_TEST_REDIS_URL at it")
	}
	if err != nil {
		t.Skip("no Redis answers; point TEG_TEST_REDIS_URL at one")
	}
	return url
}

func server() (url string, required bool) {
	if given := os.Getenv("TEG_TEST_REDIS_URL"); given != "" {
		return given, true
	}
	return defaultURL, os.Getenv("CI") != ""
}

var answers = sync.OnceValue(func() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	url, _ := server()
	options, err := redis.ParseURL(url)
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	defer client.Close()
	return client.Ping(ctx).Err()
})
