package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
)

// ask sends a request and returns status and answer.
func ask(t *testing.T, method, url, token, body string) (int, map[string]any) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	var answer map[string]any
	require.NoError(t, json.Unmarshal(text, &answer), "%s", text)
	return response.StatusCode, answer
}

var exported = regexp.MustCompile(`(?m)^export (\w+)=(\S+)$`)
var apiURL = regexp.MustCompile(`API +(\S+)`)

// startDev starts `teg dev` and returns the API's URL and the tokens.
func startDev(s *shell, args ...string) (b *background, api string, tokens map[string]string) {
	s.t.Helper()
	b = s.start(append([]string{"dev", "--listen", "127.0.0.1:0"}, args...)...)
	out := b.expect(b.stdout, "Ctrl-C")
	tokens = map[string]string{}
	for _, match := range exported.FindAllStringSubmatch(out, -1) {
		tokens[match[1]] = match[2]
	}
	require.Len(s.t, tokens, 4)
	return b, apiURL.FindStringSubmatch(out)[1], tokens
}

func TestDev(t *testing.T) {
	s := newShell(t, "DATABASE_URL=postgres://nowhere.invalid/production", "LISTEN_ADDR=:1", "TEG_CONFIG=none.conf",
		"JWT_SECRET_KEY="+secret, "JWT_ALGORITHM=EdDSA", "JWT_ISSUER_ROLES=agent")
	began := time.Now()
	b, api, tokens := startDev(s, "--still")
	t.Logf("ready after %s", time.Since(began))
	status, balance := ask(t, "GET", api+"/token/balance", tokens["AGENT"], "")
	require.Equal(t, 200, status)
	require.Equal(t, "875.249", balance["balance"])
	require.Equal(t, "100", balance["staked_balance"])
	status, stakes := ask(t, "GET", api+"/agent/stakes", tokens["AGENT"], "")
	require.Equal(t, 200, status)
	require.Equal(t, "4.7", stakes["total_rewards"], "the example of docs/staking.md")
	status, receipt := ask(t, "POST", api+"/token/transfer", tokens["AGENT"], `{"receiver_agent_id":"did:example:bob","amount":"5"}`)
	require.Equal(t, 200, status, receipt)
	status, _ = ask(t, "GET", api+"/admin/metrics", tokens["AUDITOR"], "")
	require.Equal(t, 200, status)
	status, flags := ask(t, "GET", api+"/admin/auditor/flags", tokens["AUDITOR"], "")
	require.Equal(t, []any{200, float64(1)}, []any{status, flags["total"]})
	status, _ = ask(t, "GET", api+"/admin/treasury", tokens["ADMIN"], "")
	require.Equal(t, 200, status)
	status, disputes := ask(t, "GET", api+"/admin/disputes", tokens["ARBITRATOR"], "")
	require.Equal(t, []any{200, float64(1)}, []any{status, disputes["total"]})
	status, _ = ask(t, "POST", api+"/admin/accounts/suspend", tokens["ADMIN"], `{"agent_id":"did:example:alice","reason":"a test"}`)
	require.Equal(t, 200, status)
	require.Zero(t, b.end(os.Interrupt))

	// The economy is kept, and seeding it again changes nothing, also where it
	// could not be done today.
	b, api, tokens = startDev(s, "--still")
	_, balance = ask(t, "GET", api+"/token/balance", tokens["AGENT"], "")
	require.Equal(t, "870.248", balance["balance"])
	_, metrics := ask(t, "GET", api+"/admin/metrics", tokens["ADMIN"], "")
	require.Equal(t, "1000000", metrics["total_supply"])
	require.Equal(t, "7.5", metrics["rewards_pool"], "one cycle was run")
	counts := metrics["counts"].(map[string]any)
	require.EqualValues(t, []any{1., 1., 1., 15.}, []any{counts["flags"], counts["disputes"], counts["attestations"], counts["agents"]}, "each once")
	require.Zero(t, b.end(syscall.SIGTERM))
	s.env = nil
	require.Contains(t, s.succeed("verify", "--database-url", "sqlite://teg-dev.db"), "the books hold")
}

// While it is served somebody trades.
func TestDevLives(t *testing.T) {
	s := newShell(t)
	b, api, tokens := startDev(s, "--ephemeral")
	count := func() any {
		_, metrics := ask(t, "GET", api+"/admin/metrics", tokens["ADMIN"], "")
		return metrics["counts"].(map[string]any)["transactions"]
	}
	first := count()
	require.Eventually(t, func() bool { return count() != first }, 2*time.Minute, 50*time.Millisecond)
	require.Zero(t, b.end(os.Interrupt))
}

func TestDevEphemeral(t *testing.T) {
	s := newShell(t)
	b, api, tokens := startDev(s, "--ephemeral")
	status, _ := ask(t, "GET", api+"/agent/profile", tokens["AGENT"], "")
	require.Equal(t, 200, status)
	require.Zero(t, b.end(os.Interrupt))
	left, err := filepath.Glob(filepath.Join(s.dir, "*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// A token of a first look is good for nothing else, whatever the environment
// configures.
func TestDevSignsWithThePublishedKey(t *testing.T) {
	s := newShell(t, "JWT_SECRET_KEY="+secret)
	b, _, tokens := startDev(s, "--ephemeral")
	require.Zero(t, b.end(os.Interrupt))
	for key, good := range map[string]bool{config.DevelopmentSecret: true, secret: false} {
		verifier, err := auth.New(auth.Config{Secret: []byte(key)})
		require.NoError(t, err)
		_, err = verifier.Verify(t.Context(), tokens["ADMIN"])
		require.Equal(t, good, err == nil)
	}
}

func TestDevRefusesProduction(t *testing.T) {
	code, _, stderr := newShell(t, "ENVIRONMENT=production").run("dev", "--file", "x.db")
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "JWT_SECRET_KEY (default of the command): must be a secret of your own")
	require.Contains(t, stderr, "LOG_SIGNING_KEY")
}

var servingURL = regexp.MustCompile(`msg=serving url=(\S+)`)

// SIGTERM in the middle of load: what was acknowledged is in the books, no more
// and no less. A request that had begun is answered; one that came too late finds
// its connection closed, and has not happened.
func TestServeFinishesWhatItAccepted(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url, "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0", "SHUTDOWN_TIMEOUT=10s", "RATE_LIMIT_ENABLED=false")
		s.succeed("migrate", "up")
		s.write("pair.csv", "1,2,1,1\n")
		s.succeed("import", "--ratings", "pair.csv")
		token := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:otc:1"))
		b := s.start("serve")
		api := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1] + "/api/v1"

		var acknowledged atomic.Int64
		var callers sync.WaitGroup
		for range 16 {
			callers.Go(func() { payUntilRefused(api, token, &acknowledged) })
		}
		require.Eventually(t, func() bool { return acknowledged.Load() > 50 }, 2*time.Minute, time.Millisecond)
		require.Zero(t, b.end(syscall.SIGTERM))
		callers.Wait()
		require.Contains(t, b.stderr.String(), "msg=stopped")
		require.Contains(t, s.succeed("verify"), "the books hold")

		b = s.start("serve")
		api = servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1] + "/api/v1"
		status, page := ask(t, "GET", api+"/token/transactions?transaction_type=transfer&limit=1", token, "")
		require.Equal(t, 200, status)
		require.EqualValues(t, 1+acknowledged.Load(), page["total"])
		require.Zero(t, b.end(syscall.SIGTERM))
	})
}

// payUntilRefused transfers until nobody answers any more.
func payUntilRefused(api, token string, acknowledged *atomic.Int64) {
	client := &http.Client{Transport: new(http.Transport), Timeout: 20 * time.Second}
	for {
		request, err := http.NewRequest("POST", api+"/token/transfer", strings.NewReader(`{"receiver_agent_id":"did:otc:2","amount":"0.01"}`))
		if err != nil {
			return
		}
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Content-Type", "application/json")
		response, err := client.Do(request)
		if err != nil {
			return
		}
		if response.StatusCode == http.StatusOK {
			acknowledged.Add(1)
		}
		response.Body.Close()
	}
}

// A client that never ends its request does not keep the server from ending.
func TestServeEndsInTime(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0", "SHUTDOWN_TIMEOUT=1s")
	s.succeed("migrate", "up")
	token := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:example:alice"))
	b := s.start("serve")
	url := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1]
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /api/v1/token/transfer HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+token+
		"\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
	require.NoError(t, err)
	line, err := bufio.NewReader(conn).ReadString('\n') // comes when the handler begins to read the body
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 100 Continue\r\n", line)
	_, err = io.WriteString(conn, "{")
	require.NoError(t, err)
	began := time.Now()
	require.Zero(t, b.end(syscall.SIGTERM), b.stderr)
	require.Less(t, time.Since(began), 15*time.Second, "without the setting it would be twenty")
	require.Contains(t, b.stderr.String(), "cutting off")
}

// Whatever can be set is used, so that nobody is warned of what is not.
func TestServeUsesWhatIsSet(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0",
		"RATE_LIMIT_STANDARD=5000", "JWT_REFRESH_TOKEN_EXPIRE_DAYS=7", "AUTO_PROVISION_SELF=false")
	s.succeed("migrate", "up")
	b := s.start("serve")
	said := b.expect(b.stderr, "msg=serving url=")
	require.NotContains(t, said, "level=WARN")
	requireNothingAtStar(t, servingURL.FindStringSubmatch(said)[1])
	require.Zero(t, b.end(syscall.SIGTERM))
}

// requireNothingAtStar asks for OPTIONS *, which net/http would answer itself.
func requireNothingAtStar(t *testing.T, url string) {
	t.Helper()
	request, err := http.NewRequest("OPTIONS", url, nil)
	require.NoError(t, err)
	request.URL.Opaque = "*"
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, 404, response.StatusCode)
	require.NotEmpty(t, response.Header.Get("X-Request-ID"))
}

// SIGTERM while the database does not answer yet is an orderly end, too.
func TestServeEndsWhileStarting(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	s := newShell(t, "DATABASE_URL=postgres://"+silent.Addr().String()+"/teg", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0")
	b := s.start("serve")
	conn, err := silent.Accept()
	require.NoError(t, err)
	defer conn.Close()
	require.Zero(t, b.end(syscall.SIGTERM), b.stderr)
	require.Empty(t, b.stderr.String())
}

// heedHangups has what is started from now on heed SIGHUP, even where who runs the tests
// ignores it, which is inherited.
func heedHangups() { signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) }

// A terminal that is closed ends the server as SIGTERM does; one that was started to
// survive that (nohup) goes on.
func TestServeEndsWithItsTerminal(t *testing.T) {
	s := newShell(t, "DATABASE_URL=sqlite://economy.db", "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0")
	s.succeed("migrate", "up")
	heedHangups()
	b := s.start("serve")
	b.expect(b.stderr, "msg=serving url=")
	require.Zero(t, b.end(syscall.SIGHUP), b.stderr)
	require.Contains(t, b.stderr.String(), "msg=stopped")

	signal.Ignore(syscall.SIGHUP) // what is started now inherits it
	b = s.start("serve")
	signal.Reset(syscall.SIGHUP)
	url := servingURL.FindStringSubmatch(b.expect(b.stderr, "msg=serving url="))[1]
	require.NoError(t, b.Process.Signal(syscall.SIGHUP))
	token := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:example:alice"))
	for range 50 {
		status, _ := ask(t, "GET", url+"/health/ready", token, "")
		require.Equal(t, 200, status)
	}
	require.Zero(t, b.end(syscall.SIGTERM), b.stderr)
}

func TestServeRefusesToStart(t *testing.T) {
	s := newShell(t, "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0")
	s.fail(1, "teg migrate up", "serve", "--database-url", "sqlite://none.db")
	s.write("empty.db", "")
	s.fail(1, "teg migrate up", "serve", "--database-url", "sqlite://empty.db")
	s.write("text.db", strings.Repeat("this is no database\n", 100))
	s.fail(1, "not a SQLite database", "serve", "--database-url", "sqlite://text.db")
	s.fail(1, "not available", "serve", "--database-url", "postgres://127.0.0.1:1/teg")
	s.fail(1, "see that the database runs", "serve", "--database-url", "postgres://127.0.0.1:1/teg")
	s.succeed("migrate", "up", "--database-url", "sqlite://economy.db")
	s.fail(1, "another owner", "serve", "--database-url", "sqlite://economy.db", "--teg-system-treasury-did", foreignTreasury(s))

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	s.fail(1, "LISTEN_ADDR", "serve", "--database-url", "sqlite://economy.db", "--listen-addr", taken.Addr().String())
}

// foreignTreasury makes the treasury of economy.db, and returns another DID.
func foreignTreasury(s *shell) string {
	s.succeed("verify", "--database-url", "sqlite://economy.db")
	return "did:example:somebody-else"
}
