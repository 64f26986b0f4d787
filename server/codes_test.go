package server_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// elsewhere are the codes that no request of this test gets: those of routes
// that are still to come, and those of faults, which have tests of their own.
var elsewhere = []string{"AUTH_POLICY_DENIED", // in the test of policies
	"BIZ_DUPLICATE_ATTESTATION", "BIZ_COOLDOWN_ACTIVE", // in the tests of attestations
	"BIZ_ALREADY_VOTED", "BIZ_TOKEN_USED", // the latter in the tests of onboarding
	"SYS_INTERNAL_ERROR", "SYS_UNAVAILABLE", "SYS_OUTCOME_UNKNOWN"}

// Every other code of the table comes out of some request, with its status.
func TestEveryCode(t *testing.T) {
	clock := tegtest.NewClock()
	a := over(t, tegtest.New(t, tegtest.WithClock(clock)))
	alice := a.token(tegtest.Fund(t, a.engine, "did:example:alice", "100"))
	tegtest.Fund(t, a.engine, "did:example:bob", "0")
	bad := a.token(tegtest.Fund(t, a.engine, "did:example:bad", "0"))
	_, err := a.engine.SuspendAgent(ctx(), teg.StandingParams{By: tegtest.Admin, Agent: teg.Agent("did:example:bad"), Reason: "spam"})
	require.NoError(t, err)
	pay := func(to, sum, more string) string {
		return `{"receiver_agent_id":"did:example:` + to + `","amount":"` + sum + `"` + more + `}`
	}
	transfer := "/token/transfer"
	paid := a.post(transfer, alice, pay("bob", "1", `,"reference":"r"`), "Idempotency-Key", "used").is(200, "").at("transaction_id").(string)
	signal := "/token/" + paid + "/reputation-signal"
	a.post(signal, alice, `{"signal_value":1}`).is(200, "")
	hold := "/token/holds/" + a.post("/token/holds", alice, pay("bob", "1", `,"expires_in_seconds":1`)).is(201, "").at("hold_id").(string) + "/void"
	clock.Advance(time.Second)
	gone := a.post("/agent/stake", alice, `{"amount":"1"}`).is(200, "").at("stake_id").(string)
	a.post("/agent/unstake", alice, `{"stake_id":"`+gone+`"}`).is(200, "")
	lent := a.post("/agent/stake", alice, `{"amount":"1"}`).is(200, "").at("stake_id").(string)
	a.post("/agent/delegate", alice, `{"stake_id":"`+lent+`","validator_agent_id":"did:example:bob"}`).is(200, "")
	revoked, err := auth.Mint(a.keys, nil, auth.Identity{Agent: teg.Agent("did:example:alice"), Session: "ses_1"}, time.Hour)
	require.NoError(t, err)
	revoking := over(t, a.engine, func(c *server.Config) { c.Verifier = revokingAll(t, a.keys) })

	reached := elsewhere
	for code, r := range map[string]reply{
		"VALIDATION_MALFORMED_JSON":  a.post(transfer, alice, `{"amount":"\ud800"}`),
		"VALIDATION_INVALID_INPUT":   a.post(transfer, alice, `{}`),
		"IDEMPOTENCY_KEY_REUSED":     a.post(transfer, alice, pay("bob", "2", ""), "Idempotency-Key", "used"),
		"UNSUPPORTED_MEDIA_TYPE":     a.post(transfer, alice, `{}`, "Content-Type", "text/plain"),
		"BODY_TOO_LARGE":             a.post(transfer, alice, strings.Repeat(" ", 1<<20+1)),
		"ROUTE_NOT_FOUND":            a.get("/nothing", alice),
		"METHOD_NOT_ALLOWED":         a.get(transfer, alice),
		"AUTH_MISSING_TOKEN":         a.post(transfer, "", `{}`),
		"AUTH_INVALID_TOKEN":         a.post(transfer, alice+"x", `{}`),
		"AUTH_TOKEN_REVOKED":         revoking.post(transfer, revoked, `{}`),
		"AUTH_FORBIDDEN":             a.get("/admin/treasury", alice),
		"AUTH_AGENT_SUSPENDED":       a.post(transfer, bad, pay("bob", "1", "")),
		"BIZ_SELF_TRANSFER":          a.post(transfer, alice, pay("alice", "1", "")),
		"BIZ_INSUFFICIENT_BALANCE":   a.post(transfer, alice, pay("bob", "100", "")),
		"BIZ_BELOW_MINIMUM":          a.post(transfer, alice, pay("bob", "0.001", "")),
		"BIZ_ABOVE_MAXIMUM":          a.post(transfer, alice, pay("bob", "999999999999999999.999999999999999999", "")),
		"BIZ_ENTITY_NOT_FOUND":       a.post(transfer, alice, pay("nobody", "1", "")),
		"BIZ_ALREADY_EXISTS":         a.post(transfer, alice, pay("bob", "1", `,"reference":"r"`)),
		"BIZ_SIGNAL_ALREADY_APPLIED": a.post(signal, alice, `{"signal_value":1}`),
		"BIZ_INVALID_STATE":          a.post("/agent/deactivate", alice, `{}`),
		"BIZ_STAKE_INACTIVE":         a.post("/agent/unstake", alice, `{"stake_id":"`+gone+`"}`),
		"BIZ_STAKE_DELEGATED":        a.post("/agent/unstake", alice, `{"stake_id":"`+lent+`"}`),
		"BIZ_EXPIRED":                a.post(hold, alice, `{}`),
		"RATE_LIMITED":               a.postTooManyRefusals(alice, transfer, pay("nobody", "1", "")),
	} {
		require.NotZero(t, server.Statuses[code], code)
		r.is(server.Statuses[code], code)
		require.Equal(t, r.status == 401, r.header.Get("WWW-Authenticate") == "Bearer", code)
		require.Equal(t, map[int]string{429: "3600"}[r.status], r.header.Get("Retry-After"), code)
		require.Equal(t, code == "VALIDATION_INVALID_INPUT", r.body["validation_errors"] != nil, code)
		reached = append(reached, code)
	}
	for code := range server.Statuses {
		require.Contains(t, reached, code, "a code without a test")
	}
}

// postTooManyRefusals is refused once more than is remembered.
func (a *api) postTooManyRefusals(token, path, body string) reply {
	many := `{"transfers":[` + body + strings.Repeat(","+body, 999) + `]}`
	a.post("/token/transfer/bulk", token, many, "Idempotency-Key", "refusals").is(200, "")
	return a.post(path, token, body, "Idempotency-Key", "one-more")
}

type allRevoked struct{}

func (allRevoked) Revoked(string) bool { return true }

func revokingAll(t testing.TB, keys auth.Config) *auth.Verifier {
	keys.Revocations = allRevoked{}
	verifier, err := auth.New(keys)
	require.NoError(t, err)
	return verifier
}

// Of a fault within, a client is told what it may do, and nothing that a
// database said.
func TestFaultsWithinAreNotTold(t *testing.T) {
	said := errors.New("pq: relation teg_transactions at 10.0.0.7")
	for _, reason := range []error{teg.ErrInternal, teg.ErrUnavailable, teg.ErrOutcomeUnknown, teg.ErrOverloaded, teg.ErrClosed} {
		code, message := server.ToldOf(fmt.Errorf("group 7: %w (%w)", reason, said))
		require.Equal(t, teg.CodeOf(reason), code)
		require.Equal(t, reason.Error(), message)
	}
	code, message := server.ToldOf(said)
	require.Equal(t, "SYS_INTERNAL_ERROR", code)
	require.Contains(t, message, "whether anything was changed is not known")
	_, message = server.ToldOf(teg.ErrOutcomeUnknown)
	require.Contains(t, message, "same key")
}

// The walk over every route with every role leaves none out.
func TestTheWalkIsComplete(t *testing.T) {
	a := newAPI(t)
	for _, row := range a.server.Table() {
		method, path, _ := strings.Cut(row, " ")
		if !strings.HasPrefix(path, prefix) {
			continue // around the API: public, and walked by the tests of health
		}
		path = strings.NewReplacer("{transaction_id}", "tx_1", "{hold_id}", "hold_1", "{key}", "k", "{agent_id}", "did:example:agent", "{flag_id}", "flag_1", "{submission_id}", "att_1", "{dispute_id}", "disp_1", "{circuit_id}", "c", "{policy_id}", "pol_1", "{webhook_id}", "wh_1", "{bundle:.+}", "000", "{tile:.+}", "0/000").Replace(strings.TrimPrefix(path, prefix))
		walked := slices.ContainsFunc(everyRoute, func(r struct {
			method, path string
			may          []auth.Role
		}) bool {
			return r.method == method && r.path == path
		})
		require.True(t, walked, row)
	}
}

// The same request many times at once is carried out once, and all get its
// answer.
func TestTwinsOverHTTP(t *testing.T) {
	m := newMarket(t)
	answers := make([]reply, 50)
	var wait sync.WaitGroup
	for i := range answers {
		wait.Go(func() {
			answers[i] = m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"1"}`, "Idempotency-Key", "twin")
		})
	}
	wait.Wait()
	first := 0
	for _, r := range answers {
		require.Equal(t, 200, r.status, r.text)
		require.Equal(t, answers[0].text, r.text)
		if r.header.Get("Idempotency-Replayed") == "" {
			first++
		}
	}
	require.Equal(t, 1, first)
	require.Equal(t, "1", tegtest.Available(t, m.engine, m.bob))
}

// Probes answer without the database, and without a profile of who probes.
func TestProbesWithoutDatabase(t *testing.T) {
	m := newMarket(t)
	eve := m.token(teg.Agent("did:example:eve"))
	m.sendIn(ctx(), "/health/live", eve).is(200, "") // the token is known from now on
	gone, cancel := context.WithCancel(ctx())
	cancel()
	m.sendIn(gone, "/health/live", eve).is(200, "")
	r := m.sendIn(gone, "/health", eve).is(503, "")
	require.Equal(t, "unhealthy", r.at("status"))
	require.Equal(t, "unhealthy", r.at("checks", "database", "status"))
	require.NotEmpty(t, r.header.Get("Retry-After"))
	m.sendIn(gone, "/health/ready", eve).is(503, "SYS_UNAVAILABLE")
}

// The check in the background is what /health tells.
func TestBackgroundCheck(t *testing.T) {
	m := newMarket(t)
	running, stop := context.WithCancel(ctx())
	ended := make(chan error, 1)
	go func() { ended <- m.server.Run(running) }()
	require.Eventually(t, func() bool {
		return m.send("GET", "/health", "", "").at("checks", "ledger", "status") == "healthy"
	}, 2*time.Minute, time.Millisecond)
	ledger := m.send("GET", "/health", "", "").at("checks", "ledger").(map[string]any)
	require.Equal(t, "0", ledger["supply_difference"])
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`, ledger["checked_at"])
	stop()
	require.NoError(t, <-ended)
}
