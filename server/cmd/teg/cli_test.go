package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
)

func TestMigrate(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url)
		if strings.HasPrefix(url, "sqlite") {
			s.fail(1, "teg migrate up", "migrate", "status")
			s.fail(1, "teg migrate up", "verify")
			require.NoFileExists(t, filepath.Join(s.dir, "economy.db"), "looking makes no file")
		} else {
			s.fail(1, "teg migrate up", "migrate", "status")
		}
		require.Contains(t, s.succeed("migrate", "up"), "applied 2")
		require.Contains(t, s.succeed("migrate", "up"), "nothing to do")
		require.Contains(t, s.succeed("migrate", "status"), "applied  2")
		require.Contains(t, s.succeed("verify"), "the books hold")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000017")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000016")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000015")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000014")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000013")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000012")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000011")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000010")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000009")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000008")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000007")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000006")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000005")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261124000004")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261124000003")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261124000002")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261124000001")
		require.Contains(t, s.succeed("migrate", "down"), "nothing to do")
		s.fail(1, "teg migrate up", "migrate", "status")
		s.fail(1, "teg migrate up", "verify")
	})
}

func TestMigrateDownRefusesData(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url)
		s.succeed("migrate", "up")
		s.write("two.csv", "1,2,3,4\n")
		s.succeed("import", "--ratings", "two.csv")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000017")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000016")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000015")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000014")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000013", "no checkpoint was given out")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000012", "nobody was invited")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000011", "logins are no data")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000010", "nothing was judged")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000009", "nobody owes anything")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000008", "nothing is disputed")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000007", "nobody has attested anything")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000006", "there is no policy")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000005", "nobody was flagged")
		s.fail(1, "--force", "migrate", "down")
		require.Contains(t, s.succeed("migrate", "up"), "20261130000017")
		require.Regexp(t, "the books hold: .* 5 transactions, .* 1 changes of scores", s.succeed("verify"))
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000017")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000016")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000015")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000014")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000013")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000012")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261130000011")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000010")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000009")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000008")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000007")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000006")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261129000005")
		require.Contains(t, s.succeed("migrate", "down", "--force"), "took back 20261124000004", "with the signal")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261124000003")
		require.Contains(t, s.succeed("migrate", "down"), "took back 20261124000002", "nobody has staked")
		s.fail(1, "--force", "migrate", "down")
		require.Contains(t, s.succeed("migrate", "down", "--force"), "took back 20261124000001", "with the transfers")
	})
}

// An error is one line, also where the cause has several.
func TestErrorsAreOneLine(t *testing.T) {
	require.Equal(t, []string{"one: two; three"}, explain(errors.New("teg: one:\n\ttwo\r\nthree\n")))
	require.Equal(t, []string{"one; two"}, explain(errors.Join(errors.New("one"), errors.New("two"))))
}

func TestTokenMint(t *testing.T) {
	s := newShell(t, "JWT_SECRET_KEY="+secret, "JWT_ISSUER=https://issuer.example")
	token := strings.TrimSuffix(s.succeed("token", "mint", "--sub", "did:example:alice", "--role", "admin", "--role", "auditor", "--ttl", "15m"), "\n")
	require.NotContains(t, token, "\n")
	verifier, err := auth.New(auth.Config{Secret: []byte(secret), Issuer: "https://issuer.example"})
	require.NoError(t, err)
	id, err := verifier.Verify(t.Context(), token)
	require.NoError(t, err)
	require.Equal(t, "did:example:alice", id.Agent.String())
	require.Equal(t, auth.RolesOf(auth.Agent, auth.Admin, auth.Auditor), id.Roles)
	require.Equal(t, 900.0, id.Expires.Sub(id.IssuedAt).Seconds())

	s.fail(2, "--sub", "token", "mint")
	s.fail(2, "--sub", "token", "mint", "--sub", "alice")
	s.fail(2, "--role", "token", "mint", "--sub", "did:example:alice", "--role", "king")
	s.fail(2, "--ttl", "token", "mint", "--sub", "did:example:alice", "--ttl", "soon")
	s.fail(2, "at most 24h", "token", "mint", "--sub", "did:example:alice", "--ttl", "2d")
	s.fail(2, "account of the system", "token", "mint", "--sub", "did:agentvault:treasury")
	s.fail(2, "account of the system", "token", "mint", "--sub", "did:agentvault:issuance")
	newShell(t).fail(2, "JWT_SECRET_KEY", "token", "mint", "--sub", "did:example:alice")
}

func TestTokenMintWithPrivateKey(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	publicDER, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	privateDER, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	s := newShell(t, "JWT_ALGORITHM=EdDSA", "JWT_PUBLIC_KEY_PATH=public.pem")
	s.write("public.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicDER})))
	s.write("private.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: privateDER})))
	token := strings.TrimSpace(s.succeed("token", "mint", "--sub", "did:example:alice", "--private-key", "private.pem"))
	verifier, err := auth.New(auth.Config{Algorithm: auth.EdDSA, PublicKey: public})
	require.NoError(t, err)
	_, err = verifier.Verify(t.Context(), token)
	require.NoError(t, err)
	s.fail(2, "--private-key", "token", "mint", "--sub", "did:example:alice")
	s.fail(2, "--private-key", "token", "mint", "--sub", "did:example:alice", "--private-key", "none.pem")
}

func TestConfigCheck(t *testing.T) {
	s := newShell(t, "JWT_SECRET_KEY="+secret, "LISTEN_ADDR=127.0.0.1:9", "DATABASE_URL=postgres://teg:hidden-password@db.example/teg")
	s.write("teg.conf", "TRANSFER_FEE=0.5\nLISTEN_ADDR=127.0.0.1:8\n")
	out := s.succeed("config", "check", "--config", "teg.conf", "--debug")
	require.NotContains(t, out, "hidden-password")
	for _, want := range []string{
		`DEBUG +true +flag --debug`, `LISTEN_ADDR +127.0.0.1:9 +environment`, `TRANSFER_FEE +0.5 +file teg.conf`,
		`JWT_SECRET_KEY +\*+ +environment`, `API_V1_PREFIX +/api/v1 +default`,
	} {
		require.Regexp(t, want, out)
	}
}

// No command takes a secret as a flag.
func TestSecretsAreNoFlags(t *testing.T) {
	require.NotEmpty(t, newServe().Flags().Lookup("database-url"))
	for _, secret := range []string{"jwt-secret-key", "ipfs-api-token", "ipfs-pinning-token", "arbitrator-token"} {
		require.Nil(t, newServe().Flags().Lookup(secret), secret)
	}
	require.Contains(t, newShell(t).succeed("config", "docs"), "| `JWT_SECRET_KEY` | secret |")
}

func TestConfigFaultsAreListedAtOnce(t *testing.T) {
	s := newShell(t, "JWT_SECRET_KEY=short", "TEG_TYPO=1", "LISTEN_ADDR=nowhere", "ENVIRONMENT=production", "DATABASE_URL=sqlite://none.db")
	for _, command := range [][]string{{"serve"}, {"config", "check"}} {
		code, stdout, stderr := s.run(command...)
		require.Equal(t, 2, code)
		require.Empty(t, stdout)
		lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
		require.Len(t, lines, 3, stderr)
		for i, want := range []string{"teg: LISTEN_ADDR", "teg: JWT_SECRET_KEY", "teg: TEG_TYPO"} {
			require.True(t, strings.HasPrefix(lines[i], want), lines[i])
		}
	}
	require.NoFileExists(t, filepath.Join(s.dir, "none.db"), "the database is not opened")
}

func TestWrongCalls(t *testing.T) {
	s := newShell(t)
	for _, args := range [][]string{
		{"nonsense"}, {"serve", "nonsense"}, {"--nonsense"}, {"migrate"}, {"migrate", "sideways"}, {"token"}, {"config"},
		{"import"}, {"import", "--ratings", "x", "--grant", "lots"}, {"import", "--ratings", "x", "--callers", "0"},
		{"dev", "--ephemeral", "--file", "x"}, {"dev", "--file", ""}, {"dev", "--file", ":memory:"}, {"serve", "--jwt-secret-key", "x"}, {"verify", "--listen-addr", ":1"},
		{"bench", "--clients", "0"}, {"bench", "--database", "sqlite://:memory:"}, {"bench", "--zipf", "-1"}, {"bench", "growth", "--rows", "2,1"},
		{"bench", "servers"}, {"bench", "servers", "--database", "sqlite://t.db"}, {"bench", "servers", "--servers", "0"},
		{"bench", "http", "--depth", "1"}, {"bench", "http", "--transfers", "5000"}, {"bench", "http", "--batch", "1000"}, {"bench", "http", "--database", "sqlite://:memory:"},
		{"bench", "ratios", "--rounds", "0"}, {"bench", "ratios", "--database", "nowhere"}, {"bench", "growth", "--reads", "-1"}, {"bench", "growth", "--accounts", "1"},
	} {
		s.fail(2, "teg: ", args...)
	}
	require.Regexp(t, `^teg \S+ go1\.\S+ \w+/\w+\n$`, s.succeed("version"))
	require.Contains(t, s.succeed(), "teg dev")
	require.Contains(t, s.succeed("help", "migrate", "status"), "Exit code 1")
}
