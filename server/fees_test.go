package server_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFees(t *testing.T) {
	m := newMarket(t)
	require.Equal(t, map[string]any{"fee_active": true, "fee_percentage": "0", "min_fee_amount": "0.001", "max_fee_amount": "0.001",
		"fee_recipient": "did:agentvault:treasury", "transfer_fee_amount": "0.001", "fee_collection_address": "did:agentvault:treasury"},
		m.get("/token/fees/config", "").is(200, "").body)
	require.Equal(t, map[string]any{"amount": "5", "fee_amount": "0.001", "total_amount": "5.001", "fee_recipient": "did:agentvault:treasury"},
		m.get("/token/fees/calculate?amount=5.0", "").is(200, "").body)
	for _, bad := range []string{"", "?amount=", "?amount=0", "?amount=-1", "?amount=1e3", "?amount=1&x=2"} {
		m.get("/token/fees/calculate"+bad, "").is(422, "VALIDATION_INVALID_INPUT")
	}
	m.get("/token/fees/config", "not-a-token").is(401, "AUTH_INVALID_TOKEN")
	m.send("GET", prefix+"/token/fees/config", "", "", "Authorization", "", "Authorization", "Bearer x").is(401, "AUTH_INVALID_TOKEN")
}
