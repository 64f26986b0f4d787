package server_test

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/agentvault/teg-layer/server"
	"github.com/agentvault/teg-layer/teg"
)

// What a transfer over HTTP costs, beside the same transfer from Go and beside
// a request that is refused for its shape, which is nearly all that the face
// itself does.
func BenchmarkTransfer(b *testing.B) {
	m := newMarket(b, func(c *server.Config) { c.Logger = slog.New(slog.NewJSONHandler(io.Discard, nil)) })
	send := func(b *testing.B, status int, body string) {
		b.ReportAllocs()
		for b.Loop() {
			request := httptest.NewRequest("POST", "http://teg.example"+prefix+"/token/transfer", strings.NewReader(body))
			request.Header.Set("Authorization", "Bearer "+m.aliceToken)
			request.Header.Set("Content-Type", "application/json")
			recorder := httptest.NewRecorder()
			if m.server.ServeHTTP(recorder, request); recorder.Code != status {
				b.Fatal(recorder.Body.String())
			}
		}
	}
	b.Run("http", func(b *testing.B) { send(b, 200, `{"receiver_agent_id":"did:example:bob","amount":"0.01"}`) })
	b.Run("refused", func(b *testing.B) { send(b, 422, `{"receiver_agent_id":"did:example:bob","amount":"0"}`) })
	b.Run("go", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.engine.Transfer(ctx(), teg.TransferParams{From: m.alice, To: m.bob, Amount: teg.AVT("0.01")}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
