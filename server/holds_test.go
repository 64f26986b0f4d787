package server_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestHolds(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		place := func(extra string) string {
			return m.post("/token/holds", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10"`+extra+`}`).is(201, "").at("hold_id").(string)
		}
		first := m.post("/token/holds", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10","purpose":"task"}`, "Idempotency-Key", "h").is(201, "")
		require.Equal(t, "active", first.at("status"))
		id := first.at("hold_id").(string)
		require.Equal(t, "10.001", m.get("/token/balance", m.aliceToken).at("locked_balance"))
		captured := m.post("/token/holds/"+id+"/capture", m.aliceToken, `{"amount":"4"}`).is(200, "")
		require.Equal(t, "captured", captured.at("status"))
		require.Equal(t, "4", captured.at("captured_amount"))
		require.Equal(t, "995.999", tegtest.Available(t, m.engine, m.alice))
		again := m.post("/token/holds", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10","purpose":"task"}`, "Idempotency-Key", "h").is(201, "")
		require.Equal(t, first.text, again.text, "the first answer, whatever became of the hold")
		m.post("/token/holds/"+id+"/capture", m.aliceToken, `{}`).is(409, "BIZ_INVALID_STATE")

		id = place("")
		m.post("/token/holds/"+id+"/capture", m.bobToken, `{}`).is(403, "AUTH_FORBIDDEN")
		over := m.post("/token/holds/"+id+"/capture", m.aliceToken, `{"amount":"11.50"}`).is(422, "VALIDATION_INVALID_INPUT")
		require.Equal(t, []string{"amount"}, over.faults())
		require.Equal(t, "11.5", over.at("validation_errors", 0, "value"))
		m.post("/token/holds/"+id+"/void", m.token(teg.Agent("did:example:stranger")), `{}`).is(404, "BIZ_ENTITY_NOT_FOUND")
		require.Equal(t, "voided", m.post("/token/holds/"+id+"/void", m.aliceToken, `{}`).is(200, "").at("status"))

		id = place(`,"void_by":"receiver"`)
		m.post("/token/holds/"+id+"/void", m.aliceToken, `{}`).is(403, "AUTH_FORBIDDEN")
		m.post("/token/holds/"+id+"/void", m.bobToken, `{}`).is(200, "")

		id = place(`,"expires_in_seconds":60`)
		m.clock.Advance(time.Minute)
		require.Equal(t, "0", m.get("/token/balance", m.aliceToken).at("locked_balance"))
		m.post("/token/holds/"+id+"/capture", m.aliceToken, `{}`).is(410, "BIZ_EXPIRED")
		list := m.get("/token/holds?limit=1", m.bobToken).is(200, "")
		require.Equal(t, "expired", list.at("holds", 0, "status"))
		require.Equal(t, "4", fmt.Sprint(list.at("total")))
		rest := m.get("/token/holds?cursor="+url.QueryEscape(list.at("next_cursor").(string)), m.bobToken).is(200, "")
		require.Len(t, rest.at("holds"), 3)

		for _, bad := range []string{`,"expires_in_seconds":0`, `,"expires_in_seconds":31536001`, `,"void_by":"payer"`, `,"expires_in_seconds":"60"`} {
			m.post("/token/holds", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10"`+bad+`}`).is(422, "VALIDATION_INVALID_INPUT")
		}
	})
}
