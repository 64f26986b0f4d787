package client_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth/didkey"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/server/client"
)

// clock is one that a test moves.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// An agent logs in when it first has to, and its tokens are renewed before they end.
func TestLoggingIn(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		agent, key := newHolder(t)
		var hands clock
		c := m.client(client.WithLogin(agent, key), client.WithNow(hands.now), client.WithService("teg"))
		require.Zero(t, m.times("/auth/challenge"))
		for range 3 {
			balance, err := c.GetBalance(ctx)
			require.NoError(t, err)
			require.Equal(t, agent, balance.AgentID)
		}
		require.Equal(t, 1, m.times("/auth/token"))
		hands.advance(59*time.Minute + time.Second)
		_, err := c.GetBalance(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, m.times("/auth/refresh"))
		require.Equal(t, 1, m.times("/auth/token"))

		require.NoError(t, c.EndSession(ctx))
		require.NoError(t, c.EndSession(ctx), "there is none now")
		require.Equal(t, 1, m.times("/auth/revoke"))
		_, err = c.GetBalance(ctx)
		require.NoError(t, err)
		require.Equal(t, 2, m.times("/auth/token"))
	})
}

// Many who find at once that the token is over refresh it once: twice would end the session.
func TestOneRefreshAtATime(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		agent, key := newHolder(t)
		var hands clock
		c := m.client(client.WithLogin(agent, key), client.WithNow(hands.now))
		for round := range 4 {
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() {
					_, err := c.GetBalance(ctx)
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			require.Equal(t, 1, m.times("/auth/token"))
			require.Equal(t, round, m.times("/auth/refresh"))
			hands.advance(time.Hour)
		}
	})
}

// A session that was ended elsewhere is begun anew, once for all who are told so.
func TestASessionThatWasEnded(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		agent, key := newHolder(t)
		c := m.client(client.WithLogin(agent, key))
		_, err := c.GetBalance(ctx)
		require.NoError(t, err)
		require.NoError(t, m.client().Logout(ctx, client.RefreshRequest{RefreshToken: client.RefreshTokenOf(c)}))

		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				_, err := c.GetBalance(ctx)
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.Equal(t, 2, m.times("/auth/token"))
		require.Equal(t, 1, m.times("/auth/refresh"), "it is tried, and refused")
	})
}

// A refresh whose answer was lost is not sent again, as that would end the session: the
// agent logs in.
func TestALostRefresh(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		agent, key := newHolder(t)
		var hands clock
		c := m.client(client.WithLogin(agent, key), client.WithNow(hands.now))
		_, err := c.GetBalance(ctx)
		require.NoError(t, err)
		m.behind(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/api/v1/auth/refresh" {
					panic(http.ErrAbortHandler)
				}
				next.ServeHTTP(w, r)
			})
		})
		hands.advance(time.Hour)
		_, err = c.GetBalance(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, m.times("/auth/refresh"))
		require.Equal(t, 2, m.times("/auth/token"))
	})
}

// Both kinds of keys log in; the lower s of P-256 is what the server asks for, so that one
// login in two would fail without it.
func TestKeysOfAgents(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		public, err := pubkey.New(private.Public())
		require.NoError(t, err)
		for range 16 {
			_, err := m.client(client.WithLogin(didkey.Of(public), private)).GetBalance(ctx)
			require.NoError(t, err)
		}
	})
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	for _, signer := range []crypto.Signer{nil, other, curve} {
		_, err := client.New("http://teg.example", client.WithLogin(alice, signer))
		require.ErrorContains(t, err, "WithLogin")
	}
}

// Nothing is signed but a challenge of this service for this agent.
func TestWhatIsNotSigned(t *testing.T) {
	agent, key := newHolder(t)
	for challenge, service := range map[string]string{
		"please sign":                                    "",
		"teg-login-1|teg|did:example:bob|1|n|c":          "",
		"teg-login-2|teg|" + agent.String() + "|1":       "",
		"teg-login-1|other|" + agent.String() + "|1|n|c": "teg",
		"teg-login-1|%zz|" + agent.String() + "|1|n|c":   "teg",
	} {
		l := &line{answers: []answerer{says(200, `{"challenge":"`+challenge+`","expires_at":"2026-01-01T12:00:00.000000Z"}`)}}
		_, err := stand(t, l, client.WithLogin(agent, key), client.WithService(service)).GetBalance(ctx)
		require.ErrorContains(t, err, "is not signed")
		require.Len(t, l.got, 1)
		require.Empty(t, l.got[0].Header.Get("Authorization"))
	}
}

// Where nobody can log in, the error says so and what was asked for, and the call was not
// sent.
func TestALoginThatFails(t *testing.T) {
	agent, key := newHolder(t)
	l := &line{answers: []answerer{problem(404, "ROUTE_NOT_FOUND")}}
	_, err := pay(stand(t, l, client.WithLogin(agent, key)))
	require.ErrorIs(t, err, client.ErrRouteNotFound)
	require.ErrorContains(t, err, "log in as "+agent.String())
	attempt, _ := client.AttemptOf(err)
	require.Equal(t, "transfer", attempt.Operation)
	require.Zero(t, attempt.Tries)
	require.False(t, attempt.InDoubt)

	down := &line{answers: []answerer{breaks(errDialled)}}
	_, err = pay(stand(t, down, client.WithLogin(agent, key)))
	require.ErrorIs(t, err, errDialled)
	require.Len(t, down.got, 4, "the login was sent again, and then not the whole")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = stand(t, down, client.WithLogin(agent, key)).GetBalance(cancelled)
	require.ErrorIs(t, err, context.Canceled)
}

// A source is asked again where its token is refused, and its next token is sent once.
func TestTokenSources(t *testing.T) {
	given := []string{"old", "new", "new", "new"}
	source := func(context.Context) (string, error) {
		if len(given) == 0 {
			return "", io.EOF
		}
		next := given[0]
		given = given[1:]
		return next, nil
	}
	l := &line{answers: []answerer{problem(401, "AUTH_INVALID_TOKEN"), says(200, paid), problem(401, "AUTH_TOKEN_REVOKED")}}
	c := stand(t, l, client.WithTokenSource(source))
	_, err := pay(c)
	require.NoError(t, err)
	require.Equal(t, "Bearer old", l.got[0].Header.Get("Authorization"))
	require.Equal(t, "Bearer new", l.got[1].Header.Get("Authorization"))
	require.Equal(t, l.got[0].Header.Get("Idempotency-Key"), l.got[1].Header.Get("Idempotency-Key"))
	_, err = pay(c)
	require.ErrorIs(t, err, client.ErrTokenRevoked)
	require.Len(t, l.got, 3, "it has no other token")
	_, err = pay(c)
	require.ErrorIs(t, err, io.EOF)
	_, err = c.GetLiveness(ctx)
	require.ErrorIs(t, err, client.ErrTokenRevoked)
	require.Empty(t, l.got[3].Header.Get("Authorization"), "it needs none")
	_, err = c.GetReputation(ctx, did.MustParse("did:example:bob"))
	require.ErrorIs(t, err, io.EOF, "it would tell more with one")
}
