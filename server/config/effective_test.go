package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
)

func TestEffectiveShowsNoSecret(t *testing.T) {
	c, err := load("DATABASE_URL=postgres://user:hunter2@db.example:5432/teg?sslmode=require&sslpassword=hunter2")
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "config", c, "secret", c.JWTSecretKey, "database", c.Database)
	written, err := json.Marshal(c)
	require.NoError(t, err)
	shown := log.String() + string(written) + fmt.Sprintf("%v %+v %#v %s", c.JWTSecretKey, *c, c.Database, c.Database)
	value := map[string]string{}
	for _, s := range c.Effective() {
		value[s.Name] = s.Value
		shown += s.Value
	}
	require.NotContains(t, shown, "hunter2")
	require.NotContains(t, shown, secret)
	require.Equal(t, "********", value["JWT_SECRET_KEY"])
	require.Equal(t, "postgres://user:xxxxx@db.example:5432/teg?sslmode=require&sslpassword=xxxxx", value["DATABASE_URL"])
	require.Equal(t, "postgres://user:xxxxx@one:5432,two/teg", config.Database{Kind: config.Postgres, URL: "postgres://user:hunter2@one:5432,two/teg"}.String())
	require.Equal(t, "true", value["AUTO_PROVISION_SELF"])
	require.Equal(t, "0.01", value["MIN_TRANSFER_AMOUNT"])
}

// What is refused is repeated to help, but never a password, wherever somebody put it.
func TestFaultsShowNoSecret(t *testing.T) {
	for _, v := range config.Variables() {
		for _, text := range []string{
			"http://user:hunter2@host.example:1/x y", "https://user:hunter2@host.example/?a#b", "ftp://hunter2@host.example",
			`[{"issuer":"https://r.example","jwks_url":"https://user:hunter2@r.example/keys"}]`,
		} {
			_, err := load(v.Name + "=" + text)
			if err != nil {
				require.NotContains(t, err.Error(), "hunter2", v.Name)
			}
		}
	}
}

func TestVariablesDocumentEveryField(t *testing.T) {
	fields, names := map[string]bool{}, map[string]bool{}
	for _, v := range config.Variables() {
		require.NotEmpty(t, v.Doc, v.Name)
		require.NotContains(t, v.Doc, "\n")
		require.Regexp(t, regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`), v.Name)
		require.False(t, names[v.Name], v.Name)
		names[v.Name] = true
	}
	for i := range reflect.TypeFor[config.Config]().NumField() {
		f := reflect.TypeFor[config.Config]().Field(i)
		require.False(t, fields[f.Name])
		fields[f.Name] = true
		require.Equal(t, f.IsExported(), f.Tag.Get("env") != "", f.Name)
	}
	for _, name := range []string{
		"DATABASE_URL", "JWT_SECRET_KEY", "JWT_ALGORITHM", "JWT_PUBLIC_KEY_PATH", "JWT_PRIVATE_KEY_PATH", "JWT_JWKS_URL", "JWT_JWKS_ALGORITHM", "JWT_JWKS_ISSUER", "JWT_JWKS_DID_METHODS",
		"JWT_JWKS_REFRESH", "LOGIN_DID_METHODS", "DID_WEB_NETWORKS", "JWT_ISSUER", "JWT_AUDIENCE", "JWT_MAX_LIFETIME",
		"JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "JWT_REFRESH_TOKEN_EXPIRE_DAYS", "JWT_ISSUER_ROLES", "MIN_TRANSFER_AMOUNT", "MAX_TRANSFER_AMOUNT",
		"TRANSFER_FEE", "TRANSFER_FEE_PERCENTAGE", "TRANSFER_FEE_MAX", "FEE_SPLIT", "IDEMPOTENCY_TTL", "TEG_SYSTEM_TREASURY_DID",
		"API_V1_PREFIX", "CORS_ALLOWED_ORIGINS", "AUTO_PROVISION_AGENTS", "AUTO_PROVISION_SELF", "LISTEN_ADDR", "ENVIRONMENT", "DEBUG",
		"LOG_LEVEL", "LOG_FORMAT", "TRUSTED_PROXIES", "MAX_BODY_BYTES", "SHUTDOWN_TIMEOUT", "RATE_LIMIT_ENABLED", "RATE_LIMIT_STANDARD",
		"RATE_LIMIT_TRANSFER", "RATE_LIMIT_ADMIN", "RATE_LIMIT_STORE", "REDIS_URL", "CACHE_URL", "CACHE_TTL", "MAX_CONCURRENT_REQUESTS", "STAKING_REWARD_RATE", "DELEGATION_VALIDATOR_SHARE", "MIN_STAKE_AMOUNT",
		"STAKING_REWARD_INTERVAL", "REWARD_TIME_WEIGHTED", "REWARD_ISSUANCE", "UNSTAKING_PERIOD", "SLASHING_ENABLED", "SLASH_DELEGATIONS",
		"REPUTATION_SIGNAL", "REPUTATION_AVTP_SUCCESS", "REPUTATION_AVTP_FAILURE_PROVIDER", "REPUTATION_AVTP_FAILURE_CONSUMER", "SIGNAL_PAIR_LIMIT",
		"REPUTATION_CRITICAL_FLAG", "REPUTATION_ATTESTATION", "REWARD_MIN_REPUTATION", "REPUTATION_DISPUTE_LOST", "REPUTATION_DISPUTE_WON", "DISPUTE_WINDOW", "DISPUTE_FILING_FEE", "DISPUTE_BOND",
		"DISPUTE_OPEN_PERIOD", "DISPUTE_REVIEW_PERIOD", "DISPUTE_ARBITRATION_PERIOD", "AUDITOR_ENABLED", "READER_TERM", "IPFS_API_URL", "IPFS_API_TOKEN", "IPFS_PINNING_URL", "IPFS_PINNING_TOKEN",
		"IPFS_MAX_BYTES", "IPFS_TIMEOUT", "LOG_SIGNING_KEY", "LOG_ORIGIN", "LOG_CHECKPOINT_INTERVAL",
		"ARBITRATOR_URL", "ARBITRATOR_TOKEN", "ARBITRATOR_TIMEOUT", "ARBITRATOR_POLL_INTERVAL", "ARBITRATOR_DID", "PANEL_ENABLED", "PANEL_SEATS",
		"PANEL_COMMIT_WINDOW", "PANEL_REVEAL_WINDOW", "PANEL_MIN_REPUTATION", "PANEL_MIN_STAKE", "PANEL_SEAT_STAKE", "PANEL_PENALTY", "PANEL_REWARD",
	} {
		require.True(t, names[name], name)
	}
	require.Equal(t, "api-v1-prefix", config.FlagName("API_V1_PREFIX"))
}

// The documentation of the settings is what the table says today.
func TestReferenceIsFresh(t *testing.T) {
	page, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	require.Equal(t, config.Reference(), string(page), "docs/configuration.md is not what the table says; run: make docs")
	for _, v := range config.Variables() {
		require.NotEmpty(t, v.Form())
	}
}

func TestDefaultsAreValid(t *testing.T) {
	var environ []string
	for _, v := range config.Variables() {
		environ = append(environ, v.Name+"="+v.Default)
	}
	_, err := config.Load(config.Sources{Environ: environ, WithoutTokens: true})
	require.NoError(t, err)
}

func TestUnknownNames(t *testing.T) {
	_, err := config.Load(config.Sources{Environ: []string{"TEG_URI=http://x"}, WithoutTokens: true})
	require.ErrorContains(t, err, "TEG_URI")
	_, err = config.Load(config.Sources{Environ: []string{"TEG_URL=http://x", "TEG_TOKEN=x", "TEG_KEY_FILE=x"}, WithoutTokens: true})
	require.NoError(t, err, "those are of commands that ask a server")
	_, err = config.Load(config.Sources{Flags: map[string]string{"NONSENSE": "1"}, WithoutTokens: true})
	require.ErrorContains(t, err, "NONSENSE (flag --nonsense): is not a setting")
}

// What is set for nothing can be told; what nobody set is not mentioned.
func TestUnused(t *testing.T) {
	c, err := load()
	require.NoError(t, err)
	require.Empty(t, c.Unused())
	c, err = load("RATE_LIMIT_ENABLED=false", "LOG_LEVEL=warn", "TRUSTED_PROXIES=10.0.0.0/8")
	require.NoError(t, err)
	var names []string
	for _, s := range c.Unused() {
		names = append(names, s.Name+" from "+s.Source)
	}
	require.Empty(t, names)
	for _, v := range config.Variables() {
		require.Equal(t, v.Later, strings.HasSuffix(v.Doc, "(not in this version)"), v.Name)
	}
}
