package client_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

// A dry run returns what the call would have, and tells why.
func TestDryRun(t *testing.T) {
	r, c := record(t)
	in := client.TransferRequest{ReceiverAgentID: did.MustParse("did:example:bob"), Amount: amount.MustParse("50")}
	var why client.Explanation
	r.status, r.answer = 200, []byte(`{"allowed":false,"status":400,"replayed":true,"answer":null,"error":{"error_code":"BIZ_INSUFFICIENT_BALANCE","message":"short"},
		"reason":{"rule":"balance.covers","index":null,"figures":[],"would_pass":[{"field":"amount","bound":"at_most","value":"1","unit":"AVT","do":"Less."}],"see":"x"}}`)
	sent, err := c.Transfer(context.Background(), in, client.DryRun(&why), client.Key("order-17"), client.RequestID("r"))
	require.Nil(t, sent)
	require.ErrorIs(t, err, client.ErrInsufficientBalance)
	attempt, _ := client.AttemptOf(err)
	require.Equal(t, client.Attempt{Operation: "transfer", Key: "order-17"}, attempt, "nothing was tried")
	require.Equal(t, "balance.covers", why.Reason.Rule)
	require.Equal(t, "/api/v1/explain", r.got.URL.Path)
	require.Equal(t, "r", r.got.Header.Get("X-Request-ID"))
	require.Empty(t, r.got.Header.Get("Idempotency-Key"))
	require.JSONEq(t, `{"method":"POST","path":"/token/transfer","body":{"receiver_agent_id":"did:example:bob","amount":"50"},"idempotency_key":"order-17"}`, string(r.body))

	r.answer = []byte(`{"allowed":true,"status":200,"replayed":false,"answer":{},"error":null,"reason":null}`)
	_, err = c.Transfer(context.Background(), in, client.DryRun(&why))
	attempt, _ = client.AttemptOf(err)
	require.False(t, attempt.InDoubt, "an answer that cannot be read is of nothing that was done")
	r.answer = []byte(`{"allowed":true,"status":200,"replayed":false,"answer":{"transaction_id":"tx_01a229a2f6c8745a8dc41f81264cd7b4","status":"completed",
		"sender_agent_id":"did:example:alice","receiver_agent_id":"did:example:bob","amount":"50","fee_amount":"0","new_sender_balance":"7",
		"timestamp":"2026-01-01T12:00:00.000000Z","attached_message":null},"error":null,"reason":null}`)
	sent, err = c.Transfer(context.Background(), in, client.DryRun(&why))
	require.NoError(t, err)
	require.Equal(t, "7", sent.NewSenderBalance.String())
	require.Nil(t, why.Reason)

	_, err = c.GetBalance(context.Background(), client.DryRun(&why))
	require.ErrorContains(t, err, "changes nothing")
	require.Zero(t, why.Status)
	r.status, r.answer = 503, []byte(`{"error_code":"SYS_UNAVAILABLE","message":"away"}`)
	_, err = c.VoidHold(context.Background(), "hold_/1", client.DryRun(&why))
	require.ErrorIs(t, err, client.ErrUnavailable)
	require.Zero(t, why.Status, "nothing is known of it")
	attempt, _ = client.AttemptOf(err)
	require.False(t, attempt.InDoubt)
	require.Contains(t, string(r.body), `"path":"/token/holds/hold_%2F1/void"`)
}
