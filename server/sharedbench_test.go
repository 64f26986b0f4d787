package server_test

import (
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// What the shared cache gains in a server: public reads by 16 callers at once through the
// whole of the server, without a cache and with one, by turns. "gain" is how often as many
// are answered with it; in "changing" scores change before each turn. Run it alone:
//
//	go test ./server -run '^$' -bench SharedReads -benchtime 9x
func BenchmarkSharedReads(b *testing.B) {
	for name, open := range map[string]func(testing.TB) store.Store{
		"sqlite": storetest.OpenSQLite, "postgres": storetest.OpenPostgres,
	} {
		b.Run(name, func(b *testing.B) {
			const agents = 2000
			plain := newMarketOn(b, open(b))
			cached := over(b, plain.engine, sharing(b, uuid.NewString(), new(tally)))
			for i := range agents {
				tegtest.Fund(b, plain.engine, fmt.Sprintf("did:example:agent-%d", i), "1")
			}
			for _, path := range []string{"/reputation/rankings?limit=50", "/reputation/rankings?limit=50&offset=1500", "/reputation/did:example:bob"} {
				b.Run("still"+path, func(b *testing.B) { compareReads(b, plain.server, cached.server, path, func() {}) })
				b.Run("changing"+path, func(b *testing.B) {
					compareReads(b, plain.server, cached.server, path, func() { sayOn(b, cached, plain) })
				})
			}
		})
	}
}

// sayOn has alice praise bob on the server with the cache.
func sayOn(b *testing.B, on *api, m *market) {
	paid, err := m.engine.Transfer(ctx(), teg.TransferParams{From: m.alice, To: m.bob, Amount: teg.AVT("0.01")})
	if err != nil {
		b.Fatal(err)
	}
	on.post("/token/"+paid.TransactionID.String()+"/reputation-signal", m.aliceToken, `{"signal_value":1}`).is(200, "")
}

func compareReads(b *testing.B, plain, cached *server.Server, path string, before func()) {
	var without, with time.Duration
	for b.Loop() {
		b.StopTimer()
		before()
		b.StartTimer()
		without += readMany(b, plain, path)
		with += readMany(b, cached, path)
	}
	b.ReportMetric(float64(without)/float64(with), "gain")
}

// readMany has 16 callers read 50 times each.
func readMany(b *testing.B, s *server.Server, path string) time.Duration {
	began := time.Now()
	var reading sync.WaitGroup
	for range 16 {
		reading.Go(func() {
			for range 50 {
				w := httptest.NewRecorder()
				if s.ServeHTTP(w, httptest.NewRequest("GET", "http://teg.example"+prefix+path, nil)); w.Code != 200 {
					b.Error(w.Body.String())
					return
				}
			}
		})
	}
	reading.Wait()
	return time.Since(began)
}
