package client_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/server/client"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// market is a server behind a listener, where alice has 1000 AVT and agents can log in.
type market struct {
	t      testing.TB
	engine *teg.Engine
	keys   auth.Config
	url    string
	around atomic.Pointer[func(http.Handler) http.Handler] // what stands before the server, if anything does
	asked  sync.Map                                        // paths, to how often they were asked for
}

var alice = did.MustParse("did:example:alice")

func eachMarket(t *testing.T, test func(t *testing.T, m *market)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) { test(t, newMarket(t, open(t))) })
}

func newMarket(t testing.TB, st store.Store) *market {
	t.Helper()
	m := &market{t: t, engine: tegtest.Over(t, st), keys: auth.Config{Algorithm: auth.HS256, Secret: []byte("0123456789abcdef0123456789abcdef")}}
	signer, err := auth.NewSigner(m.keys, nil)
	require.NoError(t, err)
	service, err := login.New(context.Background(), login.Config{
		Sessions: st.Sessions(), Signer: signer, Resolver: login.Resolvers{"key": didkey.Key{}}, Reserved: m.engine.IsSystem,
	})
	require.NoError(t, err)
	checked := m.keys
	checked.Revocations = service
	verifier, err := auth.New(checked)
	require.NoError(t, err)
	handler := server.New(m.engine, server.Config{Verifier: verifier, Login: service, ProvisionSelf: true, ProvisionRegistry: true})
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count, _ := m.asked.LoadOrStore(r.URL.Path, new(atomic.Int64))
		count.(*atomic.Int64).Add(1)
		if around := m.around.Load(); around != nil {
			(*around)(handler).ServeHTTP(w, r)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(served.Close)
	m.url = served.URL
	tegtest.Fund(t, m.engine, alice.String(), "1000")
	tegtest.Fund(t, m.engine, bob.String(), "0")
	return m
}

// behind puts something before the server.
func (m *market) behind(around func(http.Handler) http.Handler) { m.around.Store(&around) }

// times is how often a path was asked for.
func (m *market) times(path string) int {
	count, ok := m.asked.Load("/api/v1" + path)
	if !ok {
		return 0
	}
	return int(count.(*atomic.Int64).Load())
}

// caller is a client of an agent with more roles.
func (m *market) caller(agent did.DID, roles ...auth.Role) *client.Client {
	m.t.Helper()
	token, err := auth.Mint(m.keys, nil, auth.Identity{Agent: agent, Roles: auth.RolesOf(append(roles, auth.Agent)...)}, time.Hour)
	require.NoError(m.t, err)
	return m.client(client.WithToken(token))
}

func (m *market) client(options ...client.Option) *client.Client {
	m.t.Helper()
	c, err := client.New(m.url, options...)
	require.NoError(m.t, err)
	m.t.Cleanup(c.CloseIdleConnections)
	return c
}

// newHolder makes a key and the DID of it.
func newHolder(t testing.TB) (did.DID, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	key, err := pubkey.New(public)
	require.NoError(t, err)
	return didkey.Of(key), private
}

var ctx = context.Background()

// A payment, and what can be asked about it.
func TestPaying(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		c := m.caller(alice)
		in := client.TransferRequest{ReceiverAgentID: bob, Amount: amount.MustParse("10.5"), Message: "thanks"}
		var first, second client.Answer
		sent, err := c.Transfer(ctx, in, client.Key("order-17"), client.Record(&first))
		require.NoError(t, err)
		again, err := c.Transfer(ctx, in, client.Key("order-17"), client.Record(&second))
		require.NoError(t, err)
		require.Equal(t, sent, again)
		require.False(t, first.Replayed)
		require.True(t, second.Replayed)

		became, err := c.GetOperation(ctx, "order-17")
		require.NoError(t, err)
		require.Equal(t, []client.TransactionID{sent.TransactionID}, became.Operations[0].TransactionIDs)
		back, err := m.caller(bob).Refund(ctx, sent.TransactionID, client.RefundRequest{Amount: new(amount.MustParse("0.5"))})
		require.NoError(t, err)
		require.Equal(t, sent.TransactionID, back.ReferenceID)
		one, err := c.GetTransaction(ctx, sent.TransactionID)
		require.NoError(t, err)
		require.Equal(t, "thanks", *one.AttachedMessage)
		require.Equal(t, client.TransactionTypeTransfer, one.TransactionType)
		require.True(t, sent.Timestamp.Equal(one.Timestamp))

		_, err = c.Transfer(ctx, client.TransferRequest{ReceiverAgentID: bob, Amount: amount.MustParse("5000")})
		require.ErrorIs(t, err, client.ErrInsufficientBalance)
		_, err = c.Transfer(ctx, client.TransferRequest{ReceiverAgentID: bob}, client.Key("order-18"))
		require.ErrorIs(t, err, client.ErrInvalidInput)
		require.ErrorContains(t, err, "; amount ")
		_, err = c.Transfer(ctx, client.TransferRequest{Amount: amount.MustParse("5")})
		require.ErrorContains(t, err, "cannot be written", "nobody can be paid by no name")
		require.Equal(t, "989.999", tegtest.Available(t, m.engine, alice))
	})
}

// A server whose connection breaks after each commit, and before any answer, is paid by
// once: the retry gets the first answer.
func TestPayingOnceOverBrokenConnections(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		var requests atomic.Int64
		m.behind(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1)%3 == 0 {
					next.ServeHTTP(w, r)
					return
				}
				next.ServeHTTP(httptest.NewRecorder(), r) // carried out
				panic(http.ErrAbortHandler)               // and not answered
			})
		})
		c := m.caller(alice)
		for range 5 {
			var answer client.Answer
			_, err := pay(c, client.Record(&answer))
			require.NoError(t, err)
			require.True(t, answer.Replayed)
			require.LessOrEqual(t, answer.Tries, 3, "net/http itself sends some again")
		}
		require.EqualValues(t, 15, requests.Load())
		require.Equal(t, "994.995", tegtest.Available(t, m.engine, alice))

		lost := m.caller(alice, auth.Admin)
		m.behind(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			})
		})
		_, err := pay(lost)
		attempt, _ := client.AttemptOf(err)
		require.True(t, attempt.InDoubt)
		m.behind(func(next http.Handler) http.Handler { return next })
		became, err := c.GetOperation(ctx, attempt.Key)
		require.NoError(t, err)
		require.Equal(t, client.OperationStatusCompleted, became.Operations[0].Status)
		require.Equal(t, "993.994", tegtest.Available(t, m.engine, alice))
	})
}

// All pages are gone through, each item once, while others are written; a loop that ends
// early asks no more.
func TestAllPages(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		c := m.caller(alice)
		for i := range 7 {
			_, err := c.Transfer(ctx, client.TransferRequest{ReceiverAgentID: bob, Amount: amount.MustParse("1"), Reference: fmt.Sprint("r-", i)})
			require.NoError(t, err)
		}
		all := c.AllTransactions(ctx, client.ListTransactionsQuery{Limit: 3, Counterparty: bob, TransactionType: client.TransactionTypeTransfer})
		for range 2 { // it can be gone through again
			var seen []client.TransactionID
			for tx, err := range all {
				require.NoError(t, err)
				require.NotContains(t, seen, tx.TransactionID)
				seen = append(seen, tx.TransactionID)
			}
			require.Len(t, seen, 7)
		}
		before := m.times("/token/transactions")
		for range all {
			break
		}
		require.Equal(t, before+1, m.times("/token/transactions"))
		for _, err := range c.AllAuditLog(ctx, client.ListAuditLogQuery{}) {
			require.ErrorIs(t, err, client.ErrForbidden)
		}
		page, err := c.ListTransactions(ctx, client.ListTransactionsQuery{StartDate: time.Date(2026, 1, 1, 14, 0, 0, 0, time.FixedZone("", 7200)), EndDate: time.Now().AddDate(100, 0, 0)})
		require.NoError(t, err)
		require.EqualValues(t, 7, *page.Total-1, "with what funded alice")
	})
}

// What an operator does: files, holds, rules, terms, and how the server is.
func TestOperating(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		c := m.caller(did.MustParse("did:example:root"), auth.Admin)
		text, err := c.GetDocumentYAML(ctx)
		require.NoError(t, err)
		require.Contains(t, string(text), "openapi: 3.1.1")
		health, err := c.GetHealth(ctx)
		require.NoError(t, err)
		require.NotEmpty(t, health.Checks.Database.Status)
		rules, err := c.SetRules(ctx, client.RulesRequest{Rules: []client.RuleChange{{Code: "HIGH_VELOCITY_TRANSFERS", Thresholds: map[string]client.Threshold{"max_transfers": client.Count(3)}}}})
		require.NoError(t, err)
		for _, rule := range rules.Rules {
			if rule.Code == "HIGH_VELOCITY_TRANSFERS" {
				require.Equal(t, client.Count(3), rule.Thresholds["max_transfers"])
			}
		}
		trial, err := c.TryRules(ctx, client.TrialRequest{From: time.Date(2025, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))})
		require.NoError(t, err)
		require.True(t, trial.Complete)
		_, err = c.SetRoles(ctx, client.RolesRequest{AgentID: bob, Reason: "as before"})
		require.NoError(t, err)

		payer := m.caller(alice)
		held, err := payer.CreateHold(ctx, client.HoldRequest{ReceiverAgentID: bob, Amount: amount.MustParse("20")})
		require.NoError(t, err)
		held, err = payer.CaptureHold(ctx, held.HoldID, client.CaptureRequest{Amount: new(amount.MustParse("5"))})
		require.NoError(t, err)
		require.Equal(t, client.HoldStatusCaptured, held.Status)
		_, err = payer.CaptureHold(ctx, held.HoldID, client.CaptureRequest{Amount: new(amount.Amount)})
		require.ErrorIs(t, err, client.ErrInvalidInput, "nothing is not all")
		_, err = payer.GetOperation(ctx, "a/b..?%")
		require.ErrorIs(t, err, client.ErrEntityNotFound)
	})
}
