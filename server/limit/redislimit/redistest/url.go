// Package redistest finds the Redis that tests run on, as storetest does PostgreSQL.
package redistest

import (
	"context"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// defaultURL is where tests look for Redis unless TEG_TEST_REDIS_URL names another.
const defaultURL = "redis://127.0.0.1:6379/0"

// URL is where a Redis answers. Where none does the test is skipped; where one is
// required, since TEG_TEST_REDIS_URL or CI is set, it fails instead.
func URL(t testing.TB) string {
	t.Helper()
	address, required := server()
	err := answers()
	if required {
		require.NoError(t, err, "Redis is required here: start it, or point TEG_TEST_REDIS_URL at it")
	}
	if err != nil {
		t.Skip("no Redis answers; point TEG_TEST_REDIS_URL at one")
	}
	return patient(t, address)
}

// patient waits for a Redis that is slow, where a server would go on without it.
func patient(t testing.TB, address string) string {
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	parameters := parsed.Query()
	for _, name := range []string{"dial_timeout", "read_timeout", "write_timeout"} {
		parameters.Set(name, "1m")
	}
	parsed.RawQuery = parameters.Encode()
	return parsed.String()
}

func server() (address string, required bool) {
	if given := os.Getenv("TEG_TEST_REDIS_URL"); given != "" {
		return given, true
	}
	return defaultURL, os.Getenv("CI") != ""
}

var answers = sync.OnceValue(func() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	address, _ := server()
	options, err := redis.ParseURL(address)
	if err != nil {
		return err
	}
	options.DialTimeout, options.DialerRetries, options.MaxRetries = 10*time.Second, 1, -1
	client := redis.NewClient(options)
	defer client.Close()
	return client.Ping(ctx).Err()
})
