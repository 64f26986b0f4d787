package client_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

// A base URL is taken with the prefix of the API and without it.
func TestWhereRequestsGo(t *testing.T) {
	for base, want := range map[string][2]string{
		"http://teg.example":                 {"http://teg.example/api/v1/token/balance", "http://teg.example/health/live"},
		"http://teg.example/":                {"http://teg.example/api/v1/token/balance", "http://teg.example/health/live"},
		"https://teg.example:8443/api/v1":    {"https://teg.example:8443/api/v1/token/balance", "https://teg.example:8443/health/live"},
		"https://teg.example/api/v1/":        {"https://teg.example/api/v1/token/balance", "https://teg.example/health/live"},
		"https://host.example/teg":           {"https://host.example/teg/api/v1/token/balance", "https://host.example/teg/health/live"},
		"https://host.example/teg%2F/api/v1": {"https://host.example/teg%2F/api/v1/token/balance", "https://host.example/teg%2F/health/live"},
	} {
		require.Equal(t, want, whereOf(t, base), base)
	}
	require.Equal(t, [2]string{"http://teg.example/economy/token/balance", "http://teg.example/health/live"},
		whereOf(t, "http://teg.example/economy", client.WithPrefix("economy/")))
	require.Equal(t, [2]string{"http://teg.example/token/balance", "http://teg.example/health/live"},
		whereOf(t, "http://teg.example", client.WithPrefix("")))
	for _, base := range []string{"", "teg.example", "ftp://teg.example", "http://", "http://user:secret@teg.example", "http://teg.example?a=b", "http://teg.example#a", "http://%zz"} {
		_, err := client.New(base)
		require.Error(t, err, base)
		require.NotContains(t, err.Error(), "secret")
	}
}

// whereOf is where a client of a base URL asks for a balance, and for the server's life.
func whereOf(t *testing.T, base string, options ...client.Option) (where [2]string) {
	t.Helper()
	l := &line{answers: []answerer{problem(403, "AUTH_FORBIDDEN")}}
	at, err := client.New(base, append([]client.Option{client.WithHTTPClient(&http.Client{Transport: l})}, options...)...)
	require.NoError(t, err)
	_, _ = at.GetBalance(context.Background())
	_, _ = at.GetLiveness(context.Background())
	return [2]string{l.got[0].URL.String(), l.got[1].URL.String()}
}

// What stands in a path stays one part of it, and is not left out.
func TestPaths(t *testing.T) {
	l := &line{answers: []answerer{problem(404, "BIZ_ENTITY_NOT_FOUND")}}
	c := stand(t, l)
	for key, want := range map[string]string{
		"order-17": "order-17", "a/b": "a%2Fb", "..": "%2E%2E", ".": "%2E", "a?b#c%2Fd": "a%3Fb%23c%252Fd", "a..": "a..",
	} {
		_, err := c.GetOperation(context.Background(), key)
		require.ErrorIs(t, err, client.ErrEntityNotFound)
		require.Equal(t, "http://teg.example/api/v1/token/operations/"+want, l.got[len(l.got)-1].URL.String())
	}
	_, err := c.GetReputation(context.Background(), did.MustParse("did:web:localhost%3A8443:a"))
	require.ErrorIs(t, err, client.ErrEntityNotFound)
	require.Equal(t, "/api/v1/reputation/did:web:localhost%253A8443:a", l.got[len(l.got)-1].URL.EscapedPath())
	_, err = c.GetTile(context.Background(), "0/x001/../234.p/17")
	require.ErrorIs(t, err, client.ErrEntityNotFound)
	require.Equal(t, "/api/v1/log/tile/0/x001/%2E%2E/234.p/17", l.got[len(l.got)-1].URL.EscapedPath())

	asked := len(l.got)
	for _, call := range []func() error{
		func() error { _, err := c.GetTransaction(context.Background(), ""); return err },
		func() error { _, err := c.DeactivatePolicy(context.Background(), ""); return err },
		func() error { _, err := c.GetReputation(context.Background(), did.DID{}); return err },
	} {
		require.ErrorContains(t, call(), "is empty")
	}
	require.Len(t, l.got, asked, "none was sent, as it would have been another route")
}

// What may be left out can be, and what is said of it is sent even if it is nothing.
func TestWhatIsLeftOut(t *testing.T) {
	for want, request := range map[string]any{
		`{}`:                                   client.RefundRequest{},
		`{"amount":"0"}`:                       client.RefundRequest{Amount: new(amount.Amount)},
		`{"amount":"1.5","message":"sorry"}`:   client.RefundRequest{Amount: new(amount.MustParse("1.5")), Message: "sorry"},
		`{"description":"","is_active":false}`: client.PolicyChangeRequest{Description: new(""), IsActive: new(false)},
		`{"code":"FAN_IN","thresholds":{"least":3,"sum":"2.5"}}`:          client.RuleChange{Code: "FAN_IN", Thresholds: map[string]client.Threshold{"least": client.Count(3), "sum": client.AVT(amount.MustParse("2.5"))}},
		`{"system_account_type":"treasury","amount":"1"}`:                 client.SystemTransferRequest{Amount: amount.MustParse("1")},
		`{"reward_percentage":"2.5"}`:                                     client.CycleRequest{RewardPercentage: new(client.MustParsePercent("2.50"))},
		`{"frivolous":true,"resolution_notes":"","resolution_status":""}`: client.ResolutionRequest{Frivolous: true},
	} {
		text, err := json.Marshal(request)
		require.NoError(t, err)
		require.JSONEq(t, want, string(text))
	}
	r, c := record(t)
	r.status, r.answer = 403, []byte(`{"error_code":"AUTH_FORBIDDEN","message":"words"}`)
	_, err := c.SetRoles(context.Background(), client.RolesRequest{AgentID: bob, Reason: "good again"})
	require.ErrorIs(t, err, client.ErrForbidden)
	require.JSONEq(t, `{"agent_id":"did:example:bob","revoked_roles":[],"reason":"good again"}`, string(r.body))
}

func TestValues(t *testing.T) {
	var p client.Percent
	require.NoError(t, json.Unmarshal([]byte(`"100.0"`), &p))
	require.Equal(t, client.PercentOf(amount.Percent(100)), p)
	require.NoError(t, json.Unmarshal([]byte(`0.5`), &p))
	require.Equal(t, amount.Fraction("0.005"), p.Rate())
	for _, bad := range []string{`"101"`, `"1%"`, `"0.00001"`, `null`, `""`, `"`, `1e1`, `true`} {
		require.Error(t, json.Unmarshal([]byte(bad), &p), bad)
	}
	require.Equal(t, "0.5", p.String())

	var th client.Threshold
	for _, good := range []string{`3`, `"2.5"`, `0`, `"7"`} {
		require.NoError(t, json.Unmarshal([]byte(good), &th))
		text, err := json.Marshal(th)
		require.NoError(t, err)
		require.Equal(t, good, string(text))
	}
	require.Equal(t, amount.MustParse("7"), th.Amount())
	for _, bad := range []string{`-1`, `1e3`, `null`, `"x"`} {
		require.Error(t, json.Unmarshal([]byte(bad), &th), bad)
	}

	var h client.LogHash
	require.Error(t, h.UnmarshalText([]byte("AAAA")))
	require.NoError(t, h.UnmarshalText([]byte("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")))
	require.Equal(t, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", h.String())
}
