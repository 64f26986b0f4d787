package console_test

import (
	"bytes"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/console"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const base = "http://127.0.0.1:8002"

// stand is a console over a server over an engine, with agents who have something.
type stand struct {
	t       *testing.T
	engine  *teg.Engine
	clock   *tegtest.Clock // of the engine
	console *console.Console
	api     http.Handler
	keys    auth.Config
	log     *bytes.Buffer
	alice   teg.DID
	bob     teg.DID
	paid    teg.TransactionID // by Alice to Bob

	flag    teg.FlagID    // of Alice, about the payment
	dispute teg.DisputeID // of Alice with Bob, about the payment
	policy  teg.PolicyID
	entry   teg.EventID   // of the payment
	webhook teg.WebhookID // of Alice
}

// eachStand runs a test on each database.
func eachStand(t *testing.T, test func(*stand)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) { test(newStand(t, open(t))) })
}

func newStand(t *testing.T, st store.Store) *stand {
	clock := tegtest.NewClock()
	engine := tegtest.Over(t, st, tegtest.WithClock(clock), func(c *teg.Config) {
		terms := teg.DefaultPanelTerms()
		terms.MinReputation = 0
		c.Courier, c.Panel = new(courier), &terms
	})
	s := &stand{t: t, engine: engine, clock: clock, keys: auth.Config{Algorithm: auth.HS256, Secret: []byte("0123456789abcdef0123456789abcdef")}, log: new(bytes.Buffer)}
	verifier, err := auth.New(s.keys)
	require.NoError(t, err)
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.api = server.New(engine, server.Config{Verifier: verifier, ProvisionRegistry: true, Logger: logger, Settings: []server.Setting{{Name: "LISTEN_ADDR", Value: ":8002", Source: "environment"}, {Name: "METRICS_ADDR", Source: "default"}}})
	s.console, err = console.New(console.Config{API: s.api, Secret: []byte("a secret for tests, of more than 32 bytes"), Logger: logger})
	require.NoError(t, err)
	s.alice, s.bob = tegtest.Fund(t, engine, "did:example:alice", "1000"), tegtest.Fund(t, engine, "did:example:bob", "10")
	r, err := engine.Transfer(t.Context(), teg.TransferParams{From: s.alice, To: s.bob, Amount: teg.AVT("5"), Message: "for a search"})
	require.NoError(t, err)
	s.paid = r.TransactionID
	s.oversee()
	return s
}

// oversee has the payment flagged and disputed, and makes a policy.
func (s *stand) oversee() {
	ctx := s.t.Context()
	flag, err := s.engine.RaiseFlag(ctx, teg.RaiseFlagParams{
		By: tegtest.Admin, Agent: s.alice, Code: "TOO_GOOD", Reason: "a price as of a friend", Severity: teg.SeverityHigh, Transactions: []teg.TransactionID{s.paid},
	})
	require.NoError(s.t, err)
	filed, err := s.engine.RaiseDispute(ctx, teg.RaiseDisputeParams{
		By: s.alice, Defendant: s.bob, TransactionID: s.paid, Reason: "NOT_DELIVERED", Description: "nothing was found",
	})
	require.NoError(s.t, err)
	name, level, text := "Fees of the year", teg.PolicyMandatory, `{"reputation_dispute_won":7}`
	policy, err := s.engine.PutPolicy(ctx, teg.PutPolicyParams{
		By: tegtest.Admin, Code: "points", Type: teg.PolicyEconomic, PolicyEdit: teg.PolicyEdit{Name: &name, Level: &level, Parameters: &text},
	})
	require.NoError(s.t, err)
	hook, err := s.engine.CreateWebhook(ctx, teg.CreateWebhookParams{By: s.alice, URL: "https://alice.example/"})
	require.NoError(s.t, err)
	log, err := s.engine.AuditLog(ctx, teg.AuditLogQuery{Action: "transfer"})
	require.NoError(s.t, err)
	s.flag, s.dispute, s.policy, s.entry, s.webhook = flag.ID, filed.ID, policy.ID, log.Entries[0].ID, hook.ID
}

func (s *stand) token(id teg.DID, roles ...auth.Role) string {
	token, err := auth.Mint(s.keys, nil, auth.Identity{Agent: id, Roles: auth.RolesOf(append(roles, auth.Agent)...)}, time.Hour)
	require.NoError(s.t, err)
	return token
}

// browser is somebody who looks at pages: it keeps cookies, and follows no redirects.
type browser struct {
	*stand
	cookies map[string]string
}

func (s *stand) browser() *browser { return &browser{s, map[string]string{}} }

// loggedIn is a browser of an agent with roles.
func (s *stand) loggedIn(id teg.DID, roles ...auth.Role) *browser {
	b := s.browser()
	r := b.post("/console/login", url.Values{"token": {s.token(id, roles...)}})
	require.Equal(s.t, http.StatusSeeOther, r.status, r.text)
	require.Equal(s.t, "/console", r.header.Get("Location"))
	return b
}

// page is what came.
type page struct {
	status int
	header http.Header
	text   string
}

func (b *browser) get(path string, headers ...string) page {
	return b.send("GET", path, nil, headers...)
}

func (b *browser) post(path string, form url.Values, headers ...string) page {
	return b.send("POST", path, form, headers...)
}

// send asks as a browser does whose page is the console's.
func (b *browser) send(method, path string, form url.Values, headers ...string) page {
	b.t.Helper()
	request := httptest.NewRequest(method, base+path, strings.NewReader(form.Encode()))
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	for name, value := range b.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	recorder := httptest.NewRecorder()
	b.console.ServeHTTP(recorder, request)
	result := recorder.Result()
	for _, cookie := range result.Cookies() {
		if b.cookies[cookie.Name] = cookie.Value; cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	text, err := io.ReadAll(result.Body)
	require.NoError(b.t, err)
	require.NotRegexp(b.t, `%![a-z]?\(`, string(text), "a template that prints a value of another kind")
	return page{result.StatusCode, result.Header, string(text)}
}

// shows are texts that a page must have, as people read them.
func (b *browser) shows(p page, texts ...string) {
	b.t.Helper()
	require.Equal(b.t, http.StatusOK, p.status, p.text)
	for _, text := range texts {
		require.True(b.t, strings.Contains(html.UnescapeString(p.text), text), "the page does not show %q", text)
	}
}
