package teg_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

// What an event tells of conduct has its names in order and no white space, and tells
// all that became of scores.
func TestEventsTellOfConduct(t *testing.T) {
	t.Parallel()
	st := storetest.OpenSQLite(t)
	saidBooks(t, st)
	events, err := st.Reader().AuditEvents(t.Context(), 0, 100)
	require.NoError(t, err)
	told := map[string]map[string]any{} // the last of each action
	for _, event := range events {
		var body map[string]any
		require.NoError(t, json.Unmarshal(event.Body, &body))
		var again bytes.Buffer
		e := json.NewEncoder(&again)
		e.SetEscapeHTML(false)
		require.NoError(t, e.Encode(body)) // sorts the names of maps
		require.Equal(t, again.String(), string(event.Body)+"\n")
		told[event.Action] = body
	}
	change := func(agent, reason string, points, score, seq float64) []any {
		return []any{map[string]any{"agent": "did:example:" + agent, "reason": reason, "requested": points, "applied": points, "score": score, "seq": seq}}
	}
	require.Equal(t, change("bob", "signal", -1, 0, 2), told["signal"]["scores"])
	report := told["report_outcome"]
	require.Equal(t, change("erin", "avtp_disputed", -2, 0, 2), report["scores"])
	require.Equal(t, []any{"a", "b", "did:example:erin"}, []any{report["service"], report["sla"], report["actor"]})
	_, err = teg.ParseTransactionID(report["payment"].(string))
	require.NoError(t, err)
	require.NotContains(t, report, "final")
}
