package client_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

// No error repeats a password or a token, and no client that is printed.
func TestWhatIsSecretStaysSo(t *testing.T) {
	for _, base := range []string{"http://user:se cret@teg.example", "ftp://user:secret@teg.example", "user:secret@teg.example", "http://user:secret@teg.example:x", "http://user:secret/x@teg.example", "http://user:%cret@teg.example"} {
		_, err := client.New(base)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "cret")
	}
	const tokens = `{"access_token":"tok-en","refresh_token":"tok-en","token_type":"Bearer"`
	for _, answer := range []answerer{says(200, tokens), says(200, tokens+`}`), says(200, tokens, "Content-Type", "text/plain"), says(201, tokens)} {
		c := stand(t, &line{answers: []answerer{answer}})
		_, login := c.Login(ctx, client.LoginRequest{AgentDID: bob})
		_, refresh := c.Refresh(ctx, client.RefreshRequest{RefreshToken: "tok-en"})
		_, invited := c.IssueBootstrapToken(ctx, client.InvitationRequest{})
		for _, err := range []error{login, refresh, invited} {
			var unexpected *client.UnexpectedAnswerError
			require.ErrorAs(t, err, &unexpected)
			require.Empty(t, unexpected.Body)
			require.NotContains(t, err.Error(), "tok-en")
		}
	}
	agent, key := newHolder(t)
	loggedIn := stand(t, &line{answers: []answerer{
		says(200, `{"challenge":"teg-login-1|teg|`+agent.String()+`|1|n|c","expires_at":"2026-01-01T12:00:00Z"}`),
		says(200, tokens+`,"expires_in":3600}`), problem(403, "AUTH_FORBIDDEN"),
	}}, client.WithLogin(agent, key))
	_, err := loggedIn.GetBalance(ctx)
	require.ErrorIs(t, err, client.ErrForbidden)
	require.Equal(t, "tok-en", client.RefreshTokenOf(loggedIn))
	for _, c := range []*client.Client{loggedIn, stand(t, &line{}, client.WithToken("tok-en"))} {
		for _, form := range []string{"%v", "%+v", "%#v"} {
			require.NotContains(t, fmt.Sprintf(form, c), "tok-en")
		}
	}
}

// What cannot work is refused when the client is made, and nothing panics.
func TestOptionsThatCannotWork(t *testing.T) {
	agent, key := newHolder(t)
	for name, option := range map[string]client.Option{
		"a line end": client.WithToken("tok-en\n"), "no source": client.WithTokenSource(nil), "no client": client.WithHTTPClient(nil),
		"no DID": client.WithLogin(did.DID{}, key), "half a key": client.WithLogin(agent, ed25519.PrivateKey("half")),
		"nil of a type": client.WithLogin(agent, (*ecdsa.PrivateKey)(nil)), "an empty key": client.WithLogin(agent, &ecdsa.PrivateKey{}),
		"two lines": client.WithUserAgent("a\nb"),
	} {
		_, err := client.New("http://teg.example", option)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "tok-en")
	}
	l := &line{answers: []answerer{says(200, paid)}}
	_, err := pay(stand(t, l, client.WithTokenSource(func(context.Context) (string, error) { return "tok-en\r\nX-Other: 1", nil })))
	require.ErrorContains(t, err, "line end")
	require.NotContains(t, err.Error(), "tok-en")
	require.Empty(t, l.got)
	attempt, _ := client.AttemptOf(err)
	require.False(t, attempt.InDoubt)
}

// A login of which nobody knows what became is begun anew, with another challenge; so is the
// end of a session.
func TestALoginThatIsLost(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		var lost sync.Map // the paths of which one answer was lost
		m.behind(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, again := lost.LoadOrStore(r.URL.Path, true); !again && strings.Contains(r.URL.Path, "/auth/") {
					panic(http.ErrAbortHandler)
				}
				next.ServeHTTP(w, r)
			})
		})
		agent, key := newHolder(t)
		c := m.client(client.WithLogin(agent, key))
		_, err := c.GetBalance(ctx)
		require.NoError(t, err)
		require.Equal(t, 3, m.times("/auth/challenge"))
		require.Equal(t, 2, m.times("/auth/token"))
		require.NoError(t, c.EndSession(ctx))
		require.Equal(t, 2, m.times("/auth/revoke"))

		_, err = c.GetBalance(ctx)
		require.NoError(t, err)
		gone, cancel := context.WithCancel(ctx)
		cancel()
		lost.Delete("/api/v1/auth/revoke")
		require.Error(t, c.EndSession(gone))
		require.NoError(t, c.EndSession(ctx))
		require.Equal(t, 4, m.times("/auth/revoke"), "it was ended the second time")
	})
}
