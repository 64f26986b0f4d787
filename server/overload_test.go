package server_test

import (
	"io"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server"
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
