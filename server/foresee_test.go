package server_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
)

// foreseen asks before a write what would come of it, as its caller, and returns what
// holds the answer against that; nil where it cannot be asked.
func (a *api) foreseen(method, target, token, body string, headers []string) func(reply) {
	a.t.Helper()
	path, under := strings.CutPrefix(target, prefix)
	if !a.foreseeing || !under || token == "" || method == http.MethodGet || method == http.MethodHead || path == "/explain" {
		return nil
	}
	asked := map[string]any{"method": method, "path": path}
	if body != "" {
		if !json.Valid([]byte(body)) || body[0] != '{' {
			return nil
		}
		asked["body"] = json.RawMessage(body)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] != "Idempotency-Key" || headers[i+1] == "" || asked["idempotency_key"] != nil {
			return nil
		}
		asked["idempotency_key"] = headers[i+1]
	}
	text, err := json.Marshal(asked)
	if err != nil { // a test of what is no JSON
		return nil
	}
	told := a.do(a.request("POST", prefix+"/explain", token, string(text)))
	if told.status != http.StatusOK { // it is none of those that can be explained
		return nil
	}
	return func(came reply) {
		a.t.Helper()
		status, err := told.at("status").(json.Number).Int64()
		require.NoError(a.t, err)
		require.Equal(a.t, came.status, int(status), "%s\nexplained: %s\nanswered: %s", text, told.text, came.text)
		require.Equal(a.t, came.status < 300, told.at("allowed"), told.text)
		require.Equal(a.t, came.header.Get("Idempotency-Replayed") == "true", told.at("replayed"), told.text)
		if came.status < 300 {
			require.Equal(a.t, slices.Sorted(maps.Keys(came.body)), slices.Sorted(maps.Keys(told.at("answer").(map[string]any))))
			require.Nil(a.t, told.at("reason"))
			return
		}
		require.Equal(a.t, came.body, told.at("error"), "the error is the same, with each of its fields")
		require.NotEmpty(a.t, told.at("reason", "rule"))
	}
}
