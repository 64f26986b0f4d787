package server_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAuditLog(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		paid := m.post("/token/transfer", m.aliceToken, `{"receiver_agent_id":"did:example:bob","amount":"10"}`, "X-Request-ID", "req-1").is(200, "").at("transaction_id")
		log := m.get("/admin/audit-log?limit=1", m.admins).is(200, "")
		// The first call of the admin made its profile, which is the newest act.
		require.Equal(t, "register_agent", log.at("entries", 0, "action"))
		next := m.get("/admin/audit-log?limit=1&cursor="+url.QueryEscape(log.at("next_cursor").(string)), m.admins).is(200, "")
		require.Equal(t, "transfer", next.at("entries", 0, "action"))
		require.Equal(t, "req-1", next.at("entries", 0, "request_id"))
		require.Equal(t, paid, next.at("entries", 0, "ids", 0))
		require.Equal(t, "did:example:alice", next.at("entries", 0, "actor"))
		require.Len(t, m.get("/admin/audit-log?actor=did:example:alice&action=transfer", m.admins).at("entries"), 1)
		require.Empty(t, m.get("/admin/audit-log?end_date=2025-12-31", m.admins).at("entries"))
		m.get("/admin/audit-log?cursor=AAAA", m.admins).is(422, "VALIDATION_INVALID_INPUT")
	})
}
