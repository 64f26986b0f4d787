package server_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
)

func TestTransactionsPages(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		for i := range 7 {
			m.post("/token/transfer", m.aliceToken, fmt.Sprintf(`{"receiver_agent_id":"did:example:bob","amount":"%d","reference":"r-%d"}`, i+1, i)).is(200, "")
		}
		first := m.get("/token/transactions?limit=3&transaction_type=transfer", m.aliceToken).is(200, "")
		require.Equal(t, "7", fmt.Sprint(first.at("total")))
		require.Equal(t, "7", first.at("transactions", 0, "amount"))
		cursor := first.at("next_cursor").(string)
		second := m.get("/token/transactions?limit=3&transaction_type=transfer&cursor="+url.QueryEscape(cursor), m.aliceToken).is(200, "")
		require.Equal(t, "4", second.at("transactions", 0, "amount"))
		require.Nil(t, second.at("total"))
		third := m.get("/token/transactions?limit=3&transaction_type=transfer&cursor="+url.QueryEscape(second.at("next_cursor").(string)), m.aliceToken).is(200, "")
		require.Equal(t, "1", third.at("transactions", 0, "amount"))
		require.Nil(t, third.at("next_cursor"))
		all := m.get("/token/transactions?offset=6", m.aliceToken).is(200, "") // the oldest two: an issuance comes first
		require.Equal(t, "8", fmt.Sprint(all.at("total")))
		require.Nil(t, all.at("transactions", 1, "sender_agent_id"))
		require.Equal(t, "issuance", all.at("transactions", 1, "transaction_type"))
		one := m.get("/token/transactions?reference=r-3", m.aliceToken).is(200, "")
		require.Equal(t, "4", one.at("transactions", 0, "amount"))
		require.Len(t, m.get("/token/transactions?counterparty=did:example:bob", m.aliceToken).at("transactions"), 7)
		require.Empty(t, m.get("/token/transactions?counterparty=did:example:carol", m.aliceToken).at("transactions"))
		require.Len(t, m.get("/token/transactions?start_date=2026-01-01&end_date=2026-01-02", m.aliceToken).at("transactions"), 8)
		require.Empty(t, m.get("/token/transactions?start_date=2026-01-02", m.aliceToken).at("transactions"))

		for _, bad := range []string{"limit=0", "limit=1001", "limit=x", "limit=01", "offset=-1", "cursor=xyz", "cursor=", "cursor=" + url.QueryEscape(cursor), // of other filters
			"offset=1&cursor=" + url.QueryEscape(cursor), "page=2", "limit=1&limit=2", "transaction_type=gift", "start_date=yesterday",
			"start_date=2026-01-02&end_date=2026-01-01", "counterparty=bob", "include_total=1", "reference=%00", "reference=%ff", "reference=%zz"} {
			m.get("/token/transactions?"+bad, m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
		}
		m.get("/token/transactions?transaction_type=transfer&cursor="+url.QueryEscape(cursor), m.bobToken).is(422, "VALIDATION_INVALID_INPUT")
	})
}

func TestRefund(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		paid := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10"}`).is(200, "").at("transaction_id").(string)
		path := "/token/transactions/" + paid + "/refund"
		m.post(path, m.aliceToken, `{}`).is(403, "AUTH_FORBIDDEN")
		m.post(path, m.token(teg.Agent("did:example:stranger")), `{}`).is(404, "BIZ_ENTITY_NOT_FOUND")
		over := m.post(path, m.bobToken, `{"amount":11}`).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, []string{"amount"}, over.faults())
		require.Equal(t, "11", over.at("validation_errors", 0, "value"))
		r := m.post(path, m.bobToken, `{"amount":"4","message":"sorry"}`).is(200, "")
		require.Equal(t, "refund", r.at("transaction_type"))
		require.Equal(t, paid, r.at("reference_id"))
		require.Equal(t, "0", r.at("fee_amount"))
		m.post(path, m.bobToken, `{}`).is(200, "")
		m.post(path, m.bobToken, `{}`).is(409, "BIZ_INVALID_STATE")
		m.post("/token/transactions/tx_1/refund", m.bobToken, `{}`).is(404, "BIZ_ENTITY_NOT_FOUND")
	})
}

// A transaction says whether a signal was given for it, alone and in lists.
func TestTransactionsTellOfSignals(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		for _, signalled := range []bool{false, true} {
			paid, err := m.engine.Transfer(ctx(), teg.TransferParams{From: m.alice, To: m.bob, Amount: teg.AVT("1")})
			require.NoError(t, err)
			if signalled {
				_, err = m.engine.Signal(ctx(), teg.SignalParams{By: m.alice, TransactionID: paid.TransactionID, Value: -1})
				require.NoError(t, err)
			}
			require.Equal(t, signalled, m.get("/token/transactions/"+paid.TransactionID.String(), m.bobToken).is(200, "").at("reputation_signal_applied"))
			require.Equal(t, signalled, m.get("/token/transactions", m.aliceToken).is(200, "").at("transactions", 0, "reputation_signal_applied"))
		}
	})
}
