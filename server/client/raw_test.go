package client_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/client"
)

// Any route can be called: a read is sent again, a write only where nothing can have come of it.
func TestCallAnyRoute(t *testing.T) {
	l := &line{answers: []answerer{problem(502, "x"), says(200, "a file")}}
	text, err := stand(t, l).Call(context.Background(), http.MethodGet, "/log/checkpoint?a=b%2F", nil)
	require.NoError(t, err)
	require.Equal(t, "a file", string(text))
	require.Len(t, l.got, 2)
	require.Equal(t, "http://teg.example/api/v1/log/checkpoint?a=b%2F", l.got[1].URL.String())
	require.Empty(t, l.got[1].Header.Get("Idempotency-Key"))

	l = &line{answers: []answerer{problem(503, "SYS_UNAVAILABLE"), problem(503, "SYS_OUTCOME_UNKNOWN")}}
	_, err = stand(t, l).Call(context.Background(), http.MethodPost, "/token/transfer", map[string]string{"amount": "5"}, client.Key("order-17"))
	require.ErrorIs(t, err, client.ErrOutcomeUnknown)
	attempt, _ := client.AttemptOf(err)
	require.Equal(t, client.Attempt{Operation: "POST /token/transfer", Key: "order-17", Tries: 2, InDoubt: true}, attempt)
	require.Equal(t, []string{"order-17"}, l.got[1].Header[strings.ToLower("Idempotency-Key")], "in a spelling that net/http takes for no reason to send it again")

	for _, path := range []string{"", "token", "/a b", "/{id}", "/a#b"} {
		_, err = stand(t, l).Call(context.Background(), http.MethodGet, path, nil)
		require.ErrorContains(t, err, "the path")
	}
	require.Len(t, l.got, 2)
}
