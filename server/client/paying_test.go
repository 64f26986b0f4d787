package client_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/client"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

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
