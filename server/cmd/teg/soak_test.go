package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
)

// soaking is how long the server is under load: a second in the ordinary suite, and
// TEG_TEST_SOAK in the long one.
func soaking(t *testing.T) time.Duration {
	given := os.Getenv("TEG_TEST_SOAK")
	if given == "" {
		return time.Second
	}
	d, err := time.ParseDuration(given)
	require.NoError(t, err)
	return d
}

// What a server may take. It is given no more goroutines and files than these above what it
// has at rest, once the load is over: one that keeps a few of each request passes them soon.
const (
	mostMemory     = 200 << 20
	mostLog        = 1 << 30 // of SQLite's write-ahead log, which is copied from 313 MiB on
	mostGoroutines = 64
	mostFiles      = 96
)

// A server under mixed load keeps within its memory, gives back what it took, and its books
// hold all the time; in the long form it grows no larger and no slower either. The long form
// is on both databases.
func TestSoak(t *testing.T) {
	d := soaking(t)
	if d < time.Minute {
		newSoak(t, "sqlite://economy.db").run(d)
		return
	}
	eachDatabase(t, func(t *testing.T, url string) { newSoak(t, url).run(d) })
}

// soak is a server, what is asked of it, and what it was seen to take.
type soak struct {
	*shell
	server       *background
	metrics      string
	callers      []*soaker
	stop         atomic.Bool
	rest, latest sample
	samples      []sample
}

// sample is what the server took at a moment.
type sample struct {
	memory, heap, goroutines, files float64
	log                             int64         // of SQLite
	latency                         time.Duration // median of payments since the sample before
	calls                           int
}

func newSoak(t *testing.T, url string) *soak {
	s := &soak{shell: newShell(t, "DATABASE_URL="+url, "JWT_SECRET_KEY="+secret, "RATE_LIMIT_ENABLED=false", "LISTEN_ADDR=127.0.0.1:0",
		"METRICS_ADDR=localhost:0", "LOG_LEVEL=info", "MIN_STAKE_AMOUNT=0.01", "LOG_SIGNING_KEY="+config.DevelopmentLogKey)}
	s.succeed("migrate", "up")
	s.write("ring.csv", "1,2,1,1\n2,3,1,2\n3,4,1,3\n4,1,1,4\n")
	s.succeed("import", "--ratings", "ring.csv")
	s.server = s.start("serve")
	said := s.server.expect(s.server.stderr, "msg=serving url=")
	s.metrics = "http://" + metricsAddress.FindStringSubmatch(said)[1] + "/metrics"
	api := servingURL.FindStringSubmatch(said)[1] + "/api/v1"
	admin := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:otc:1", "--role", "admin"))
	for from := 1; from <= 4; from++ {
		token := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:otc:"+strconv.Itoa(from)))
		s.callers = append(s.callers, newSoaker(api, token, admin, "did:otc:"+strconv.Itoa(1+from%4), &s.stop))
	}
	s.rest = s.look()
	return s
}

// run keeps the server under load for so long, and looks sixty times.
func (s *soak) run(d time.Duration) {
	t := s.t
	t.Helper()
	var running sync.WaitGroup
	for _, c := range s.callers {
		running.Go(c.run)
	}
	const looks = 60
	every := time.NewTicker(max(d/looks, 250*time.Millisecond))
	defer every.Stop()
	for began := time.Now(); time.Since(began) < d; {
		<-every.C
		s.samples = append(s.samples, s.look())
		if len(s.samples)%(looks/6) == 0 {
			require.Contains(t, s.succeed("verify"), "the books hold")
		}
	}
	s.stop.Store(true)
	running.Wait()
	calls := 0
	for _, c := range s.callers {
		require.NoError(t, c.fault)
		c.client.CloseIdleConnections()
		calls += c.calls
	}
	t.Logf("%d calls in %s; at rest %+v; last %+v", calls, d, s.rest, s.latest)
	require.Greater(t, calls, 50)
	s.requireBounds()
	if d >= 5*time.Minute {
		s.requireNoGrowth()
	}
	require.Zero(t, s.server.end(syscall.SIGTERM), s.server.stderr)
	require.Contains(t, s.succeed("verify"), "the books hold")
}

// requireBounds holds what was seen against what the server may take, and waits until it has
// given back what it took for the load.
func (s *soak) requireBounds() {
	t := s.t
	t.Helper()
	for _, seen := range s.samples {
		require.Less(t, seen.memory, float64(mostMemory), "%+v", s.samples)
		require.Less(t, seen.log, int64(mostLog), "%+v", s.samples)
	}
	require.Eventually(t, func() bool {
		now := s.look()
		return now.goroutines <= s.rest.goroutines+mostGoroutines && now.files <= s.rest.files+mostFiles
	}, time.Minute, 100*time.Millisecond, "at rest %+v, and after the load %+v", s.rest, &s.latest)
}

// requireNoGrowth compares the last third of the time with the one before it: the first is
// for caches to fill in.
func (s *soak) requireNoGrowth() {
	t := s.t
	t.Helper()
	third := len(s.samples) / 3
	before, after := s.samples[third:2*third], s.samples[2*third:]
	heap := func(x sample) float64 { return x.heap }
	require.Less(t, median(after, heap), 1.25*median(before, heap)+16<<20, "memory grows: %+v", s.samples)
	goroutines := func(x sample) float64 { return x.goroutines }
	require.Less(t, median(after, goroutines), median(before, goroutines)+mostGoroutines, "goroutines: %+v", s.samples)
	latency := func(x sample) float64 { return float64(x.latency) }
	require.Less(t, median(after, latency), 2*median(before, latency)+float64(5*time.Millisecond), "payments take longer: %+v", s.samples)
	t.Logf("from the second third to the last: heap %.0f to %.0f, goroutines %.0f to %.0f, payments %.0f to %.0f ns",
		median(before, heap), median(after, heap), median(before, goroutines), median(after, goroutines), median(before, latency), median(after, latency))
}

func median(samples []sample, of func(sample) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

var metricLine = regexp.MustCompile(`(?m)^(process_resident_memory_bytes|go_memstats_next_gc_bytes|go_goroutines|process_open_fds|go_gc_gogc_percent) (\S+)$`)

// look takes a sample.
func (s *soak) look() sample {
	s.t.Helper()
	status, text := page(s.t, s.metrics)
	require.Equal(s.t, 200, status)
	values := map[string]float64{}
	for _, found := range metricLine.FindAllStringSubmatch(text, -1) {
		values[found[1]] = number(s.t, found[2])
	}
	require.Len(s.t, values, 5, text)
	percent := values["go_gc_gogc_percent"]
	require.GreaterOrEqual(s.t, percent, float64(largeGarbage))
	now := sample{memory: values["process_resident_memory_bytes"], heap: values["go_memstats_next_gc_bytes"] / (1 + percent/100),
		goroutines: values["go_goroutines"], files: values["process_open_fds"]}
	if file, err := os.Stat(filepath.Join(s.dir, "economy.db-wal")); err == nil {
		now.log = file.Size()
	}
	var took []time.Duration
	for _, c := range s.callers {
		took = append(took, c.takePayments()...)
	}
	if now.calls = len(took); now.calls > 0 {
		slices.Sort(took)
		now.latency = took[now.calls/2]
	}
	s.latest = now
	return now
}
