package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
)

// strong is a secret as production wants it.
const strong = "JWT_SECRET_KEY=pZ0x7Qm3vK9tW2sR5yB8nD1fH4jL6gC0aE7u"

// Each setting that is unsafe in production is refused there, alone and with a sentence,
// and nowhere else. What is next to it passes.
func TestProductionRefusesWhatIsUnsafe(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(key, []byte(publicKey), 0o600))
	signed := []string{"JWT_ALGORITHM=EdDSA", "JWT_PUBLIC_KEY_PATH=" + key}
	registry := []string{"JWT_ISSUER=https://registry.example", "JWT_AUDIENCE=teg"}
	for name, c := range map[string]struct {
		unsafe, safe []string
		variable     string
		others       int // faults beside it
	}{
		"debugging":                   {unsafe: []string{"DEBUG=true"}, safe: []string{"DEBUG=false"}, variable: "DEBUG"},
		"nothing is kept":             {unsafe: []string{"DATABASE_URL=sqlite://:memory:"}, safe: []string{"DATABASE_URL=sqlite:///var/lib/teg.db"}, variable: "DATABASE_URL"},
		"a way that may be plain":     {unsafe: []string{"DATABASE_URL=postgres://u:hunter2@db/teg"}, safe: []string{"DATABASE_URL=postgres://u:hunter2@db/teg?sslmode=disable"}, variable: "DATABASE_URL"},
		"a host that is named":        {unsafe: []string{"DATABASE_URL=postgres:///teg?host=10.0.0.1"}, safe: []string{"DATABASE_URL=postgres:///teg?host=/run/postgresql"}, variable: "DATABASE_URL"},
		"this machine":                {unsafe: []string{"DATABASE_URL=postgres://u@192.0.2.1/teg"}, safe: []string{"DATABASE_URL=postgres://u@[::1]:5432/teg"}, variable: "DATABASE_URL"},
		"another machine beside this": {unsafe: []string{"DATABASE_URL=postgres://u@127.0.0.1:1,192.0.2.1:2/teg"}, safe: []string{"DATABASE_URL=postgres://u@127.0.0.1:1,localhost:2/teg"}, variable: "DATABASE_URL"},
		"a host that is not used":     {unsafe: []string{"DATABASE_URL=postgres://localhost/teg?host=192.0.2.1"}, variable: "DATABASE_URL"},
		"every origin":                {unsafe: []string{`CORS_ALLOWED_ORIGINS=["*"]`}, safe: []string{`CORS_ALLOWED_ORIGINS=["https://app.example"]`}, variable: "CORS_ALLOWED_ORIGINS"},
		"half of all proxies":         {unsafe: []string{"TRUSTED_PROXIES=0.0.0.0/1,128.0.0.0/1"}, safe: []string{"TRUSTED_PROXIES=fc00::/7"}, variable: "TRUSTED_PROXIES"},
		"the proxies of IPv6":         {unsafe: []string{"TRUSTED_PROXIES=2000::/3"}, safe: []string{"TRUSTED_PROXIES=2001:db8::/32"}, variable: "TRUSTED_PROXIES"},
		"every proxy":                 {unsafe: []string{"TRUSTED_PROXIES=10.0.0.1,::/0"}, safe: []string{"TRUSTED_PROXIES=10.0.0.0/8"}, variable: "TRUSTED_PROXIES"},
		"no limits":                   {unsafe: []string{"RATE_LIMIT_ENABLED=false"}, safe: []string{"RATE_LIMIT_STANDARD=1000000"}, variable: "RATE_LIMIT_ENABLED"},
		"the published secret":        {unsafe: []string{"JWT_SECRET_KEY=" + config.DevelopmentSecret}, variable: "JWT_SECRET_KEY"},
		"a placeholder":               {unsafe: []string{"JWT_SECRET_KEY=CHANGE-ME-to-something-long-enough-0123"}, variable: "JWT_SECRET_KEY"},
		"the same again":              {unsafe: []string{"JWT_SECRET_KEY=" + strings.Repeat("abcd1234", 6)}, variable: "JWT_SECRET_KEY"},
		"any issuer":                  {unsafe: append(signed, registry[1]), safe: append(signed, registry...), variable: "JWT_ISSUER"},
		"any audience":                {unsafe: append(signed, registry[0]), variable: "JWT_AUDIENCE"},
		"short memory":                {unsafe: []string{"IDEMPOTENCY_TTL=23h"}, safe: []string{"IDEMPOTENCY_TTL=24h"}, variable: "IDEMPOTENCY_TTL"},
		"a token on the way":          {unsafe: []string{"IPFS_API_URL=http://ipfs:5001", "IPFS_API_TOKEN=t"}, safe: []string{"IPFS_API_URL=http://127.0.0.1:5001", "IPFS_API_TOKEN=t"}, variable: "IPFS_API_URL"},
	} {
		environ := func(more ...string) config.Sources {
			return config.Sources{Environ: append([]string{strong}, more...)}
		}
		_, err := config.Load(environ(append([]string{"ENVIRONMENT=production"}, c.unsafe...)...))
		got := lines(t, err)
		require.Len(t, got, 1, "%s: %v", name, got)
		require.True(t, strings.HasPrefix(got[0], c.variable), "%s: %s", name, got[0])
		require.Contains(t, got[0], "in production", name)
		require.NotContains(t, got[0], "hunter2", name)
		_, err = config.Load(environ(c.unsafe...))
		require.NoError(t, err, "%s: at a desk it is well", name)
		_, err = config.Load(environ(append([]string{"ENVIRONMENT=production"}, c.safe...)...))
		require.NoError(t, err, name)
	}
}

// All that is unsafe is told at once.
func TestProductionTellsAllAtOnce(t *testing.T) {
	_, err := config.Load(config.Sources{Environ: []string{
		"ENVIRONMENT=production", "JWT_SECRET_KEY=" + config.DevelopmentSecret, "DEBUG=true", "RATE_LIMIT_ENABLED=false", `CORS_ALLOWED_ORIGINS=["*"]`, "TRUSTED_PROXIES=0.0.0.0/0",
	}})
	require.Len(t, lines(t, err), 5)
}

// Every variable can be read from a file, by the environment and by the configuration
// file alike.
func TestEveryVariableCanComeFromAFile(t *testing.T) {
	for _, v := range config.Variables() {
		content := v.Default
		if content == "" {
			content = "x" // which is told to be wrong, or is taken
		}
		read := func(path string) ([]byte, error) {
			if path == "conf" {
				return []byte(v.Name + "_FILE=/run/secrets/x\n"), nil
			}
			return []byte(content + "\n"), nil
		}
		for source, environ := range map[string]string{"environment": v.Name + "_FILE=/run/secrets/x", "file conf": "TEG_CONFIG=conf"} {
			c, err := config.Load(config.Sources{Environ: []string{environ}, ReadFile: read, WithoutTokens: true})
			want := source + " " + v.Name + "_FILE"
			if err != nil {
				require.Contains(t, err.Error(), v.Name+" ("+want+")")
				continue
			}
			for _, s := range c.Effective() {
				if s.Name == v.Name {
					require.Equal(t, want, s.Source)
				}
			}
		}
	}
}
