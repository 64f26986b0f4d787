package remote

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

func problem(code string) string {
	return `{"error_code":"` + code + `","message":"words","validation_errors":[{"field":"amount","message":"must be more"}]}`
}

// Each exit code has its causes.
func TestExitCodes(t *testing.T) {
	pay := []string{"pay", bob, "5", "--key", "order-17"}
	for _, c := range []struct {
		code   int
		answer http.HandlerFunc
		args   []string
		says   string
	}{
		{0, saying(200, `{"agent_id":"did:example:bob","balance":"1","locked_balance":"0","staked_balance":"0","total_balance":"1"}`), []string{"balance"}, ""},
		{1, saying(500, problem("SYS_INTERNAL_ERROR")), []string{"balance"}, "SYS_INTERNAL_ERROR: words"},
		{1, saying(404, `<html>`), []string{"balance"}, "is no answer of this API"},
		{1, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "3600")
			saying(429, problem("RATE_LIMITED"))(w, r)
		}, pay, "come back after 1h"},
		{3, saying(400, problem("BIZ_INSUFFICIENT_BALANCE")), pay, "BIZ_INSUFFICIENT_BALANCE: words; amount must be more"},
		{3, saying(404, problem("BIZ_ENTITY_NOT_FOUND")), []string{"transactions", "show", "tx_1"}, "BIZ_ENTITY_NOT_FOUND"},
		{3, saying(422, problem("IDEMPOTENCY_KEY_REUSED")), pay, "IDEMPOTENCY_KEY_REUSED"},
		{4, saying(401, problem("AUTH_INVALID_TOKEN")), pay, "AUTH_INVALID_TOKEN"},
		{4, saying(403, problem("AUTH_FORBIDDEN")), []string{"treasury"}, "AUTH_FORBIDDEN"},
		{5, saying(500, problem("SYS_INTERNAL_ERROR")), pay, "run the same command again with --key order-17"},
		{5, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, []string{"api", "POST", "/x", "--key", "k", "--data", "{}"}, "may have been carried out"},
		{5, saying(200, `{"half`), pay, "teg operation order-17"},
	} {
		s := newStand(t, c.answer)
		code, stdout, stderr := s.run(c.args...)
		require.Equal(t, c.code, code, "%v: %s", c.args, stderr)
		require.Contains(t, stderr, c.says)
		require.NotContains(t, stderr, "\n", "one line")
		require.NotContains(t, stderr, "a-token")
		require.Equal(t, c.code == 0, stdout != "", c.args)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	code, _, stderr := run("", "pay", bob, "5", "--url", gone.URL)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "see that the server runs", "nothing was sent, so nothing is in doubt")
}

// Without a token the server's refusal says how to have one.
func TestWithoutToken(t *testing.T) {
	s := newStand(t, saying(401, problem("AUTH_MISSING_TOKEN")))
	code, _, stderr := run("", "balance", "--url", s.URL)
	require.Equal(t, exitForbidden, code)
	require.Contains(t, stderr, "teg keygen")
	require.Empty(t, s.got[0].Header.Get("Authorization"))
}

// A wrong call sends nothing.
func TestWrongCalls(t *testing.T) {
	s := newStand(t, saying(500, problem("SYS_INTERNAL_ERROR")))
	for _, args := range [][]string{
		{"pay"}, {"pay", bob}, {"pay", "bob", "5"}, {"pay", bob, "five"}, {"pay", bob, "-5"}, {"pay", bob, "5", "6"}, {"balance", "x"},
		{"pay", bob, "5", "--key", "two words"}, {"transactions", "nonsense"}, {"transactions", "show", ""}, {"agent"}, {"bootstrap-token"},
		{"issue", bob, "5"}, {"burn", "5", "--reason", "r"}, {"burn", "5", "--yes"}, {"agent", "suspend", bob, "--reason", "r"},
		{"dispute", "file", bob, "--reason", "r", "--description", "d"}, {"dispute", "rule", "disp_1", "me", "--notes", "n"},
		{"dispute", "list", "--role", "claimant", "--everybody"}, {"reputation", "signal", "tx_1", "hooray"}, {"flags", "review", "flag_1", "done"},
		{"attest", "uptime", "--data", "{"}, {"attest", "uptime", "--data", "@none.json"}, {"policy", "put", `{"policy_kode": "x"}`},
		{"api", "FETCH", "/x"}, {"api", "GET", "x"}, {"balance", "--api-prefix", "/v1", "--url", "ftp://x"}, {"balance", "--key-file", "none.pem"},
		{"balance", "--key-file", "none.pem", "--token", "t"}, {"agent", "roles", bob, "--revoke", "king", "--reason", "r"},
		{"panel", "commit", "disp_1", "me"}, {"balance", "--timeout", "0s"}, {"balance", "--did", bob, "--token", "t"}, {"hold", "create", bob, "5", "--expires", "soon"}, {"bootstrap-token", "check", "tegboot_secret"},
	} {
		code, stdout, stderr := run("", append(args, urlUnless(args, s.URL)...)...)
		require.Equal(t, exitMisused, code, "%v: %s", args, stderr)
		require.Empty(t, stdout, args)
	}
	require.Empty(t, s.got)
}

func urlUnless(args []string, url string) []string {
	if strings.Contains(strings.Join(args, " "), "--url") {
		return nil
	}
	return []string{"--url", url}
}

// Nothing that a stranger or a server writes reaches a terminal as more than text.
func TestHostileAnswers(t *testing.T) {
	const evil = `\u001b[2J\u202e\u009b1m`
	transaction := `{"transaction_id":"tx_` + evil + `","sender_agent_id":null,"receiver_agent_id":null,"amount":"1","fee_amount":"0","status":"` + evil +
		`","transaction_type":"` + evil + `","timestamp":"2026-01-01T00:00:00Z","attached_message":"` + evil + `\nsecond line","reputation_signal_applied":false,"reference_id":"` + evil + `"}`
	page := `{"transactions":[` + transaction + `],"total":null,"limit":1,"offset":0,"next_cursor":"` + evil + `"}`
	for _, c := range []struct {
		answer http.HandlerFunc
		args   []string
	}{
		{saying(200, transaction), []string{"transactions", "show", "tx_1"}},
		{saying(200, page), []string{"transactions"}},
		{saying(400, `{"error_code":"`+evil+`","message":"`+evil+`","detail":"`+evil+`"}`), []string{"balance"}},
		{saying(200, "\x1b[2J"), []string{"balance"}},
		{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/\u202e")
			w.WriteHeader(302)
		}, []string{"balance"}},
		{saying(200, `{"operations":[{"verb":"transfer","status":"refused","transaction_ids":["`+evil+`"],"error":{"error_code":"`+evil+`","message":"`+evil+`"}}]}`), []string{"operation", "k"}},
		{saying(200, `{"version":0,"since":null,"economic":{"`+evil+`":"`+evil+`"},"dispute":{}}`), []string{"policy", "terms"}},
	} {
		_, stdout, stderr := newStand(t, c.answer).run(c.args...)
		require.NotEmpty(t, stdout+stderr)
		for _, r := range stdout + stderr {
			require.True(t, r == '\n' || unicode.IsPrint(r), "%v: %q in %q", c.args, r, stdout+stderr)
		}
	}
}

// A list is walked to its end, and one that has none is left.
func TestAllPages(t *testing.T) {
	item := func(i int) string {
		return fmt.Sprintf(`{"entry_id":"ev_%d","position":%d,"actor":"did:example:bob","action":"transfer","timestamp":"2026-01-01T00:00:00.000001Z","request_id":null, "ids":[],"newer":1}`, i, i)
	}
	s := newStand(t, func(w http.ResponseWriter, r *http.Request) {
		body := `{"entries":[` + item(1) + "," + item(2) + `],"first_position":0,"total":null,"limit":2,"offset":0,"next_cursor":"second"}`
		switch r.URL.Query().Get("cursor") {
		case "second":
			body = `{"entries":[` + item(3) + `],"first_position":0,"total":null,"limit":2,"offset":0,"next_cursor":null}`
		case "third":
			body = `{"entries":[],"first_position":0,"total":null,"limit":2,"offset":0,"next_cursor":"third"}`
		}
		saying(200, body)(w, r)
	})
	code, stdout, stderr := s.run("audit-log", "--limit", "2")
	require.Zero(t, code)
	require.Equal(t, 3, strings.Count(stdout, "\n"))
	require.Equal(t, "there are more: --all, or --cursor second\n", stderr)
	require.Equal(t, "2", s.got[0].URL.Query().Get("limit"))

	code, stdout, stderr = s.run("audit-log", "--all")
	require.Zero(t, code)
	require.Equal(t, 4, strings.Count(stdout, "\n"), "the heading, and three")
	require.Empty(t, stderr)

	code, stdout, _ = s.run("audit-log", "--all", "--json")
	require.Zero(t, code)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	require.Len(t, lines, 3)
	require.JSONEq(t, item(3), lines[2], "with what this program does not know")

	code, _, stderr = s.run("audit-log", "--all", "--cursor", "third")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "the same pages for ever")

	s.answer = saying(200, `{"entries":[],"first_position":0,"total":0,"limit":2,"offset":0,"next_cursor":null}`)
	code, stdout, stderr = s.run("audit-log")
	require.Equal(t, []any{0, "", "there are none\n"}, []any{code, stdout, stderr})
}

// Who asks is said once: two identities could be two agents.
func TestIdentity(t *testing.T) {
	s := newStand(t, documented(t))
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	require.NoError(t, os.WriteFile(file, []byte("from-file\n"), 0o600))
	t.Setenv(urlVariable, s.URL)
	t.Setenv(tokenFileVariable, file)
	for _, c := range []struct{ flag, sent string }{{"", "Bearer from-file"}, {"from-flag", "Bearer from-flag"}} {
		args := []string{"balance"}
		if c.flag != "" {
			args = append(args, "--token", c.flag)
		}
		code, _, stderr := run("", args...)
		require.Zero(t, code, stderr)
		require.Equal(t, c.sent, s.got[len(s.got)-1].Header.Get("Authorization"))
	}
	t.Setenv(tokenVariable, "from-environment")
	code, _, stderr := run("", "balance")
	require.Equal(t, exitMisused, code)
	require.Contains(t, stderr, "TEG_TOKEN_FILE")
	t.Setenv(tokenFileVariable, "")
	t.Setenv(keyFileVariable, filepath.Join(dir, "key.pem"))
	code, _, stderr = run("", "balance")
	require.Equal(t, exitMisused, code)
	require.Contains(t, stderr, "could be two agents")
}

// Who interrupts a payment is told under which key it may have been made.
func TestInterrupted(t *testing.T) {
	heard := make(chan os.Signal, 3) // so that nobody ignores them (nohup), and none ends the tests
	signal.Notify(heard, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(heard)
	for _, ends := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		s := newStand(t, func(_ http.ResponseWriter, r *http.Request) {
			if err := syscall.Kill(os.Getpid(), ends); err == nil {
				<-r.Context().Done()
			}
		})
		code, stdout, stderr := s.run("pay", bob, "5", "--key", "order-17", "--timeout", "10s")
		require.Equal(t, []any{exitUnknown, ""}, []any{code, stdout})
		require.Contains(t, stderr, "--key order-17")
		require.Contains(t, stderr, ends.String()+" signal received")
		s.Close() // waits for the request
		require.Len(t, s.got, 1)
	}
}
