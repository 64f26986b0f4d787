package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/server/limit"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// payers of the benchmark each have an account, a token and a connection of their own.
const payers = 64

// bare is the least that can be called a face: it reads a transfer and carries it out, for
// whoever a header names.
func bare(engine *teg.Engine) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Receiver teg.DID    `json:"receiver_agent_id"`
			Amount   teg.Amount `json:"amount"`
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		receipt, err := engine.Transfer(r.Context(), teg.TransferParams{From: teg.Agent(r.Header.Get("X-Agent")), To: in.Receiver, Amount: in.Amount})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"transaction_id": receipt.TransactionID, "new_sender_balance": receipt.SenderBalance})
	})
}

// faces are a server with everything on, and the bare handler, over the same engine,
// each behind a listener of its own.
type faces struct {
	agents, tokens []string
	full, bare     string // URLs
}

func newFaces(b *testing.B) *faces {
	m := newMarketOn(b, storetest.OpenSQLite(b), func(c *server.Config) {
		c.Logger = slog.New(slog.NewJSONHandler(io.Discard, nil))
		c.Limiter, c.Limits = limit.NewMemory(0), server.Limits{Standard: 1e9, Transfer: 1e9}
		c.Origins, c.Environment = []string{"https://console.example"}, "production"
	})
	f := &faces{full: serveOn(b, server.Listener, m.server), bare: serveOn(b, func(l net.Listener) net.Listener { return l }, bare(m.engine))}
	for i := range payers {
		agent := tegtest.Fund(b, m.engine, fmt.Sprintf("did:example:payer-%d", i), "100000")
		f.agents, f.tokens = append(f.agents, agent.String()), append(f.tokens, m.token(agent))
	}
	return f
}

func serveOn(b *testing.B, wrap func(net.Listener) net.Listener, handler http.Handler) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	s := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(wrap(listener)) }()
	b.Cleanup(func() {
		require.NoError(b, s.Shutdown(context.Background()))
		<-ended
	})
	return "http://" + listener.Addr().String()
}

// pay has all payers pay for a time, and returns transfers per second.
func (f *faces) pay(b *testing.B, url string, lasting time.Duration) float64 {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: payers}}
	defer client.CloseIdleConnections()
	began := time.Now()
	var done atomic.Int64
	var running sync.WaitGroup
	for i := range payers {
		body := `{"receiver_agent_id":"` + f.agents[(i+1)%payers] + `","amount":"0.01"}`
		running.Go(func() {
			for time.Since(began) < lasting {
				request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				request.Header = http.Header{"Authorization": {"Bearer " + f.tokens[i]}, "Content-Type": {"application/json"}, "X-Agent": {f.agents[i]}}
				response, err := client.Do(request)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if response.StatusCode != http.StatusOK {
					b.Error(response.Status)
					return
				}
				done.Add(1)
			}
		})
	}
	running.Wait()
	return float64(done.Load()) / time.Since(began).Seconds()
}

// What all of the middleware costs: transfers over HTTP through the server with tokens,
// limits, log, CORS and headers, against the bare handler on the same engine, turn by
// turn; the median of the ratios. Run it alone:
//
//	go test ./server -run '^$' -bench Face -benchtime 21x
func BenchmarkFace(b *testing.B) {
	f := newFaces(b)
	const lasting = 500 * time.Millisecond
	f.pay(b, f.full+prefix+"/token/transfer", 2*lasting)
	f.pay(b, f.bare, 2*lasting)
	var full, bare, ratios []float64
	for b.Loop() {
		full = append(full, f.pay(b, f.full+prefix+"/token/transfer", lasting))
		bare = append(bare, f.pay(b, f.bare, lasting))
		ratios = append(ratios, full[len(full)-1]/bare[len(bare)-1])
	}
	for unit, values := range map[string][]float64{"server/s": full, "bare/s": bare, "ratio": ratios} {
		slices.Sort(values)
		b.ReportMetric(values[len(values)/2], unit)
	}
}
