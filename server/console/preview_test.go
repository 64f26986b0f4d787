package console_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/console"
)

// What the server says of a call beforehand is shown, and nothing that it would refuse can be
// pressed.
func TestPreviews(t *testing.T) {
	s := newStand(t, storeForOne(t))
	var told string
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		require.Equal(t, "/api/v1/explain", r.URL.Path)
		require.JSONEq(t, `{"method":"POST","path":"/token/transfer","body":{"receiver_agent_id":"did:example:bob","amount":"50"}}`, string(text))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, told)
	})
	var err error
	cookie, err := s.console.Sealed(s.token(s.alice))
	require.NoError(t, err)
	s.console, err = console.New(console.Config{API: api, Secret: []byte("a secret for tests, of more than 32 bytes")})
	require.NoError(t, err)
	b := s.browser()
	b.cookies["teg_console"] = cookie
	given := url.Values{"receiver_agent_id": {"did:example:bob"}, "amount": {"50"}}
	told = `{"allowed":false,"status":400,"replayed":false,"answer":null,"error":{"error_code":"BIZ_INSUFFICIENT_BALANCE","message":"available 20 AVT"},
		"reason":{"rule":"balance.covers","index":null,"figures":[{"name":"missing","value":"30.001","unit":"AVT"}],
		"would_pass":[{"field":"amount","bound":"at_most","value":"19.999","unit":"AVT","do":"Ask for at most 19.999 AVT."}],"see":"docs/explain.md#balance"}}`
	r := b.post("/console/acts/pay", given)
	b.shows(r, "would refuse it", "available 20 AVT", "30.001 AVT", "Ask for at most 19.999 AVT.")
	require.NotContains(t, r.text, "<button class=\"strong\">")
	told = `{"allowed":true,"status":200,"replayed":false,"answer":{"status":"completed","new_sender_balance":"12"},"error":null,"reason":null}`
	r = b.post("/console/acts/pay", given)
	b.shows(r, "The server would do it", "new sender balance", `<button class="strong">`)
}
