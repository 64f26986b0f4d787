package server_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestBulk(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		body := `{"transfers":[{"receiver_agent_id":"did:example:bob","amount":"1"},{"receiver_agent_id":"did:example:nobody","amount":"1"},
			{"receiver_agent_id":"did:example:bob","amount":"5000"},{"receiver_agent_id":"did:example:bob","amount":"2"}]%s}`
		first := m.post("/token/transfer/bulk", m.aliceToken, fmt.Sprintf(body, ""), "Idempotency-Key", "run-1").is(200, "")
		require.Equal(t, "2", fmt.Sprint(first.at("succeeded")))
		require.Equal(t, "2", fmt.Sprint(first.at("failed")))
		require.Equal(t, "BIZ_ENTITY_NOT_FOUND", first.at("results", 1, "error", "error_code"))
		require.Equal(t, "BIZ_INSUFFICIENT_BALANCE", first.at("results", 2, "error", "error_code"))
		require.Equal(t, "entity.exists", first.at("results", 1, "error", "reason", "rule"))
		require.Equal(t, "balance.covers", first.at("results", 2, "error", "reason", "rule"))
		require.Equal(t, "998.9", fmt.Sprint(first.at("results", 2, "error", "reason", "would_pass", 0, "value"))[:5], "what would pass")
		again := m.post("/token/transfer/bulk", m.aliceToken, fmt.Sprintf(body, ""), "Idempotency-Key", "run-1").is(200, "")
		require.Equal(t, first.text, again.text)
		require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
		require.Equal(t, "3", tegtest.Available(t, m.engine, m.bob))
		m.get("/token/operations/run-1", m.aliceToken).is(200, "")

		atomic := m.post("/token/transfer/bulk", m.aliceToken, fmt.Sprintf(body, `,"atomic":true`), "Idempotency-Key", "run-2").is(404, "BIZ_ENTITY_NOT_FOUND")
		require.Contains(t, atomic.at("message"), "transfers[1]")
		require.Equal(t, "3", tegtest.Available(t, m.engine, m.bob))
		m.post("/token/transfer/bulk", m.aliceToken, `{"transfers":[]}`).is(422, "VALIDATION_INVALID_INPUT")
		r := m.post("/token/transfer/bulk", m.aliceToken, `{"transfers":[{"receiver_agent_id":"did:example:bob","amount":"1"},{"receiver_agent_id":"did:example:bob","amount":"x"}]}`)
		require.Equal(t, []string{"transfers[1].amount"}, r.is(422, "VALIDATION_INVALID_INPUT").faults())
		r = m.post("/token/transfer/bulk", m.aliceToken, `{"transfers":[{"receiver_agent_id":"did:example:bob","amount":"1","idempotency_key":"a"},{"receiver_agent_id":"did:example:bob","amount":"1","idempotency_key":"a"}]}`)
		r.is(422, "VALIDATION_INVALID_INPUT")
	})
}

// An old refusal of an element is a new answer of the batch that it is in, until
// that batch is sent again.
func TestBulkWithAnElementRefusedBefore(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:nobody","amount":"1"}`, "Idempotency-Key", "old").is(404, "BIZ_ENTITY_NOT_FOUND")
		body := `{"transfers":[{"receiver_agent_id":"did:example:bob","amount":"1"},
			{"receiver_agent_id":"did:example:nobody","amount":"1","idempotency_key":"old"}],"atomic":%t}`
		for _, atomic := range []bool{true, false} {
			for _, replayed := range []string{"", "true"} {
				r := m.post("/token/transfer/bulk", m.aliceToken, fmt.Sprintf(body, atomic), "Idempotency-Key", fmt.Sprint("run-", atomic))
				require.Equal(t, replayed, r.header.Get("Idempotency-Replayed"), r.text)
				require.Equal(t, map[bool]int{true: 404, false: 200}[atomic], r.status, r.text)
			}
		}
		require.Equal(t, "1", tegtest.Available(t, m.engine, m.bob))
	})
}
