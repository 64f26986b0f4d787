package remote

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

const twoEvents = "retry: 2000\nid: 3\n\n" +
	`id: 4` + "\nevent: transfer\n" + `data: {"entry_id":"evt_019ae1f2c37a7b3f9d2c5e8a1b4f6077","position":4,"actor":"did:example:alice","action":"transfer","timestamp":"2026-11-01T00:00:00.000000Z","request_id":null,"ids":["tx_1"],"body":{"sender":"did:example:alice","receiver":"did:example:bob","amount":"5"}}` + "\n\n" +
	`id: 5` + "\nevent: suspend_agent\n" + `data: {"entry_id":"evt_019ae1f2c37a7b3f9d2c5e8a1b4f6078","position":5,"actor":null,"action":"suspend_agent","timestamp":"2026-11-01T00:00:01.000000Z","request_id":null,"ids":[],"body":{"agent":"did:example:b\u001b[2Job"}}` + "\n\n: end\n\n"

// Events are one line each, and ask for what the flags say.
func TestEvents(t *testing.T) {
	s := newStand(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, twoEvents)
	})
	code, stdout, stderr := s.run("events", "--type", "transfer,suspend_agent", "--agent", "did:example:bob", "--after", "3")
	require.Zero(t, code, stderr)
	require.Equal(t, "4  2026-11-01T00:00:00.000000Z  transfer  from=did:example:alice  to=did:example:bob  amount=5  ids=tx_1\n"+
		"5  2026-11-01T00:00:01.000000Z  suspend_agent  agent=did:example:b\\x1b[2Job\n", stdout)
	require.Equal(t, "after=3&agent_id=did%3Aexample%3Abob&follow=false&types=transfer%2Csuspend_agent", s.got[0].URL.RawQuery)
	code, stdout, stderr = s.run("events", "--json")
	require.Zero(t, code, stderr)
	require.Regexp(t, `^\{"entry_id":.*\}\n\{.*\}\n$`, stdout)
	require.Equal(t, "follow=false", s.got[1].URL.RawQuery)

	refused := newStand(t, saying(410, `{"error_code":"BIZ_EXPIRED","message":"the events before position 512 were archived"}`))
	code, _, stderr = refused.run("events", "--after", "1", "--follow")
	require.NotZero(t, code)
	require.Contains(t, stderr, "512")
	require.Equal(t, "after=1", refused.got[0].URL.RawQuery)
	code, _, _ = refused.run("events", "--after", "x")
	require.Equal(t, 2, code)
}
