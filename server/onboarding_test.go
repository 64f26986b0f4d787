package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// signedBy proves the DID that it is, by one signature to one challenge.
type signedBy struct{ agent, challenge, signature string }

func (p signedBy) Prove(_ context.Context, agent teg.DID, challenge, signature string) error {
	if challenge == "away" {
		return fmt.Errorf("%w: the resolver is away", teg.ErrUnavailable)
	}
	if (signedBy{agent.String(), challenge, signature}) != p {
		return fmt.Errorf("%w: the signature is not one of the DID's", auth.ErrInvalid)
	}
	return nil
}

func (m *market) invite(body string) string {
	m.t.Helper()
	return m.post("/admin/bootstrap-tokens/generate", m.admins, body).is(200, "").at("token").(string)
}

func register(agent, token, more string) string {
	return `{"agent_did":"did:example:` + agent + `","bootstrap_token":"` + token + `"` + more + `}`
}

// eachWelcome runs a test on a market on each database whose treasury gives newcomers
// something.
func eachWelcome(t *testing.T, test func(t *testing.T, m *market)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		m := newMarketWith(t, open(t), func(c *teg.Config) {
			terms := teg.DefaultTerms()
			terms.OnboardingGrant, c.BootstrapTTL = teg.AVT("5"), 48*time.Hour
			c.Terms = &terms
		}, func(c *server.Config) {
			c.Proofs, c.RequestTimeout = signedBy{"did:example:erin", "c1", "s1"}, 10*time.Minute
		})
		_, err := m.engine.Issue(ctx(), teg.IssueParams{By: tegtest.Admin, To: m.engine.TreasuryDID(), Amount: teg.AVT("12"), Reason: "reserve"})
		require.NoError(t, err)
		test(t, m)
	})
}

func TestOnboarding(t *testing.T) {
	eachWelcome(t, func(t *testing.T, m *market) {
		r := m.post("/admin/bootstrap-tokens/generate", m.admins, `{"agent_type_hint":"worker","requested_by":"ops","expires_in_hours":2}`).is(200, "")
		require.Equal(t, []any{2, "2026-01-01T14:00:00.000000Z", "no-store"}, []any{len(r.body), r.at("expires_at"), r.header.Get("Cache-Control")})
		token := r.at("token").(string)
		require.Equal(t, "2026-01-03T12:00:00.000000Z", m.post("/admin/bootstrap-tokens/generate", m.admins, `{}`).is(200, "").at("expires_at"))

		validate := func(token string) map[string]any {
			r := m.post("/onboarding/validate-token", "", `{"bootstrap_token":"`+token+`"}`).is(200, "")
			require.Equal(t, "no-store", r.header.Get("Cache-Control"))
			return r.body
		}
		unknown := map[string]any{"valid": false, "agent_type_hint": nil, "expires_at": nil}
		require.Equal(t, map[string]any{"valid": true, "agent_type_hint": "worker", "expires_at": "2026-01-01T14:00:00.000000Z"}, validate(token))
		require.Equal(t, unknown, validate("x"))

		carol := m.token(teg.Agent("did:example:carol"))
		made := m.post("/onboarding/register", carol, register("carol", token, `,"metadata":{"a":[1]}`)).is(201, "")
		require.Equal(t, []any{"did:example:carol", "active", "5", map[string]any{"a": []any{made.at("metadata", "a", 0)}}},
			[]any{made.at("agent_id"), made.at("account_status"), made.at("balance"), made.at("metadata")})
		require.Equal(t, m.get("/agent/profile", carol).is(200, "").text, made.text, "the answer is the profile")
		profile, err := m.engine.Profile(ctx(), teg.Agent("did:example:carol"))
		require.NoError(t, err)
		require.Equal(t, teg.FromBootstrap, profile.Origin)

		require.Equal(t, unknown, validate(token), "it never says why")
		m.post("/onboarding/register", carol, register("carol", token, "")).is(409, "BIZ_ALREADY_EXISTS")
		dave := m.token(teg.Agent("did:example:dave"))
		m.post("/onboarding/register", dave, register("dave", token, "")).is(409, "BIZ_TOKEN_USED")
		m.post("/onboarding/register", dave, register("dave", "x", "")).is(401, "AUTH_INVALID_TOKEN")
		late, soon := m.invite(`{}`), m.invite(`{"expires_in_hours":1}`)
		m.clock.Advance(time.Hour)
		require.Equal(t, unknown, validate(soon))
		dave = m.token(teg.Agent("did:example:dave"))
		m.post("/onboarding/register", dave, register("dave", soon, "")).is(410, "BIZ_EXPIRED")
		_, err = m.engine.Profile(ctx(), teg.Agent("did:example:dave"))
		require.ErrorIs(t, err, teg.ErrNotFound, "the route itself provisions nobody")
		m.post("/onboarding/register", dave, register("dave", late, "")).is(201, "")
		more := m.invite(`{}`)
		m.post("/onboarding/register", m.token(teg.Agent("did:example:eve")), register("eve", more, "")).is(400, "BIZ_INSUFFICIENT_BALANCE")
		require.True(t, validate(more)["valid"].(bool), "a treasury that is too short leaves the token as it is")
	})
}

// Whoever proves a DID by a signature needs no token of it, and nobody registers another.
func TestOnboardingProof(t *testing.T) {
	eachWelcome(t, func(t *testing.T, m *market) {
		token := m.invite(`{}`)
		path, signed := "/onboarding/register", `,"challenge":"c1","signature":"s1"`
		m.post(path, "", register("erin", token, "")).is(401, "AUTH_MISSING_TOKEN")
		m.post(path, "", `{}`).is(401, "AUTH_MISSING_TOKEN")
		m.post(path, "x.y.z", register("erin", token, signed)).is(401, "AUTH_INVALID_TOKEN")
		m.post(path, m.aliceToken, register("erin", token, "")).is(403, "AUTH_FORBIDDEN")
		m.post(path, m.admins, register("erin", token, "")).is(403, "AUTH_FORBIDDEN")
		m.post(path, m.aliceToken, `{"agent_did":"did:example:erin"}`).is(403, "AUTH_FORBIDDEN")
		m.post(path, "", register("erin", token, `,"challenge":"c1","signature":"s2"`)).is(401, "AUTH_INVALID_TOKEN")
		m.post(path, "", register("eve", token, signed)).is(401, "AUTH_INVALID_TOKEN")
		m.post(path, "", register("erin", token, `,"challenge":"away","signature":"s1"`)).is(503, "SYS_UNAVAILABLE")
		m.post(path, m.token(teg.DefaultTreasury), register("erin", token, "")).is(401, "AUTH_INVALID_TOKEN")
		m.post(path, "", register("erin", token, signed)).is(201, "")
		m.post(path, m.aliceToken, register("alice", m.invite(`{}`), "")).is(409, "BIZ_ALREADY_EXISTS")

		silent := over(t, m.engine)
		silent.post(path, "", register("frank", m.invite(`{}`), signed)).is(401, "AUTH_INVALID_TOKEN")
	})
}

func TestOnboardingShape(t *testing.T) {
	m := newMarket(t)
	for _, c := range []struct{ path, token, body, field string }{
		{"/onboarding/validate-token", "", `{}`, "bootstrap_token"},
		{"/onboarding/validate-token", "", `{"bootstrap_token":""}`, "bootstrap_token"},
		{"/onboarding/validate-token", "", `{"bootstrap_token":4711}`, "bootstrap_token"},
		{"/onboarding/register", m.aliceToken, register("alice", "", ""), "bootstrap_token"},
		{"/onboarding/register", m.aliceToken, register("alice", "x", `,"metadata":[1]`), "metadata"},
		{"/onboarding/register", m.aliceToken, register("alice", "x", `,"metadata":{"a":"`+strings.Repeat("x", teg.MaxMetadata)+`"}`), "metadata"},
		{"/onboarding/register", m.aliceToken, register("alice", "x", `,"origin":"registry"`), "origin"},
		{"/onboarding/register", "", register("alice", "x", `,"challenge":"very secret"`), "signature"},
		{"/onboarding/register", "", register("alice", "x", `,"signature":"very secret"`), "challenge"},
		{"/onboarding/register", "", register("alice", "x", `,"signature":4711,"challenge":"x"`), "signature"},
		{"/admin/bootstrap-tokens/generate", m.admins, `{"expires_in_hours":0}`, "expires_in_hours"},
		{"/admin/bootstrap-tokens/generate", m.admins, `{"expires_in_hours":8761}`, "expires_in_hours"},
		{"/admin/bootstrap-tokens/generate", m.admins, `{"expires_in_hours":1.5}`, "expires_in_hours"},
		{"/admin/bootstrap-tokens/generate", m.admins, `{"agent_type_hint":"` + strings.Repeat("x", 65) + `"}`, "agent_type_hint"},
		{"/admin/bootstrap-tokens/generate", m.admins, `{"requested_by":"` + strings.Repeat("x", 256) + `"}`, "requested_by"},
	} {
		r := m.post(c.path, c.token, c.body).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, c.field, r.at("validation_errors", 0, "field"), c.body)
		require.NotContains(t, r.text, "very secret")
		require.NotContains(t, r.text, "4711")
	}
}

// One token, many at once: one gets it, over HTTP as in Go.
func TestOneTokenByManyOverHTTP(t *testing.T) {
	eachWelcome(t, func(t *testing.T, m *market) {
		const callers = 30
		token := m.invite(`{}`)
		answers := make([]reply, callers)
		tokens := make([]string, callers)
		for i := range tokens {
			tokens[i] = m.token(teg.Agent(fmt.Sprintf("did:example:%d", i)))
		}
		var wait sync.WaitGroup
		for i := range answers {
			wait.Go(func() { answers[i] = m.post("/onboarding/register", tokens[i], register(fmt.Sprint(i), token, "")) })
		}
		wait.Wait()
		made := 0
		for _, r := range answers {
			if r.status == 201 {
				made++
				continue
			}
			r.is(409, "BIZ_TOKEN_USED")
		}
		require.Equal(t, 1, made)
	})
}

// Neither log nor answers show a token, a challenge or a signature.
func TestOnboardingSecretsStaySecret(t *testing.T) {
	var lines bytes.Buffer
	m := newMarket(t, func(c *server.Config) {
		c.Logger, c.Debug = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug})), true
		c.Proofs = refusing{}
	})
	token := m.invite(`{}`)
	for _, body := range []string{
		register("frank", token, ""), register("frank", token, `,"challenge":"my-challenge","signature":"my-signature"`),
		register("frank", token, `,"challenge":"my-challenge"`), register("frank", token+"x", ""), register("frank", token, `,"x":1`),
	} {
		r := m.send("POST", prefix+"/onboarding/register", m.token(teg.Agent("did:example:frank")), body)
		for _, secret := range []string{token, "my-challenge", "my-signature"} {
			require.NotContains(t, r.text, secret, body)
		}
	}
	m.post("/onboarding/validate-token", "", `{"bootstrap_token":"`+token+`"}`).is(200, "")
	for _, secret := range []string{token, "my-challenge", "my-signature"} {
		require.NotContains(t, lines.String(), secret)
	}
}

type refusing struct{}

func (refusing) Prove(context.Context, teg.DID, string, string) error {
	return errors.Join(auth.ErrInvalid)
}
