package auth_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
)

func TestVerifyReadsTheClaims(t *testing.T) {
	id, err := verify(t, config(), forge(hs256, claims(`,"roles":["auditor","root","auditor"],"jti":"t1","iss":"x","more":{"a":1.5}`)))
	require.NoError(t, err)
	require.Equal(t, auth.Identity{
		Agent: alice, Roles: auth.RolesOf(auth.Agent, auth.Auditor), Issuer: "x", TokenID: "t1",
		IssuedAt: now, Expires: now.Add(time.Hour),
	}, id)
	id, err = verify(t, config(), forge(hs256, claims("")))
	require.NoError(t, err)
	require.Equal(t, auth.RolesOf(auth.Agent), id.Roles)
	_, err = verify(t, config(), "")
	require.ErrorIs(t, err, auth.ErrMissing)
}

func TestVerifyAllowsForSkewAndFractions(t *testing.T) {
	for _, times := range []string{
		`"iat":1800000030,"exp":1800003600`, `"iat":1799996400,"exp":1799999971`, `"iat":1800000000.5,"exp":1800003600.25`,
		`"iat":1.8e9,"exp":1800003600`, `"iat":1800000000,"exp":1800086400`, `"iat":1800000000,"exp":1800003600,"nbf":1800000030`,
	} {
		_, err := verify(t, config(), forge(hs256, `{"sub":"did:web:alice.example",`+times+`}`))
		require.NoError(t, err, times)
	}
}

func TestVerifyBoundsRolesByIssuer(t *testing.T) {
	c := config()
	c.IssuerRoles = map[string]auth.Roles{"a": auth.AllRoles(), "b": auth.RolesOf(auth.Auditor)}
	for issuer, want := range map[string]string{
		`,"iss":"a"`: "agent,auditor,admin", `,"iss":"b"`: "agent,auditor", `,"iss":"c"`: "agent", ``: "agent",
	} {
		id, err := verify(t, c, forge(hs256, claims(`,"roles":["admin","auditor"]`+issuer)))
		require.NoError(t, err)
		require.Equal(t, want, id.Roles.String(), issuer)
	}
	c.IssuerRoles[auth.AnyIssuer] = auth.RolesOf(auth.Admin)
	id, err := verify(t, c, forge(hs256, claims(`,"roles":["admin","auditor"],"iss":"c"`)))
	require.NoError(t, err)
	require.Equal(t, "agent,admin", id.Roles.String())
}

type revoked map[string]bool

func (r revoked) Revoked(session string) bool { return r[session] }

func TestVerifyAsksForRevocationEveryTime(t *testing.T) {
	list := revoked{}
	c := config()
	c.Revocations = list
	v, err := auth.New(c)
	require.NoError(t, err)
	token := forge(hs256, claims(`,"jti":"t1","sid":"ses_1"`))
	id, err := v.Verify(context.Background(), token)
	require.NoError(t, err)
	require.Equal(t, "ses_1", id.Session)
	list["t1"], list[""] = true, true
	_, err = v.Verify(context.Background(), token)
	require.NoError(t, err, "it is sessions that end")
	_, err = v.Verify(context.Background(), forge(hs256, claims("")))
	require.NoError(t, err, "what belongs to no session does not end with one")
	list["ses_1"] = true
	_, err = v.Verify(context.Background(), token)
	require.ErrorIs(t, err, auth.ErrRevoked)
	require.NotErrorIs(t, err, auth.ErrInvalid)
}

func TestNewRefusesWeakSecrets(t *testing.T) {
	_, err := auth.New(auth.Config{Secret: []byte("a secret of thirty-one bytes...")})
	require.ErrorContains(t, err, "31 bytes")
	require.NotContains(t, err.Error(), "thirty-one")
	_, err = auth.New(auth.Config{})
	require.Error(t, err)
	_, err = auth.NewSigner(auth.Config{Secret: []byte("short")}, nil)
	require.Error(t, err)
}

func TestBearer(t *testing.T) {
	token, err := auth.Bearer(http.Header{"Authorization": {"bearer  abc"}})
	require.NoError(t, err)
	require.Equal(t, "abc", token)
	for _, missing := range []http.Header{{}, {"Authorization": {"Bearer"}}, {"Authorization": {"Bearer  "}}} {
		_, err = auth.Bearer(missing)
		require.ErrorIs(t, err, auth.ErrMissing)
	}
	for _, invalid := range []http.Header{{"Authorization": {"Basic abc"}}, {"Authorization": {"Bearer a", "Bearer b"}}} {
		_, err = auth.Bearer(invalid)
		require.ErrorIs(t, err, auth.ErrInvalid)
	}
}

func TestRolesHaveTextForms(t *testing.T) {
	for _, role := range auth.AllRoles().List() {
		back, err := auth.ParseRole(role.String())
		require.NoError(t, err)
		require.Equal(t, role, back)
	}
	require.Equal(t, "agent,auditor,arbitrator,admin,system", auth.AllRoles().String())
	_, err := auth.ParseRoles("agent", "root")
	require.ErrorContains(t, err, "root")
	require.Empty(t, auth.Role(0).String())
	_, err = auth.ParseRole("")
	require.Error(t, err, "the zero role has no name")
	require.False(t, auth.AllRoles().Has(0))
	require.False(t, auth.AllRoles().Has(200))
	require.True(t, auth.RolesOf(auth.Admin).HasAny(auth.Auditor, auth.Admin))
}

func TestVerifyFromManyGoroutinesForgetsAndRemembers(t *testing.T) {
	c := config()
	c.CacheSize = 32
	v, err := auth.New(c)
	require.NoError(t, err)
	var wait sync.WaitGroup
	for g := range 4 {
		wait.Go(func() {
			for i := range 200 {
				agent := did.MustParse(fmt.Sprintf("did:web:%d.example", (i*7+g)%80))
				id, err := v.Verify(context.Background(), forge(hs256, `{"sub":"`+agent.String()+`",`+times+`}`))
				if err != nil || id.Agent != agent {
					t.Errorf("%v for %v: %v", id.Agent, agent, err)
				}
			}
		})
	}
	wait.Wait()
}

func BenchmarkVerify(b *testing.B) {
	for name, size := range map[string]int{"known": 0, "new": -1} {
		b.Run(name, func(b *testing.B) {
			c := config()
			c.CacheSize = size
			v, err := auth.New(c)
			if err != nil {
				b.Fatal(err)
			}
			token := forge(hs256, claims(`,"roles":["agent"],"jti":"5b0ef1f8-3b0a-7c8e-9d5f-2b6a1f0e7c11"`))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(context.Background(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Whoever else signs with the configured key, such as a provider of identities, may have
// sessions of its own, which are none of ours.
func TestSessionsOfOthers(t *testing.T) {
	c := config()
	c.Revocations = revoked{"08d6e1c2-7a3c-4f0b-b3b5-1f1d9f9a2a11": true, "": true}
	id, err := verify(t, c, forge(hs256, claims(`,"sid":"08d6e1c2-7a3c-4f0b-b3b5-1f1d9f9a2a11"`)))
	require.NoError(t, err)
	require.Empty(t, id.Session)
	_, err = auth.Mint(c, nil, auth.Identity{Agent: id.Agent, Session: "08d6"}, time.Minute)
	require.ErrorContains(t, err, "ses_")
}
