package mcp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/mcp"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// losing carries payments out and loses their answers, until it is mended. Once is not
// enough: what breaks on a connection that was kept is sent again by net/http.
type losing struct {
	http.Handler
	mended atomic.Bool
}

func (l *losing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/token/transfer") && !l.mended.Load() {
		l.Handler.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	l.Handler.ServeHTTP(w, r)
}

// A model whose payment got no answer is told so, with the key; repeated, by itself or by
// the key, it is the same payment, which counts once.
func TestOutcomesInDoubt(t *testing.T) {
	eachEconomy(t, func(t *testing.T, e *economy) {
		const same = `{"to":"did:example:bob","amount":"3"}`
		way := &losing{Handler: e.api}
		e.api = way
		s := e.wallet(e.alice, mcp.Config{MaxTotal: teg.AVT("4")})
		text := s.refused("pay", same)
		require.Contains(t, text, "outcome is unknown")
		key := regexp.MustCompile(`mcp-[0-9a-f-]+`).FindString(text)
		way.mended.Store(true)
		require.Equal(t, "0.999", s.call("who_am_i", `{}`)["left_of_total"])
		require.Equal(t, "completed", s.call("outcome", `{"idempotency_key":"`+key+`"}`)["operations"].([]any)[0].(map[string]any)["status"])
		require.Equal(t, true, s.call("pay", same)["replayed"])
		require.Equal(t, true, s.call("pay", `{"to":"did:example:bob","amount":"3","idempotency_key":"`+key+`"}`)["replayed"])
		require.Equal(t, "0.999", s.call("who_am_i", `{}`)["left_of_total"])
		require.Equal(t, "3", tegtest.Available(t, e.engine, e.bob))
	})
}

// However many calls there are at once, the bounds hold, and what is the same is done once.
func TestAtOnce(t *testing.T) {
	eachEconomy(t, func(t *testing.T, e *economy) {
		s := e.wallet(e.alice, mcp.Config{MaxTotal: teg.AVT("5.01")})
		var wait sync.WaitGroup
		var done atomic.Int64
		for i := range 20 {
			wait.Go(func() {
				arguments := json.RawMessage(fmt.Sprintf(`{"to":"did:example:bob","amount":"1","idempotency_key":"k%d"}`, i))
				if result, err := s.CallTool(context.Background(), &sdk.CallToolParams{Name: "pay", Arguments: arguments}); err == nil && !result.IsError {
					done.Add(1)
				}
			})
		}
		wait.Wait()
		require.EqualValues(t, 5, done.Load())
		require.Equal(t, "5", tegtest.Available(t, e.engine, e.bob))

		b := e.wallet(e.bob, mcp.Config{})
		for range 10 {
			wait.Go(func() {
				_, _ = b.CallTool(context.Background(), &sdk.CallToolParams{Name: "pay", Arguments: json.RawMessage(`{"to":"did:example:alice","amount":"1"}`)})
			})
		}
		wait.Wait()
		require.Equal(t, "3.999", tegtest.Available(t, e.engine, e.bob), "one payment of ten that are the same")
	})
}

// Over HTTP the API sees the caller's address, as limits count some callers by it.
func TestCallsComeFromTheCaller(t *testing.T) {
	t.Parallel()
	e := newEconomy(t, storetest.OpenSQLite(t))
	api, seen := e.api, make(chan string, 100)
	e.api = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.RemoteAddr
		api.ServeHTTP(w, r)
	})
	s := e.over(e.serve(), e.token(e.alice))
	s.call("who_am_i", `{}`)
	close(seen)
	for from := range seen {
		require.Regexp(t, `^127\.0\.0\.1:\d+$`, from)
	}
}

// A fault of the API is told as one, and of none is more told than that.
func TestFaults(t *testing.T) {
	t.Parallel()
	e := newEconomy(t, storetest.OpenSQLite(t))
	e.api = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	url := e.serve()
	request, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader(`{}`))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+e.token(e.alice))
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	require.Equal(t, 503, response.StatusCode)
}
