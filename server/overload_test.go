package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// slowPayment is a transfer whose body has not arrived yet.
type slowPayment struct {
	body   *io.PipeWriter
	answer chan int
}

func (m *market) paySlowly() slowPayment {
	reader, writer := io.Pipe()
	request := httptest.NewRequest("POST", "http://teg.example"+prefix+"/token/transfer", reader)
	request.Header.Set("Authorization", "Bearer "+m.aliceToken)
	request.Header.Set("Content-Type", "application/json")
	p := slowPayment{writer, make(chan int, 1)}
	go func() {
		recorder := httptest.NewRecorder()
		m.server.ServeHTTP(recorder, request)
		p.answer <- recorder.Code
	}()
	return p
}

// A server that works on as many requests as it takes refuses one more at once, says
// when to come back, goes on to answer those who watch over it, serves whom it let in,
// and takes others when there is room again.
func TestOverload(t *testing.T) {
	t.Parallel()
	m := newMarket(t, func(c *server.Config) { c.MaxConcurrent = 2 })
	first, second := m.paySlowly(), m.paySlowly()
	underWay := func(n int64) func() bool {
		return func() bool { now, _ := m.server.Load(); return now == n }
	}
	require.Eventually(t, underWay(2), time.Minute, time.Millisecond)
	for _, method := range []string{"GET", "OPTIONS", "DELETE"} {
		r := m.send(method, prefix+"/token/balance", m.aliceToken, "").is(503, "SYS_UNAVAILABLE")
		require.Equal(t, "1", r.header.Get("Retry-After"))
		require.NotEmpty(t, r.header.Get("X-Request-ID"))
	}
	for _, path := range []string{"/health", "/health/live", "/health/ready"} {
		m.send("GET", path, "", "").is(200, "")
	}
	pay := []byte(`{"receiver_agent_id":"did:example:bob","amount":"1"}`)
	for _, p := range []slowPayment{first, second} {
		_, err := p.body.Write(pay)
		require.NoError(t, err)
		require.NoError(t, p.body.Close())
		require.Equal(t, 200, <-p.answer)
	}
	require.Eventually(t, underWay(0), time.Minute, time.Millisecond)
	m.get("/token/balance", m.aliceToken).is(200, "")
	_, refused := m.server.Load()
	require.EqualValues(t, 3, refused)
	require.Equal(t, "2", tegtest.Available(t, m.engine, m.bob))
}

// What those see who are refused, and that the others are served: 64 callers at a server
// that takes eight at once, for a second each time.
func BenchmarkOverload(b *testing.B) {
	m := newMarketOn(b, storetest.OpenSQLite(b), func(c *server.Config) { c.MaxConcurrent = 8 })
	url := serveOn(b, server.Listener, m.server) + prefix + "/token/transfer"
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: payers}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var refusals []time.Duration
	var served int
	pay := func() int {
		request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"receiver_agent_id":"did:example:bob","amount":"0.01"}`))
		if err != nil {
			b.Error(err)
			return 0
		}
		request.Header = http.Header{"Authorization": {"Bearer " + m.aliceToken}, "Content-Type": {"application/json"}}
		began := time.Now()
		response, err := client.Do(request)
		if err != nil {
			b.Error(err)
			return 0
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		mu.Lock()
		defer mu.Unlock()
		if served++; response.StatusCode == http.StatusServiceUnavailable {
			served--
			refusals = append(refusals, time.Since(began))
		}
		return response.StatusCode
	}
	var recovery time.Duration
	for b.Loop() {
		began := time.Now()
		var running sync.WaitGroup
		for range payers {
			running.Go(func() {
				for time.Since(began) < time.Second && pay() != 0 {
				}
			})
		}
		running.Wait()
		ended := time.Now()
		for pay() == http.StatusServiceUnavailable {
		}
		recovery = max(recovery, time.Since(ended))
	}
	slices.Sort(refusals)
	if len(refusals) == 0 {
		b.Fatal("nobody was refused")
	}
	b.ReportMetric(float64(refusals[len(refusals)/2].Microseconds())/1000, "median-refusal-ms")
	b.ReportMetric(float64(refusals[len(refusals)*99/100].Microseconds())/1000, "p99-refusal-ms")
	b.ReportMetric(float64(served)/b.Elapsed().Seconds(), "served/s")
	b.ReportMetric(float64(len(refusals))/b.Elapsed().Seconds(), "refused/s")
	b.ReportMetric(float64(recovery.Microseconds())/1000, "recovery-ms")
}
