package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
)

// pairs are a good key for each asymmetric algorithm, and one that is not.
func pairs(t *testing.T) (good, bad map[auth.Algorithm]crypto.Signer) {
	t.Helper()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return map[auth.Algorithm]crypto.Signer{auth.RS256: rsaKey, auth.ES256: p256, auth.EdDSA: edKey},
		map[auth.Algorithm]crypto.Signer{auth.RS256: short, auth.ES256: p384, auth.EdDSA: p256}
}

func TestMintAndVerifyWithEveryAlgorithm(t *testing.T) {
	good, bad := pairs(t)
	for a, key := range good {
		public, private := writePEM(t, key)
		loaded, err := auth.LoadPublicKey(public)
		require.NoError(t, err)
		signer, err := auth.LoadPrivateKey(private)
		require.NoError(t, err)
		c := auth.Config{Algorithm: a, PublicKey: loaded, Now: config().Now, Issuer: "me", Audience: "teg"}
		token, err := auth.Mint(c, signer, auth.Identity{Agent: alice, Roles: auth.RolesOf(auth.Admin)}, time.Hour)
		require.NoError(t, err)
		id, err := verify(t, c, token)
		require.NoError(t, err)
		require.Equal(t, "agent,admin", id.Roles.String())
		require.Equal(t, "me", id.Issuer)
		require.NotEmpty(t, id.TokenID)

		_, err = auth.New(auth.Config{Algorithm: a, PublicKey: bad[a].Public()})
		require.Error(t, err, a)
		_, err = auth.New(auth.Config{Algorithm: a, Secret: secret})
		require.ErrorContains(t, err, "public key")
		_, err = auth.Mint(c, bad[a], auth.Identity{Agent: alice}, time.Hour)
		require.Error(t, err, a)
		_, err = auth.LoadPublicKey(private)
		require.ErrorContains(t, err, "PUBLIC KEY is needed")
		_, err = auth.LoadPrivateKey(public)
		require.ErrorContains(t, err, "PRIVATE KEY is needed")
	}
}

func TestMintWithAForeignPrivateKeyIsRefused(t *testing.T) {
	_, one, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	_, two, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	_, err = auth.NewSigner(auth.Config{Algorithm: auth.EdDSA, PublicKey: one.Public()}, two)
	require.ErrorContains(t, err, "does not belong")
}

func writePEM(t *testing.T, key crypto.Signer) (public, private string) {
	t.Helper()
	write := func(name, kind string, der []byte, err error) string {
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return path
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	public = write("public.pem", "PUBLIC KEY", der, err)
	der, err = x509.MarshalPKCS8PrivateKey(key)
	return public, write("private.pem", "PRIVATE KEY", der, err)
}

func TestMintRefuses(t *testing.T) {
	s, err := auth.NewSigner(config(), nil)
	require.NoError(t, err)
	for name, try := range map[string]struct {
		id  auth.Identity
		ttl time.Duration
	}{
		"no subject": {auth.Identity{}, time.Hour}, "system account": {auth.Identity{Agent: treasury}, time.Hour},
		"too long": {auth.Identity{Agent: alice}, 24*time.Hour + time.Second}, "nothing": {auth.Identity{Agent: alice}, 0},
		"negative": {auth.Identity{Agent: alice}, -time.Hour},
	} {
		_, err := s.Mint(try.id, try.ttl)
		require.Error(t, err, name)
	}
	token, err := s.Mint(auth.Identity{Agent: alice, TokenID: "named"}, 24*time.Hour)
	require.NoError(t, err)
	id, err := verify(t, config(), token)
	require.NoError(t, err)
	require.Equal(t, "named", id.TokenID)
}
