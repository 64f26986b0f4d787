package server_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

// owe has an agent owe another, as a ruling does.
func (m *market) owe(t *testing.T, st store.Store, serial byte, debtor, creditor teg.DID, sum string) {
	t.Helper()
	available := func(agent teg.DID) (row ledger.Account, garnished bool) {
		rows, err := st.Reader().AccountsOf(ctx(), agent)
		require.NoError(t, err)
		for _, each := range rows {
			garnished = garnished || each.Kind == ledger.Garnished
			if each.Kind == ledger.Available {
				row = each
			}
		}
		return row, garnished
	}
	from, made := available(debtor)
	to, _ := available(creditor)
	w, err := st.Writer(ctx())
	require.NoError(t, err)
	defer w.Close()
	tx, rows, err := w.Begin(ctx(), store.Need{Accounts: []ledger.AccountID{from.ID}, Fresh: 1}, store.LockPatiently)
	require.NoError(t, err)
	now, id := m.clock.Now(), store.EventID{1, 15: serial}
	debt := ledger.Debt{ID: ledger.DebtID{15: serial}, Debtor: from.ID, Creditor: to.ID, Amount: teg.AVT(sum), Cause: ledger.ID{7, 15: serial}, CreatedAt: now}
	from = rows.Accounts[0]
	from.Owes, err = from.Owes.Add(debt.Amount)
	require.NoError(t, err)
	c := &store.Changes{Altered: []*ledger.Account{&from}, Debts: ledger.DebtChanges{Made: []ledger.Debt{debt}}}
	if !made {
		c.Opened = []*ledger.Account{{ID: rows.Fresh[0], Owner: debtor, Kind: ledger.Garnished, Status: ledger.Active}}
	}
	body, err := json.Marshal(map[string]any{"action": "ruling", "actor": creditor, "at": now.Format(teg.TimeFormat), "id": id.String(), "debts": []any{map[string]any{
		"amount": debt.Amount, "cause": fmt.Sprintf("%x", debt.Cause[:]), "creditor": creditor, "debtor": debtor, "id": debt.ID.String(),
	}}})
	require.NoError(t, err)
	c.Events = []store.Event{{ID: id, Action: "ruling", Actor: creditor, At: now, Body: body}}
	require.NoError(t, tx.Commit(ctx(), c))
}

// Both sides of a debt see what became of it, and nobody else does.
func TestDebts(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		m := newMarketOn(t, st)
		carol := teg.Agent("did:example:carol")
		carolToken := m.token(carol)
		none := m.get("/agent/debts", carolToken).is(200, "")
		require.Equal(t, []any{"did:example:carol", []any{}, "0", "0", nil},
			[]any{none.at("agent_id"), none.at("debts"), none.at("total_outstanding"), fmt.Sprint(none.at("total")), none.at("next_cursor")})
		m.owe(t, st, 1, m.bob, carol, "5")
		m.owe(t, st, 2, m.bob, m.alice, "3")
		m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"6"}`).is(200, "")
		b := m.get("/token/balance", m.bobToken).is(200, "")
		require.Equal(t, []any{"0", "6"}, []any{b.at("balance"), b.at("locked_balance")})
		require.Equal(t, "6", m.get("/admin/metrics", m.admins).is(200, "").at("total_locked"))
		m.clock.Advance(time.Minute)
		require.NoError(t, m.engine.Tick(ctx()))

		r := m.get("/agent/debts?role=debtor", m.bobToken).is(200, "")
		require.Equal(t, "2", r.at("total_outstanding"))
		require.Equal(t, map[string]any{
			"debt_id": "debt_00000000000000000000000000000001", "debtor_agent_id": "did:example:bob", "creditor_agent_id": "did:example:carol",
			"amount": "5", "collected_amount": "5", "outstanding_amount": "0", "dispute_id": "disp_07000000000000000000000000000001",
			"created_at": "2026-01-01T12:00:00.000000Z", "closed_at": "2026-01-01T12:01:00.000000Z", "is_open": false,
		}, r.at("debts", 1))
		require.Equal(t, []any{"3", "1", "2", nil, true}, []any{r.at("debts", 0, "amount"), r.at("debts", 0, "collected_amount"),
			r.at("debts", 0, "outstanding_amount"), r.at("debts", 0, "closed_at"), r.at("debts", 0, "is_open")})
		require.Len(t, m.get("/agent/debts?open_only=true", m.bobToken).is(200, "").at("debts"), 1)
		require.Len(t, m.get("/agent/debts?role=creditor", m.bobToken).is(200, "").at("debts"), 0)
		require.Equal(t, r.at("debts", 1), m.get("/agent/debts?role=creditor", carolToken).is(200, "").at("debts", 0))
		paid := m.get("/token/transactions", carolToken).is(200, "")
		require.Equal(t, []any{"dispute_compensation", "5", "did:example:bob", "debt_00000000000000000000000000000001"}, []any{
			paid.at("transactions", 0, "transaction_type"), paid.at("transactions", 0, "amount"), paid.at("transactions", 0, "sender_agent_id"), paid.at("transactions", 0, "reference_id"),
		})
		require.Equal(t, "garnish", m.get("/token/transactions?transaction_type=garnish", m.bobToken).is(200, "").at("transactions", 0, "transaction_type"))

		first := m.get("/agent/debts?limit=1", m.bobToken).is(200, "")
		cursor := "/agent/debts?cursor=" + url.QueryEscape(first.at("next_cursor").(string))
		require.Equal(t, r.at("debts", 1), m.get(cursor, m.bobToken).is(200, "").at("debts", 0))
		for _, elsewhere := range []string{cursor + "&role=creditor", cursor + "&open_only=true", cursor + "&offset=1"} {
			m.get(elsewhere, m.bobToken).is(422, "VALIDATION_INVALID_INPUT")
		}
		m.get(cursor, m.aliceToken).is(422, "VALIDATION_INVALID_INPUT")
		m.post("/admin/accounts/suspend", m.admins, `{"agent_id":"did:example:bob","reason":"spam"}`).is(200, "")
		require.Len(t, m.get("/agent/debts", m.bobToken).is(200, "").at("debts"), 2, "who is suspended may read its own")
	})
}
