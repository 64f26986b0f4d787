package auth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
)

// Several registries and the local key at the same time: each speaks in its own name, by
// its own key and algorithm, for its own DIDs, and gives its own roles.
func TestIssuersSpeakForThemselves(t *testing.T) {
	good, _ := pairs(t)
	one, two := good[auth.EdDSA], good[auth.ES256]
	c := config()
	c.Issuer = "teg"
	c.Issuers = []auth.Issuer{
		{Name: "one", Algorithm: auth.EdDSA, PublicKey: one.Public(), DIDMethods: []string{"web", "key"}, Roles: auth.RolesOf(auth.Auditor)},
		{Name: "two", Algorithm: auth.ES256, PublicKey: two.Public(), DIDMethods: []string{"agentvault"}},
	}
	const all = `,"roles":["auditor","admin"],"sid":"ses_1"`
	ed, es := `{"alg":"EdDSA"}`, `{"alg":"ES256"}`
	av := func(more string) string { return `{"sub":"did:agentvault:bob",` + times + more + `}` }
	for token, want := range map[string]string{
		forge(hs256, claims(`,"iss":"teg"`+all)):       "agent,auditor,admin ses_1",
		signed(t, one, ed, claims(`,"iss":"one"`+all)): "agent,auditor ",
		signed(t, two, es, av(`,"iss":"two"`+all)):     "agent ",
	} {
		id, err := verify(t, c, token)
		require.NoError(t, err)
		require.Equal(t, want, id.Roles.String()+" "+id.Session, "sid of others is not ours")
	}
	for reason, tokens := range map[string][]string{
		"method": {signed(t, one, ed, av(`,"iss":"one"`)), signed(t, two, es, claims(`,"iss":"two"`))},
		"algorithm": {
			signed(t, one, ed, av(`,"iss":"two"`)), signed(t, two, es, claims(`,"iss":"one"`)), forge(hs256, claims(`,"iss":"one"`)),
			signed(t, one, ed, claims(`,"iss":"teg"`)),
		},
		"signature": {signed(t, edKey(t), ed, claims(`,"iss":"one"`))},
		"iss":       {forge(hs256, claims(``)), forge(hs256, claims(`,"iss":"three"`)), signed(t, one, ed, claims(`,"iss":["one"]`)), forge(hs256, claims(`,"iss":""`))},
		"claims":    {signed(t, one, ed, claims(`,"iss":"one","iss":"teg"`)), forge(hs256, `[]`)},
	} {
		for _, token := range tokens {
			refused(t, c, token, reason)
		}
	}
}

// Without a local key a registry alone says who is who, and where nobody is named in
// the configuration, iss may be anything.
func TestARegistryAlone(t *testing.T) {
	key := edKey(t)
	c := auth.Config{Now: config().Now, Issuers: []auth.Issuer{{Algorithm: auth.EdDSA, PublicKey: key.Public(), Roles: auth.AllRoles()}}}
	for _, iss := range []string{``, `,"iss":"anybody"`} {
		id, err := verify(t, c, signed(t, key, `{"alg":"EdDSA"}`, claims(iss+`,"roles":["admin"],"sid":5`)))
		require.NoError(t, err)
		require.True(t, id.Roles.Has(auth.Admin))
	}
	refused(t, c, forge(hs256, claims("")), "algorithm")
	_, err := auth.NewSigner(c, nil)
	require.Error(t, err, "there is nothing to sign with")
}

// The local key without a name beside a registry: whatever the registry does not claim.
func TestANamelessLocalKey(t *testing.T) {
	key := edKey(t)
	c := config()
	c.Issuers = []auth.Issuer{{Name: "one", Algorithm: auth.EdDSA, PublicKey: key.Public()}}
	for _, token := range []string{forge(hs256, claims(``)), forge(hs256, claims(`,"iss":"x"`)), signed(t, key, `{"alg":"EdDSA"}`, claims(`,"iss":"one"`))} {
		_, err := verify(t, c, token)
		require.NoError(t, err)
	}
	refused(t, c, forge(hs256, claims(`,"iss":"one"`)), "algorithm")
	refused(t, c, forge(hs256, claims(`,"sid":""`)), "sid")
}

// Keys that follow from one key differ by purpose, are the same everywhere, and differ
// from those of every other key.
func TestDerive(t *testing.T) {
	good, _ := pairs(t)
	seen := map[string]bool{}
	for range 2 {
		s, err := auth.NewSigner(config(), nil)
		require.NoError(t, err)
		for _, purpose := range []string{"a", "b"} {
			key, err := s.Derive(purpose)
			require.NoError(t, err)
			require.Len(t, key, 32)
			seen[string(key)] = true
		}
	}
	require.Len(t, seen, 2)
	for a, private := range good {
		s, err := auth.NewSigner(auth.Config{Algorithm: a}, private)
		require.NoError(t, err)
		key, err := s.Derive("a")
		require.NoError(t, err)
		require.False(t, seen[string(key)])
		seen[string(key)] = true
	}
	require.NotContains(t, seen, string(secret))
}
