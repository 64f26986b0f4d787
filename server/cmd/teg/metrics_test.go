package main

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var metricsAddress = regexp.MustCompile(`msg="serving metrics" address=(\S+)`)

// page gets what an address answers, as text.
func page(t *testing.T, url string) (int, string) {
	t.Helper()
	answer, err := http.Get(url)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

// metricsWith scrapes until there is what has to be read from the database first.
func metricsWith(t *testing.T, url, line string) (text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		var status int
		status, text = page(t, url+"/metrics")
		require.Equal(t, http.StatusOK, status)
		return strings.Contains(text, line)
	}, 2*time.Minute, 20*time.Millisecond, "no %q", line)
	return text
}

// Metrics have an address of their own where they are given one, and it has nothing else.
func TestMetricsAddr(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0", "METRICS_ADDR=localhost:0", "LOG_LEVEL=debug")
	s.succeed("migrate", "up")
	b := s.start("serve")
	said := b.expect(b.stderr, "msg=serving url=")
	url, at := servingURL.FindStringSubmatch(said)[1], "http://"+metricsAddress.FindStringSubmatch(said)[1]
	status, text := page(t, url+"/metrics?secret="+secret)
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, text, "ROUTE_NOT_FOUND")
	text = metricsWith(t, at, "teg_agents 0\n")
	for _, name := range []string{"teg_build_info{", `teg_http_errors_total{code="ROUTE_NOT_FOUND"} 1`, "go_goroutines ", "teg_database_connections{"} {
		require.Contains(t, text, name)
	}
	status, _ = page(t, at+"/health")
	require.Equal(t, http.StatusNotFound, status)
	require.Zero(t, b.end(syscall.SIGTERM), b.stderr)
	require.NotContains(t, b.stderr.String(), secret)

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	code, _, stderr := s.run("serve", "--metrics-addr", taken.Addr().String())
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "choose another with METRICS_ADDR")
}

// Where they are given none, they are with everything else.
func TestMetricsBesideTheAPI(t *testing.T) {
	s := newShell(t)
	b, api, _ := startDev(s, "--ephemeral")
	text := metricsWith(t, strings.TrimSuffix(api, "/api/v1"), "teg_agents 15\n")
	require.Contains(t, text, `teg_flags_open{status="NEW"} 1`)
	require.Zero(t, b.end(syscall.SIGTERM), b.stderr)
}
