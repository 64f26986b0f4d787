package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// served is a server of a new economy, which the client commands are tried on.
type served struct {
	*shell
	url   string
	serve *background
}

// newServed serves it. What the commands read from the environment does not disturb a
// server.
func newServed(t *testing.T, database string) *served {
	e := &served{shell: newShell(t, "DATABASE_URL="+database, "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:0", "AUTO_PROVISION_SELF=false",
		"TEG_URL=http://nowhere.invalid", "TEG_TOKEN=none", "TEG_KEY_FILE=", "RATE_LIMIT_ENABLED=false", "AUDITOR_ENABLED=false")}
	e.succeed("migrate", "up")
	e.serve = e.start("serve")
	e.url = servingURL.FindStringSubmatch(e.serve.expect(e.serve.stderr, "msg=serving url="))[1]
	return e
}

// close ends the server and proves the books.
func (e *served) close() {
	require.Zero(e.t, e.serve.end(syscall.SIGTERM))
	require.Contains(e.t, e.succeed("verify"), "the books hold")
}

// caller runs commands as somebody.
type caller struct {
	*served
	flags []string
}

// as is a caller with a token for a role.
func (e *served) as(name, role string) caller {
	token := strings.TrimSpace(e.succeed("token", "mint", "--sub", "did:example:"+name, "--role", role))
	return caller{e, []string{"--url", e.url, "--token", token}}
}

// code is the exit code of a command, with what it wrote.
func (c caller) code(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(context.Background(), append(args, c.flags...), &out, &errs)
	return code, out.String(), errs.String()
}

// refused runs a command that must exit with a code, and say something.
func (c caller) refused(code int, says string, args ...string) {
	c.t.Helper()
	got, _, stderr := c.code(args...)
	require.Equal(c.t, code, got, "%v: %s", args, stderr)
	require.Contains(c.t, stderr, says)
}

// does runs a command that must succeed, and returns its answer.
func (c caller) does(args ...string) map[string]any {
	c.t.Helper()
	code, stdout, stderr := c.code(append(args, "--json")...)
	require.Zero(c.t, code, "%v: %s", args, stderr)
	answer := map[string]any{}
	require.NoError(c.t, json.Unmarshal([]byte(stdout), &answer), "%v: %s", args, stdout)
	return answer
}

// of is a text of an answer.
func of(answer map[string]any, name string) string {
	text, _ := answer[name].(string)
	return text
}

// An agent begins from nothing, is paid, pays, sets aside, stakes and disputes; those who
// run the economy do what is theirs; and the books hold.
func TestClientCommands(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		e := newServed(t, database)
		admin, auditor, alice := e.as("root", "admin"), e.as("auditor", "auditor"), e.as("alice", "agent")
		bob, name := comesIn(e, admin)
		supply := admin.does("issue", "did:example:alice", "1000", "--reason", "the first supply", "--key", "supply")
		require.Equal(t, supply, admin.does("issue", "did:example:alice", "1000", "--reason", "the first supply", "--key", "supply"))
		paid := payments(alice, bob, name)
		stakes(alice, admin, name)
		disputes(alice, bob, e.as("judge", "arbitrator"), name, paid)
		oversight(admin, auditor, alice, name)
		e.close()
	})
}

// comesIn makes a key, and registers its DID with an invitation.
func comesIn(e *served, admin caller) (bob caller, name string) {
	name = strings.TrimSpace(e.succeed("keygen", "bob.pem"))
	invitation := of(admin.does("bootstrap-token", "new", "--hours", "1"), "token")
	cmd := e.command("agent", "register", "-", "--url", e.url, "--key-file", "bob.pem", "--json")
	cmd.Stdin = strings.NewReader(invitation + "\n")
	text, err := cmd.Output()
	require.NoError(e.t, err)
	require.Contains(e.t, string(text), name)
	token := strings.TrimSpace(e.succeed("login", "--url", e.url, "--key-file", "bob.pem"))
	return caller{e, []string{"--url", e.url, "--token", token}}, name
}

// payments leave bob with 10 that alice paid.
func payments(alice, bob caller, name string) (paid string) {
	t := alice.t
	first := alice.does("pay", name, "10", "--message", "thanks", "--key", "order-17")
	require.Equal(t, first, alice.does("pay", name, "10", "--message", "thanks", "--key", "order-17"))
	require.Equal(t, "10", of(bob.does("balance"), "balance"))
	require.NotEmpty(t, alice.does("operation", "order-17")["operations"])
	alice.refused(3, "BIZ_INSUFFICIENT_BALANCE", "pay", name, "100000")
	alice.refused(4, "AUTH_FORBIDDEN", "treasury")
	bob.does("transactions", "refund", of(first, "transaction_id"), "--amount", "4")
	hold := of(alice.does("hold", "create", name, "5", "--expires", "1h", "--purpose", "an hour"), "hold_id")
	require.Equal(t, "captured", of(alice.does("hold", "capture", hold, "--amount", "4"), "status"))
	require.Equal(t, "voided", of(bob.does("hold", "void", of(alice.does("hold", "create", name, "5"), "hold_id")), "status"))
	require.Equal(t, "10", of(bob.does("balance"), "balance"))
	alice.does("reputation", "signal", of(first, "transaction_id"), "praise")
	alice.refused(3, "BIZ_SIGNAL_ALREADY_APPLIED", "reputation", "signal", of(first, "transaction_id"), "complain")
	code, stdout, _ := bob.code("transactions", "--all", "--limit", "1", "--type", "transfer")
	require.Zero(t, code)
	require.Equal(t, 2, strings.Count(stdout, "\n"), "the heading, and one payment: %s", stdout)
	return of(first, "transaction_id")
}

func stakes(alice, admin caller, validator string) {
	stake := of(alice.does("stake", "add", "100"), "stake_id")
	lent := of(alice.does("delegate", "add", stake, validator, "--amount", "40", "--share", "12.5"), "delegation_id")
	require.Equal(alice.t, "100", of(alice.does("stake"), "total_staked"))
	require.Equal(alice.t, "5", of(admin.does("stake", "cycle", "--percentage", "5"), "total_distributed"))
	alice.does("stake", "claim")
	alice.refused(3, "BIZ_STAKE_DELEGATED", "stake", "remove", stake)
	alice.does("delegate", "remove", lent)
	alice.does("stake", "remove", stake, "--amount", "50")
	alice.does("validator", validator)
}

func disputes(alice, bob, judge caller, name, paid string) {
	id := of(alice.does("dispute", "file", name, "--transaction", paid, "--reason", "NOT_DELIVERED", "--description", "nothing came"), "dispute_id")
	bob.does("dispute", "respond", id, "it was delivered")
	alice.does("dispute", "evidence", id, "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", "--description", "what we wrote")
	judge.does("dispute", "advance", id, "review", "--note", "looks into it")
	judge.does("dispute", "advance", id, "arbitration")
	require.Equal(alice.t, "RESOLVED_FAVOR_CLAIMANT", of(judge.does("dispute", "rule", id, "claimant", "--notes", "so it is", "--penalty", "2"), "status"))
	second := of(alice.does("pay", name, "1"), "transaction_id")
	id = of(alice.does("dispute", "file", name, "--transaction", second, "--reason", "LATE", "--description", "too late"), "dispute_id")
	require.Equal(alice.t, "WITHDRAWN", of(alice.does("dispute", "withdraw", id), "status"))
	require.Len(alice.t, judge.does("dispute", "list", "--everybody")["disputes"], 2)
}

func oversight(admin, auditor, alice caller, name string) {
	t := admin.t
	flag := of(auditor.does("flags", "raise", name, "PHISHING", "--severity", "low", "--reason", "asked for a key"), "flag_id")
	auditor.does("flags", "review", flag, "under_review")
	require.Equal(t, "MEDIUM", of(auditor.does("flags", "escalate", flag, "--reason", "again"), "severity"))
	auditor.does("flags", "review", flag, "false_positive", "--notes", "it did not")
	policy := of(admin.does("policy", "put", `{"policy_code": "fees", "policy_name": "Fees", "policy_type": "economic",
		"enforcement_level": "mandatory", "parameters": {"transfer_fee": "0.5"}}`), "policy_id")
	require.Equal(t, "0.5", of(alice.does("fees", "5"), "fee_amount"))
	admin.does("policy", "put", "--id", policy, `{"parameters": {"transfer_fee": "0.25"}}`)
	require.Equal(t, "0.25", of(alice.does("fees", "5"), "fee_amount"))
	admin.does("policy", "deactivate", policy, "--yes")
	admin.does("policy", "put", `{"policy_code": "uptime", "policy_name": "Uptime", "policy_type": "attestation",
		"enforcement_level": "mandatory", "parameters": {}}`)
	require.Equal(t, "accepted", of(alice.does("attest", "uptime", "--data", `{"hours": 24}`), "status"))
	admin.does("agent", "suspend", "did:example:alice", "--reason", "a test", "--days", "2", "--yes")
	alice.refused(4, "AUTH_AGENT_SUSPENDED", "pay", name, "1")
	admin.does("agent", "reactivate", "did:example:alice", "--reason", "tested")
	admin.does("agent", "roles", "did:example:auditor", "--revoke", "auditor", "--reason", "left")
	auditor.refused(4, "AUTH_FORBIDDEN", "flags")
	admin.does("agent", "roles", "did:example:auditor", "--revoke", "", "--reason", "is back")
	auditor.does("flags")
	admin.does("adjust", name, "did:example:alice", "1", "--reason", "a correction", "--yes")
	admin.does("issue", "did:agentvault:treasury", "10", "--reason", "to burn")
	admin.does("burn", "10", "--reason", "too much", "--yes")
	require.NotEmpty(t, admin.does("audit-log", "--action", "burn")["entries"])
	admin.does("metrics")
	require.Equal(t, "did:example:alice", of(alice.does("api", "GET", "/token/balance"), "agent_id"))
}

// A payment whose answers are all lost exits with 5 and the key under which it is made
// once, whoever runs it again.
func TestClientCommandInDoubt(t *testing.T) {
	e := newServed(t, "sqlite://economy.db")
	admin, alice := e.as("root", "admin"), e.as("alice", "agent")
	admin.does("issue", "did:example:alice", "100", "--reason", "supply")
	admin.does("issue", "did:example:bob", "1", "--reason", "supply")
	to, err := url.Parse(e.url)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(*http.Response) error { panic(http.ErrAbortHandler) }
	lossy := httptest.NewServer(proxy)
	defer lossy.Close()
	over := caller{e, append([]string{"--url", lossy.URL}, alice.flags[2:]...)}
	code, stdout, stderr := over.code("pay", "did:example:bob", "7")
	require.Equal(t, []any{5, ""}, []any{code, stdout}, stderr)
	_, key, found := strings.Cut(stderr, "again with --key ")
	require.True(t, found, stderr)
	key, _, _ = strings.Cut(key, ",")
	alice.does("pay", "did:example:bob", "7", "--key", key)
	require.Equal(t, "92.999", of(alice.does("balance"), "balance"), "paid once")
	paysIntoClosedPipe(alice)
	require.Equal(t, "89.998", of(alice.does("balance"), "balance"), "paid once")
	alice.refused(2, "unknown flag", "balance", "--key", "x")
	alice.refused(2, "--yes", "burn", "5", "--reason", "x")
	e.close()
}

// paysIntoClosedPipe pays 3 where nobody reads the answer, and again under the key that is said.
func paysIntoClosedPipe(alice caller) {
	reading, writing, err := os.Pipe()
	require.NoError(alice.t, err)
	require.NoError(alice.t, reading.Close())
	defer writing.Close()
	var stderr bytes.Buffer
	cmd := alice.command(append([]string{"pay", "did:example:bob", "3"}, alice.flags...)...)
	cmd.Stdout, cmd.Stderr = writing, &stderr
	var exit *exec.ExitError
	require.ErrorAs(alice.t, cmd.Run(), &exit)
	require.Equal(alice.t, 5, exit.ExitCode(), stderr.String())
	_, key, found := strings.Cut(stderr.String(), "it was carried out, and its answer cannot be written: stdout: write /dev/stdout: broken pipe; run the same command again with --key ")
	require.True(alice.t, found, stderr.String())
	key, _, _ = strings.Cut(key, ",")
	alice.does("pay", "did:example:bob", "3", "--key", key)
}
