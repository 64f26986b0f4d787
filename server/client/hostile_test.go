package client_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/client"
)

// serve makes a client of a handler.
func serve(t *testing.T, handler http.HandlerFunc, options ...client.Option) *client.Client {
	t.Helper()
	served := httptest.NewServer(handler)
	t.Cleanup(served.Close)
	c, err := client.New(served.URL, append([]client.Option{client.WithToken("secret"), client.WithRetries(0)}, options...)...)
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// What is no answer of the API is an error of its own, which keeps how the answer begins.
func TestUnexpectedAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		kind, body string
		why        string
	}{
		"a page":          {200, "text/html", "<html>welcome", "no JSON"},
		"no type":         {200, "", `{"agent_id":1}`, "no JSON"},
		"half":            {200, "application/json", `{"agent_id":"did:example:bob"`, "unexpected end"},
		"empty":           {200, "application/json", "", "unexpected end"},
		"another object":  {200, "application/json", `{"ok":true}`, `"agent_id" is missing`},
		"null":            {200, "application/json", `null`, "null is no client.Balance"},
		"a list":          {200, "application/json", `[]`, "cannot unmarshal array"},
		"a float":         {200, "application/json", `{"agent_id":"did:example:bob","balance":1e3,"locked_balance":"0","staked_balance":"0","total_balance":"0"}`, "amount"},
		"a proxy's fault": {502, "text/html", "<html>bad gateway", "proxy"},
		"another's error": {400, "application/json", `{"error":"invalid"}`, "no answer of this API"},
		"another success": {204, "", "", "no answer of this API"},
		"too long":        {200, "application/json", strings.Repeat(" ", 2<<10), "longer than 1024 bytes"},
		"too long a no":   {503, "application/json", `{"error_code":"SYS_UNAVAILABLE","message":"` + strings.Repeat("x", 2<<10) + `"}`, "longer than 1024 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			caller := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = []string{c.kind}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}, client.WithMaxAnswer(1024))
			_, err := caller.GetBalance(context.Background())
			var unexpected *client.UnexpectedAnswerError
			require.ErrorAs(t, err, &unexpected)
			require.Equal(t, c.status, unexpected.Status)
			require.Contains(t, unexpected.Why, c.why)
			require.Equal(t, c.body[:min(len(c.body), 512)], string(unexpected.Body))
			require.False(t, unexpected.InDoubt, "it reads")
		})
	}
}

// A little that is much when unpacked is bounded too.
func TestAnswersThatUnpack(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.CopyN(w, zeros{}, 4<<20)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(packed.Bytes())
	}, client.WithMaxAnswer(1<<20))
	require.Less(t, packed.Len(), 1<<20)
	_, err = c.GetBalance(context.Background())
	require.ErrorContains(t, err, "longer than 1048576 bytes")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// A server that begins and does not end is left when the time is over.
func TestASlowServer(t *testing.T) {
	over := make(chan struct{})
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{`)
		w.(http.Flusher).Flush()
		<-over
	}, client.WithHTTPClient(&http.Client{Timeout: 20 * time.Millisecond}))
	defer close(over)
	_, err := c.GetBalance(context.Background())
	var none *client.NoAnswerError
	require.ErrorAs(t, err, &none)
}

// No redirect is followed, least of all with a token.
func TestRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked elsewhere, with %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) }, client.WithHTTPClient(&http.Client{}))
		_, err := pay(c)
		require.ErrorContains(t, err, "leads to "+elsewhere.URL)
		attempt, _ := client.AttemptOf(err)
		require.False(t, attempt.InDoubt)
	}
}

// A page that names itself as the next one does not hold a program for ever.
func TestPagesThatGoRound(t *testing.T) {
	for _, round := range [][]string{{"a"}, {""}, {"a", "b"}, {"a", "b", "c", "d", "e"}} {
		asked := 0
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			next := round[asked%len(round)]
			asked++
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"holds": []any{}, "total": nil, "limit": 100, "offset": 0, "next_cursor": next})
		})
		var last error
		for _, err := range c.AllHolds(context.Background(), client.ListHoldsQuery{}) {
			last = err
		}
		require.ErrorContains(t, last, "the same page for ever")
		require.LessOrEqual(t, asked, 4*len(round))
	}
}

// A newer server may say more than this client knows.
func TestANewerServer(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, strings.Replace(holdNow, `"active"`, `"melted","since":{"when":[1]}`, 1))
	})
	var answer client.Answer
	got, err := c.VoidHold(context.Background(), "hold_1", client.Record(&answer))
	require.NoError(t, err)
	require.Equal(t, client.HoldStatus("melted"), got.Status)
	require.Contains(t, string(answer.Body), `"since"`)
}

const holdNow = `{"hold_id":"hold_1","payer_agent_id":"did:example:alice","receiver_agent_id":"did:example:bob","amount":"1","fee_amount":"0",
	"captured_amount":"0","status":"active","purpose":null,"void_by":"either","created_at":"2026-01-01T12:00:00.000000Z",
	"expires_at":"2026-01-08T12:00:00.000000Z","transaction_ids":[]}`

// Whatever is in an answer, reading it ends well, and a thing that was read says the same
// when it is written.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{paid, holdNow, `{}`, `null`, `[`, `{"amount":"1e9"}`, `{"timestamp":"2026-13-01T00:00:00Z"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var got client.Transfer
		if client.Decode(text, &got) != nil {
			return
		}
		written, err := json.Marshal(got)
		require.NoError(t, err)
		var again client.Transfer
		require.NoError(t, client.Decode(written, &again))
		require.True(t, got.Timestamp.Equal(again.Timestamp))
		got.Timestamp = again.Timestamp
		require.Equal(t, got, again)
	})
}
