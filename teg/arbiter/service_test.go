package arbiter_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/arbiter"
)

const token = "a-token-that-nobody-is-to-see"

var (
	number = dispute.ID{0xaa}
	filed  = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
)

// asked is a request as the service got it.
type asked struct {
	Method, Path, Key, Auth, Type string
	Body                          map[string]any
}

// court answers as it is told, and remembers what it was asked.
type court struct {
	seen   []asked
	answer http.HandlerFunc
}

func (c *court) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	a := asked{r.Method, r.URL.Path, r.Header.Get("Idempotency-Key"), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), nil}
	_ = json.Unmarshal(text, &a.Body)
	c.seen = append(c.seen, a)
	c.answer(w, r)
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, body)
	}
}

func open(t *testing.T, answer http.HandlerFunc) (*court, *arbiter.Service) {
	c := &court{answer: answer}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	service, err := arbiter.New(arbiter.Config{URL: server.URL + "/v1/", Token: token})
	require.NoError(t, err)
	return c, service
}

func theCase() teg.Case {
	return teg.Case{
		Dispute: number, Claimant: teg.Agent("did:test:a"), Defendant: teg.Agent("did:test:b"), CauseKind: "hold", CauseID: "hold_1",
		Reason: "NOT_DELIVERED", Description: "nothing came 💬", Value: teg.AVT("12.5"), FiledAt: filed, Deadline: filed.Add(time.Hour),
	}
}

func TestWhatIsSent(t *testing.T) {
	c, service := open(t, status(http.StatusCreated))
	require.NoError(t, service.Open(context.Background(), theCase()))
	require.NoError(t, service.Submit(context.Background(), teg.CaseEvidence{Dispute: number, Seq: 3, By: teg.Agent("did:test:b"), Pointer: "ipfs://x", At: filed}))
	require.Equal(t, []asked{
		{"POST", "/v1/cases", number.String(), "Bearer " + token, "application/json", map[string]any{
			"case_id": number.String(), "claimant_agent_id": "did:test:a", "defendant_agent_id": "did:test:b",
			"cause": map[string]any{"kind": "hold", "id": "hold_1"}, "reason_code": "NOT_DELIVERED", "description": "nothing came 💬",
			"value": "12.5", "filed_at": "2026-11-29T12:00:00.000000Z", "deadline": "2026-11-29T13:00:00.000000Z",
		}},
		{"POST", "/v1/cases/" + number.String() + "/evidence", number.String() + "#3", "Bearer " + token, "application/json", map[string]any{
			"seq": 3.0, "submitted_by": "did:test:b", "evidence_pointer": "ipfs://x", "submitted_at": "2026-11-29T12:00:00.000000Z",
		}},
	}, c.seen)
	c.answer = status(http.StatusConflict)
	require.NoError(t, service.Open(context.Background(), theCase()), "it has the case already")
}

func TestRuling(t *testing.T) {
	c, service := open(t, status(http.StatusNoContent))
	_, ruled, err := service.Ruling(context.Background(), number)
	require.NoError(t, err)
	require.False(t, ruled)
	require.Equal(t, asked{Method: "GET", Path: "/v1/cases/" + number.String() + "/ruling", Auth: "Bearer " + token}, c.seen[0])
	c.answer = says(`{"resolution_status":"RESOLVED_FAVOR_CLAIMANT","resolution_notes":"so it is","token_penalty":"12.5","hold":"void","more":1}`)
	got, ruled, err := service.Ruling(context.Background(), number)
	require.NoError(t, err)
	require.True(t, ruled)
	sum := teg.AVT("12.5")
	require.Equal(t, teg.Ruling{Resolution: dispute.FavorClaimant, Notes: "so it is", Penalty: &sum, Hold: "void"}, got)
	c.answer = status(http.StatusNotFound)
	_, _, err = service.Ruling(context.Background(), number)
	require.ErrorIs(t, err, teg.ErrNotFound, "the case is to be opened again")
}

// Nothing that a service answers counts as a ruling but one, and its words are in no
// error.
func TestHostileAnswers(t *testing.T) {
	good := `{"resolution_status":"RESOLVED_SPLIT","resolution_notes":"n"}`
	html := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>"+good) }
	for name, answer := range map[string]http.HandlerFunc{
		"nothing":                says(""),
		"no object":              says(`"RESOLVED_SPLIT"`),
		"half":                   says(good[:20]),
		"two":                    says(good + good),
		"no resolution":          says(`{"resolution_notes":"n"}`),
		"another resolution":     says(`{"resolution_status":"REJECTED","resolution_notes":"n"}`),
		"an unknown resolution":  says(`{"resolution_status":"GUILTY","resolution_notes":"n"}`),
		"no notes":               says(`{"resolution_status":"RESOLVED_SPLIT"}`),
		"endless notes":          says(`{"resolution_status":"RESOLVED_SPLIT","resolution_notes":"` + strings.Repeat("n", 2001) + `"}`),
		"NUL":                    says(`{"resolution_status":"RESOLVED_SPLIT","resolution_notes":"a\u0000"}`),
		"bad UTF-8":              says("{\"resolution_status\":\"RESOLVED_SPLIT\",\"resolution_notes\":\"\xff\"}"),
		"a penalty of nobody":    says(`{"resolution_status":"RESOLVED_SPLIT","resolution_notes":"n","token_penalty":"1"}`),
		"a penalty below zero":   says(`{"resolution_status":"RESOLVED_FAVOR_CLAIMANT","resolution_notes":"n","token_penalty":"-1"}`),
		"a penalty that's large": says(`{"resolution_status":"RESOLVED_FAVOR_CLAIMANT","resolution_notes":"n","token_penalty":"1e9"}`),
		"a hold's end":           says(`{"resolution_status":"RESOLVED_SPLIT","resolution_notes":"n","hold":"burn"}`),
		"too much":               says(`{"a":"` + strings.Repeat("x", 64<<10) + `"}`),
		"another type":           html,
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/"+good, http.StatusFound)
		},
		"forbidden": status(http.StatusForbidden),
		"a teapot":  status(http.StatusTeapot),
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, good)
		},
		"dropped": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"another protocol": func(w http.ResponseWriter, _ *http.Request) { // and then nothing, for ever
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				t.Cleanup(func() { _ = conn.Close() })
				_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
			}
		},
		"the token, in a status": func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 "+token+"\r\n\r\n")
				_ = conn.Close()
			}
		},
		"another case": says(`{"case_id":"disp_00000000000000000000000000000000","resolution_status":"RESOLVED_SPLIT","resolution_notes":"n"}`),
		"down":         status(http.StatusBadGateway),
		"busy":         status(http.StatusTooManyRequests),
	} {
		_, service := open(t, answer)
		_, ruled, err := service.Ruling(context.Background(), number)
		require.Error(t, err, name)
		require.False(t, ruled, name)
		require.NotContains(t, err.Error(), token, name)
		require.NotContains(t, err.Error(), "database", name)
		require.NotContains(t, err.Error(), "/v1", name, "keys of services stand in paths")
		require.NotContains(t, err.Error(), "resolution_notes\":", name)
		if name == "down" || name == "busy" || name == "dropped" || name == "cut off" {
			require.ErrorIs(t, err, teg.ErrUnavailable, name)
		}
	}
	_, service := open(t, status(http.StatusFound))
	require.Error(t, service.Open(context.Background(), theCase()), "a redirect is no success")
}

func TestUnreachable(t *testing.T) {
	service, err := arbiter.New(arbiter.Config{URL: "http://127.0.0.1:1", Token: token})
	require.NoError(t, err)
	err = service.Open(context.Background(), theCase())
	require.ErrorIs(t, err, teg.ErrUnavailable)
	require.NotContains(t, err.Error(), token)

	hangs := make(chan struct{})
	_, slow := open(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hangs:
		case <-r.Context().Done():
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, _, err = slow.Ruling(ctx, number)
	require.ErrorIs(t, err, teg.ErrUnavailable)
	close(hangs)
}

func TestConfig(t *testing.T) {
	for text, ok := range map[string]bool{
		"https://court.example/v1": true, "https://court.example/": true, "http://127.0.0.1:8080": true, "http://localhost/x": true, "http://[::1]:9/x": true,
		"http://court.example": false, "": false, "court.example": false, "ftp://court.example": false, "https://u:p@court.example": false,
		"https://court.example?x=1": false, "https://court.example#x": false, "http://10.0.0.1": false, "https://": false, "https://a b": false,
	} {
		_, err := arbiter.New(arbiter.Config{URL: text})
		require.Equal(t, ok, err == nil, "%q: %v", text, err)
	}
	_, err := arbiter.New(arbiter.Config{URL: "https://court.example", Token: "a\nb"})
	require.Error(t, err)
}
