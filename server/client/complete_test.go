package client_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/client"
)

// What is missing is missed wherever it stands, and null is nothing but what it may be.
func TestWhatIsNotThere(t *testing.T) {
	const page = `,"total":null,"limit":1,"offset":0,"next_cursor":null}`
	for text, why := range map[string]string{
		`{"transactions":[{}]` + page:   `transactions: 0: "transaction_id" is missing`,
		`{"transactions":null` + page:   `transactions: null is no []client.Transaction`,
		`{"transactions":[null]` + page: `transactions: 0: null is no client.Transaction`,
		`{"transactions":{}` + page:     `cannot unmarshal object`,
	} {
		require.ErrorContains(t, client.Decode([]byte(text), new(client.TransactionsPage)), why)
	}
	require.NoError(t, client.Decode([]byte(`{"transactions":[]`+page), new(client.TransactionsPage)))
	for field, why := range map[string]string{
		`"transaction_id":null`: `transaction_id: null`, `"amount":null`: `amount: null`, `"timestamp":null`: `timestamp: null`,
		`"status":null`: `status: null`, `"sender_agent_id":null`: `sender_agent_id: null`,
	} {
		require.ErrorContains(t, client.Decode([]byte(paid[:len(paid)-1]+`,`+field+`}`), new(client.Transfer)), why)
	}
	require.NoError(t, client.Decode([]byte(paid), new(client.Transfer)))
}
