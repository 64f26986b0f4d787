package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/client"
)

// Every error that the document has an example of is read, and matches its code.
func TestEveryErrorOfTheContract(t *testing.T) {
	d := readDocument(t)
	r, c := record(t, client.WithRetries(0))
	for name, response := range in(d.raw, "components", "responses") {
		r.status, _ = strconv.Atoi(strings.TrimPrefix(strings.SplitN(name, "-", 2)[0], "Problem"))
		for code, example := range in(response, "content", "application/json", "examples") {
			value := in(example, "value")
			r.answer, _ = json.Marshal(value)
			_, err := c.GetBalance(context.Background())
			require.ErrorIs(t, err, client.ErrorCode(code))
			require.Equal(t, client.ErrorCode(code), client.CodeOf(err))
			var answered *client.Error
			require.ErrorAs(t, err, &answered)
			require.Equal(t, r.status, answered.Status)
			require.Equal(t, value["message"], answered.Message)
			require.Equal(t, value["validation_errors"] != nil, len(answered.Fields) > 0)
			require.Contains(t, err.Error(), "getBalance")
		}
	}
}

func TestWhatAnErrorTells(t *testing.T) {
	l := &line{answers: []answerer{says(400,
		`{"error_code":"BIZ_NEW","message":"words","detail":"more","validation_errors":[{"field":"amount","message":"must be above zero"}],"new":1}`,
		"X-Request-ID", "r-1", "Idempotency-Replayed", "true", "Retry-After", "7")}}
	_, err := pay(stand(t, l), client.Key("order-17"), client.RequestID("checkout-7f3a"))
	var answered *client.Error
	require.ErrorAs(t, err, &answered)
	require.Equal(t, &client.Error{
		Attempt: client.Attempt{Operation: "transfer", Key: "order-17", Tries: 1}, Status: 400, Code: "BIZ_NEW", Message: "words", Detail: "more",
		Fields: []client.FieldError{{Field: "amount", Message: "must be above zero"}}, RequestID: "r-1", RetryAfter: 7 * time.Second, Replayed: true,
	}, answered)
	require.Equal(t, "client: transfer: BIZ_NEW: words; amount must be above zero (more) [request r-1]", err.Error())
	require.Equal(t, "checkout-7f3a", l.got[0].Header.Get("X-Request-ID"))
	require.Empty(t, client.CodeOf(errors.New("another")))
	_, is := client.AttemptOf(errors.New("another"))
	require.False(t, is)
}

// Whatever a server says, the text of an error is one line and no book.
func TestAnErrorIsOneLine(t *testing.T) {
	message, err := json.Marshal("no\n2026 INFO paid 1000 AVT\r\x1b[2J" + strings.Repeat("x", 1<<20))
	require.NoError(t, err)
	for _, answer := range []answerer{
		says(400, `{"error_code":"BIZ_NEW","message":`+string(message)+`,"detail":`+string(message)+`}`),
		says(302, "", "Location", "http://other.example/"+strings.Repeat("x", 1<<20)),
	} {
		_, err = pay(stand(t, &line{answers: []answerer{answer}}))
		require.NotContains(t, err.Error(), "\n")
		require.NotContains(t, err.Error(), "\x1b")
		require.Less(t, len(err.Error()), 4096)
	}
	gone, cancel := context.WithCancel(context.Background())
	l := &line{answers: []answerer{func(*http.Request) (*http.Response, error) { cancel(); return nil, errBroken }}}
	_, err = stand(t, l).GetBalance(gone)
	require.ErrorIs(t, err, errBroken)
	require.ErrorIs(t, err, context.Canceled)
	require.NotContains(t, err.Error(), "\n")
}

// The result of an element is an error too.
func TestShortProblem(t *testing.T) {
	var err error = &client.ShortProblem{ErrorCode: client.ErrBelowMinimum, Message: "words"}
	require.ErrorIs(t, err, client.ErrBelowMinimum)
	require.EqualError(t, err, "BIZ_BELOW_MINIMUM: words")
}
