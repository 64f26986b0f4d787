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
	"time"

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

// A key stands for one payment, of one kind and one sum: under that of a small one no large
// one goes past the bounds.
func TestKeysDoNotEvadeBounds(t *testing.T) {
	eachEconomy(t, func(t *testing.T, e *economy) {
		s := e.wallet(e.alice, mcp.Config{MaxTotal: teg.AVT("8")})
		s.call("pay", `{"to":"did:example:bob","amount":"1","idempotency_key":"k"}`)
		require.Contains(t, s.refused("hold", `{"to":"did:example:bob","amount":"50","idempotency_key":"k"}`), "wallet.max_total")
		require.Contains(t, s.refused("pay", `{"to":"did:example:bob","amount":"50","idempotency_key":"k"}`), "wallet.max_total")
		s.call("hold", `{"to":"did:example:bob","amount":"2","idempotency_key":"k"}`)
		require.Equal(t, "4.998", s.call("who_am_i", `{}`)["left_of_total"])
	})
}

// A server forgets keys. What is asked for under one long after is bounded anew, and counted
// unless the server says that it is the payment of then.
func TestForgottenKeysDoNotEvadeBounds(t *testing.T) {
	t.Parallel()
	e := newEconomy(t, storetest.OpenSQLite(t))
	s := e.wallet(e.alice, mcp.Config{MaxTotal: teg.AVT("8")})
	const once, large = `{"to":"did:example:bob","amount":"1","idempotency_key":"k"}`, `{"to":"did:example:bob","amount":"6","idempotency_key":"l"}`
	s.call("pay", once)
	e.at(e.now.Load().Add(48 * time.Hour))
	require.Equal(t, true, s.call("pay", once)["replayed"])
	require.Equal(t, true, s.call("pay", once)["replayed"])
	require.Equal(t, "6.999", s.call("who_am_i", `{}`)["left_of_total"])
	s.call("pay", large)
	e.at(e.now.Load().Add(48 * time.Hour))
	require.Contains(t, s.refused("pay", large), "wallet.max_total")
}

// racing refuses the first transfer, once a second one has been let through.
type racing struct {
	http.Handler
	first  atomic.Bool
	second chan struct{}
}

func (r *racing) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if !strings.HasSuffix(request.URL.Path, "/token/transfer") {
		r.Handler.ServeHTTP(w, request)
		return
	}
	if r.first.CompareAndSwap(false, true) {
		<-r.second
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(`{"error_code":"RATE_LIMITED","message":"later"}`))
		return
	}
	r.Handler.ServeHTTP(w, request)
	close(r.second)
}

// Of two calls at once under one key, one that is refused does not free what the other pays.
func TestRefusedTwinDoesNotFreeThePayment(t *testing.T) {
	t.Parallel()
	e := newEconomy(t, storetest.OpenSQLite(t))
	e.api = &racing{Handler: e.api, second: make(chan struct{})}
	s := e.wallet(e.alice, mcp.Config{MaxTotal: teg.AVT("8")})
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			_, _ = s.CallTool(context.Background(), &sdk.CallToolParams{Name: "pay", Arguments: json.RawMessage(`{"to":"did:example:bob","amount":"5","idempotency_key":"k"}`)})
		})
	}
	wait.Wait()
	require.Equal(t, "5", tegtest.Available(t, e.engine, e.bob))
	require.Equal(t, "2.999", s.call("who_am_i", `{}`)["left_of_total"])
}

// What a dispute costs is counted, so that disputes drain nobody past the bound.
func TestDisputesAreWithinBounds(t *testing.T) {
	eachEconomy(t, func(t *testing.T, e *economy) {
		name, level, terms := "Courts", teg.PolicyMandatory, `{"dispute_filing_fee":"2","dispute_bond":"3"}`
		_, err := e.engine.PutPolicy(t.Context(), teg.PutPolicyParams{
			By: tegtest.Admin, Code: "courts", Type: teg.PolicyDispute, PolicyEdit: teg.PolicyEdit{Name: &name, Level: &level, Parameters: &terms},
		})
		require.NoError(t, err)
		paid := e.wallet(e.alice, mcp.Config{}).call("pay", `{"to":"did:example:bob","amount":"5"}`)["transaction_id"].(string)
		about := `{"defendant":"did:example:bob","transaction_id":"` + paid + `","reason_code":"NOT_DELIVERED","description":"late"}`
		s := e.wallet(e.alice, mcp.Config{MaxTotal: teg.AVT("4.9")})
		require.Contains(t, s.refused("dispute", about), "wallet.max_total")
		require.Contains(t, s.call("explain", `{"tool":"dispute","arguments":`+about+`}`)["why"], "wallet.max_total")
		require.Equal(t, "94.999", tegtest.Available(t, e.engine, e.alice))

		s = e.wallet(e.alice, mcp.Config{MaxTotal: teg.AVT("50"), MaxPayment: teg.AVT("0.1")})
		s.call("dispute", about)
		require.Equal(t, "45", s.call("who_am_i", `{}`)["left_of_total"])
		require.Equal(t, true, s.call("dispute", about)["replayed"])
		require.Contains(t, s.refused("dispute", strings.Replace(about, paid, "tx_01a22c749ece7666887658940a6e179c", 1)), "BIZ_ENTITY_NOT_FOUND")
		require.Equal(t, "45", s.call("who_am_i", `{}`)["left_of_total"])
	})
}
