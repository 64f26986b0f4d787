package config_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
)

const secret = "a secret for tests, of more than 32 bytes"

// load reads an environment that has a secret, unless it says otherwise.
func load(environ ...string) (*config.Config, error) {
	return config.Load(config.Sources{Environ: append([]string{"JWT_SECRET_KEY=" + secret}, environ...)})
}

// lines are the faults of an error, a line each.
func lines(t *testing.T, err error) []string {
	t.Helper()
	require.Error(t, err)
	var all []string
	for _, f := range config.Faults(err) {
		require.NotContains(t, f.Error(), "\n")
		all = append(all, f.Error())
	}
	require.Equal(t, err.Error(), strings.Join(all, "\n"))
	return all
}

func TestLoadDefaults(t *testing.T) {
	c, err := load()
	require.NoError(t, err)
	require.Equal(t, config.Development, c.Environment)
	require.Equal(t, config.Database{Kind: config.SQLite, URL: "sqlite://teg.db", Path: "teg.db"}, c.Database)
	require.Equal(t, ":8000", c.ListenAddr)
	require.Equal(t, "/api/v1", c.APIPrefix)
	require.Empty(t, c.CORSOrigins)
	require.Equal(t, int64(1<<20), c.MaxBodyBytes)
	require.Equal(t, amount.MustParse("0.01"), c.MinTransfer)
	require.Nil(t, c.MaxTransfer)
	require.Nil(t, c.TransferFeeMax)
	require.Equal(t, amount.MustParse("0.001"), c.TransferFee)
	require.True(t, c.TransferFeePercentage.IsZero())
	require.Equal(t, config.FeeSplit{Treasury: amount.Percent(100)}, c.FeeSplit)
	require.Equal(t, 24*time.Hour, c.IdempotencyTTL)
	require.Equal(t, amount.Fraction("0.05"), c.StakingRewardRate)
	require.Equal(t, amount.Percent(10), c.DelegationValidatorShare)
	require.Equal(t, amount.MustParse("1"), c.MinStake)
	require.Zero(t, c.StakingRewardInterval)
	require.Zero(t, c.UnstakingPeriod)
	require.Equal(t, []bool{false, true, false, true},
		[]bool{c.RewardTimeWeighted, c.RewardIssuance, c.SlashingEnabled, c.SlashDelegations})
	require.Equal(t, []int{1, 2, -5, -3, -50, 1, 0}, []int{
		c.ReputationSignal, c.ReputationSuccess, c.ReputationFailureProvider, c.ReputationFailureConsumer, c.ReputationCriticalFlag,
		c.ReputationAttested, c.SignalPairLimit,
	})
	require.Equal(t, []int{-25, 5}, []int{c.ReputationDisputeLost, c.ReputationDisputeWon})
	require.Equal(t, []time.Duration{720 * time.Hour, 168 * time.Hour, 336 * time.Hour, 336 * time.Hour},
		[]time.Duration{c.DisputeWindow, c.DisputeOpen, c.DisputeReview, c.DisputeArbitration})
	require.True(t, c.DisputeFilingFee.IsZero() && c.DisputeBond.IsZero())
	require.Nil(t, c.RewardMinReputation)
	require.True(t, c.AuditorEnabled)
	require.Equal(t, 15*time.Second, c.ReaderTerm)
	require.Equal(t, "did:agentvault:treasury", c.TreasuryDID.String())
	require.Equal(t, slog.LevelInfo, c.LogLevel)
	require.True(t, c.AutoProvisionAgents)
	require.True(t, c.AutoProvisionSelf)
	require.True(t, c.ConsoleEnabled)
	require.Equal(t, 6000, c.RateLimitTransfer)
	require.Nil(t, c.JWTIssuerRoles)
	_, err = auth.New(c.Auth())
	require.NoError(t, err)
}

func TestLoadReadsEveryNotation(t *testing.T) {
	c, err := load("ENVIRONMENT=production", "LOG_LEVEL=debug", "LOG_FORMAT=json", "DATABASE_URL=postgres://u:p@db/teg?sslmode=verify-full",
		"CORS_ALLOWED_ORIGINS=[\"https://app.example.com\",\"http://localhost:3000\"]", "TRUSTED_PROXIES=10.1.2.3/8, ::1",
		"SHUTDOWN_TIMEOUT=5s", "IDEMPOTENCY_TTL=30d", "MAX_TRANSFER_AMOUNT=1000", "TRANSFER_FEE_PERCENTAGE=2.5",
		"TRANSFER_FEE_MAX=10", "FEE_SPLIT=rewards=0.3, burn=0.2", "JWT_ISSUER_ROLES=https://a.example?x=y=agent,admin;agent",
		"STAKING_REWARD_RATE=1", "JWT_MAX_LIFETIME=1d12h", "RATE_LIMIT_ENABLED=true",
		"MIN_STAKE_AMOUNT=0.5", "STAKING_REWARD_INTERVAL=1d", "REWARD_TIME_WEIGHTED=true", "REWARD_ISSUANCE=false",
		"UNSTAKING_PERIOD=7d", "SLASHING_ENABLED=true", "SLASH_DELEGATIONS=false")
	require.NoError(t, err)
	require.Equal(t, config.Production, c.Environment)
	require.Equal(t, slog.LevelDebug, c.LogLevel)
	require.Equal(t, config.LogJSON, c.LogFormat)
	require.Equal(t, config.Postgres, c.Database.Kind)
	require.Equal(t, config.Origins{"https://app.example.com", "http://localhost:3000"}, c.CORSOrigins)
	require.Len(t, c.TrustedProxies, 2)
	require.Equal(t, "10.0.0.0/8", c.TrustedProxies[0].String())
	require.Equal(t, 30*24*time.Hour, c.IdempotencyTTL)
	require.Equal(t, amount.MustParse("1000"), *c.MaxTransfer)
	require.Equal(t, amount.Fraction("0.025"), c.TransferFeePercentage.Rate)
	require.Equal(t, config.FeeSplit{Treasury: amount.Percent(50), Rewards: amount.Percent(30), Burn: amount.Percent(20)}, c.FeeSplit)
	require.Equal(t, auth.RolesOf(auth.Agent, auth.Admin), c.JWTIssuerRoles["https://a.example?x=y"])
	require.Equal(t, auth.RolesOf(auth.Agent), c.JWTIssuerRoles[auth.AnyIssuer])
	require.Equal(t, 36*time.Hour, c.JWTMaxLifetime)
	require.False(t, c.AutoProvisionSelf, "production")
	require.False(t, c.ConsoleEnabled, "production")
	require.True(t, c.RateLimitEnabled)
	require.Equal(t, amount.MustParse("0.5"), c.MinStake)
	require.Equal(t, 24*time.Hour, c.StakingRewardInterval)
	require.Equal(t, 7*24*time.Hour, c.UnstakingPeriod)
	require.Equal(t, []bool{true, false, true, false},
		[]bool{c.RewardTimeWeighted, c.RewardIssuance, c.SlashingEnabled, c.SlashDelegations})
}

func TestLoadPrecedence(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "teg.conf")
	require.NoError(t, os.WriteFile(file, []byte("\ufeff# a comment\n\nLISTEN_ADDR = :3\nLOG_FORMAT=\"json\"\r\nMIN_TRANSFER_AMOUNT=0.5\nJWT_SECRET_KEY_FILE="+dir+"/secret\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret"), []byte(secret+"\n"), 0o600))
	sources := config.Sources{
		Flags:    map[string]string{"LISTEN_ADDR": ":1"},
		Environ:  []string{"LISTEN_ADDR=:2", "MIN_TRANSFER_AMOUNT=0.25", "TEG_CONFIG=" + file, "LOG_LEVEL="},
		Defaults: map[string]string{"LISTEN_ADDR": ":4", "SHUTDOWN_TIMEOUT": "1s"},
	}
	c, err := config.Load(sources)
	require.NoError(t, err)
	require.Equal(t, ":1", c.ListenAddr)
	require.Equal(t, amount.MustParse("0.25"), c.MinTransfer)
	require.Equal(t, config.LogJSON, c.LogFormat)
	require.Equal(t, time.Second, c.ShutdownTimeout)
	require.Equal(t, secret, string(c.JWTSecretKey.Reveal()))
	source := map[string]string{}
	for _, s := range c.Effective() {
		source[s.Name] = s.Source
	}
	require.Equal(t, "flag --listen-addr", source["LISTEN_ADDR"])
	require.Equal(t, "environment", source["MIN_TRANSFER_AMOUNT"])
	require.Equal(t, "file "+file, source["LOG_FORMAT"])
	require.Equal(t, "file "+file+" JWT_SECRET_KEY_FILE", source["JWT_SECRET_KEY"])
	require.Equal(t, "default of the command", source["SHUTDOWN_TIMEOUT"])
	require.Equal(t, "default", source["LOG_LEVEL"])
	require.Equal(t, "", source["MAX_TRANSFER_AMOUNT"])
}

func TestLoadListsAllFaultsAtOnce(t *testing.T) {
	_, err := config.Load(config.Sources{Environ: []string{
		"ENVIRONMENT=production", "DEBUG=true", "JWT_SECRET_KEY=too short to be safe", "DATABASE_URL=sqlite://:memory:",
		"MIN_TRANSFER_AMOUNT=1e3", "TEG_TYPO=1", "TEG_SYSTEM_TREASURY_DIDS=x", "API_V1_PREFIX=api", "RATE_LIMIT_ADMIN=0", "IDEMPOTENCY_TTL=1h",
	}})
	got := lines(t, err)
	require.Len(t, got, 9)
	for i, start := range []string{
		"DEBUG (environment): must be false in production", "DATABASE_URL (environment): must not be sqlite://:memory: in production",
		"API_V1_PREFIX (environment): must be a path", "RATE_LIMIT_ADMIN (environment): must be a whole number per hour",
		"JWT_SECRET_KEY (environment): the secret has 20 bytes, HS256 needs at least 32; make one with",
		`MIN_TRANSFER_AMOUNT (environment): must be an amount of AVT such as 0.001, with at most 18 decimals, not "1e3"`,
		"IDEMPOTENCY_TTL (environment): must be at least 24h in production",
		"TEG_SYSTEM_TREASURY_DIDS (environment): is not a setting", "TEG_TYPO (environment): is not a setting",
	} {
		require.True(t, strings.HasPrefix(got[i], start), "%q does not start with %q", got[i], start)
	}
	require.NotContains(t, err.Error(), "too short to be safe")
}

func TestLoadFaults(t *testing.T) {
	for environ, want := range map[string]string{
		"DEBUG=yes":                               `DEBUG (environment): must be true or false, not "yes"`,
		"LOG_LEVEL=loud":                          `LOG_LEVEL (environment): must be debug, info, warn or error, not "loud"`,
		"LOG_FORMAT=xml":                          "must be text or json",
		"ENVIRONMENT=prod":                        "must be development or production",
		"LISTEN_ADDR=8000":                        "must be host:port",
		"LISTEN_ADDR=:99999":                      "must be host:port",
		"API_V1_PREFIX=/api/":                     "must be a path",
		"API_V1_PREFIX=/a/../b":                   "must be a path",
		"API_V1_PREFIX=/health/x":                 "must be a path",
		"CORS_ALLOWED_ORIGINS=*":                  "must be a JSON list",
		`CORS_ALLOWED_ORIGINS=["a.com"]`:          "must list origins",
		`CORS_ALLOWED_ORIGINS=["https://a.com/"]`: "must list origins",
		"TRUSTED_PROXIES=proxy":                   "must be addresses or networks",
		"MAX_BODY_BYTES=1MB":                      "must be a whole number",
		"MAX_BODY_BYTES=10":                       "must be from 1024",
		"SHUTDOWN_TIMEOUT=30":                     "must be a duration",
		"SHUTDOWN_TIMEOUT=-1s":                    "must be a duration",
		"SHUTDOWN_TIMEOUT=0s":                     "must be from 1s",
		"IDEMPOTENCY_TTL=400d":                    "must be from 1s to 366d",
		"JWT_ALGORITHM=none":                      "must be HS256, RS256, ES256 or EdDSA",
		"JWT_ALGORITHM=RS256":                     "JWT_PUBLIC_KEY_PATH: must name the PEM file",
		"JWT_PUBLIC_KEY_PATH=/k.pem":              "is not used by HS256",
		"JWT_PRIVATE_KEY_PATH=/k.pem":             "is not used by HS256",
		"JWT_JWKS_URL=http://registry.example/k":  "must begin with https://",
		"JWT_JWKS_URL=registry.example":           "must be an address such as",
		"JWT_JWKS_ALGORITHM=ES256":                "JWT_JWKS_URL, which is not set",
		"JWT_JWKS_ISSUER=registry":                "JWT_JWKS_URL, which is not set",
		"JWT_JWKS_DID_METHODS=web":                "JWT_JWKS_URL, which is not set",
		"JWT_JWKS_DID_METHODS=did:web":            "must be methods of DIDs",
		"JWT_JWKS_REFRESH=1s":                     "must be from 10s to 24h",
		"LOGIN_DID_METHODS=key,ion":               "must be out of key, jwk and web",
		"LOGIN_DID_METHODS=key,key":               "must be methods of DIDs",
		"DID_WEB_NETWORKS=intranet":               "must be addresses or networks",
		"JWT_ISSUER_ROLES=agent,root":             "must be roles such as",
		"JWT_ISSUER_ROLES=agent;admin":            "must be roles such as",
		"JWT_ACCESS_TOKEN_EXPIRE_MINUTES=1441":    "must be at least 1 and within JWT_MAX_LIFETIME",
		"JWT_REFRESH_TOKEN_EXPIRE_DAYS=0":         "must be from 1 to 366",
		"MAX_TRANSFER_AMOUNT=0.001":               "must be at least MIN_TRANSFER_AMOUNT",
		"TRANSFER_FEE=-1":                         "must be an amount of AVT",
		"TRANSFER_FEE_MAX=0.0001":                 "must be at least TRANSFER_FEE",
		"TRANSFER_FEE_PERCENTAGE=101":             "must be a percentage",
		"FEE_SPLIT=treasury=0.5":                  "must give fractions",
		"FEE_SPLIT=rewards=0.6,burn=0.6":          "must give fractions",
		"FEE_SPLIT=bank=1":                        "must give fractions",
		"FEE_SPLIT=burn=0.5,burn=0.5":             "must give fractions",
		"STAKING_REWARD_RATE=5":                   "must be a fraction from 0 to 1",
		"DELEGATION_VALIDATOR_SHARE=10%":          "must be a fraction from 0 to 1",
		"MIN_STAKE_AMOUNT=-1":                     "must be an amount of AVT",
		"STAKING_REWARD_INTERVAL=0.5s":            "must be 0s, or from 1s to 366d",
		"STAKING_REWARD_INTERVAL=367d":            "must be 0s, or from 1s to 366d",
		"STAKING_REWARD_INTERVAL=daily":           "must be a duration",
		"REWARD_TIME_WEIGHTED=1h":                 "must be true or false",
		"REWARD_ISSUANCE=maybe":                   "must be true or false",
		"UNSTAKING_PERIOD=366d":                   "must be from 0s to 365d",
		"SLASH_DELEGATIONS=50":                    "must be true or false",
		"REPUTATION_SIGNAL=0":                     "must be from 1 to 1000",
		"REPUTATION_SIGNAL=1.5":                   "must be a whole number",
		"REPUTATION_AVTP_SUCCESS=-1":              "must be from 0 to 1000",
		"REPUTATION_AVTP_SUCCESS=1001":            "must be from 0 to 1000",
		"REPUTATION_AVTP_FAILURE_PROVIDER=5":      "must be from -1000 to 0",
		"REPUTATION_AVTP_FAILURE_CONSUMER=-1001":  "must be from -1000 to 0",
		"REPUTATION_ATTESTATION=-1":               "must be from 0 to 1000",
		"REWARD_MIN_REPUTATION=1001":              "must be from -1000 to 1000",
		"REWARD_MIN_REPUTATION=none":              "must be a whole number",
		"REPUTATION_CRITICAL_FLAG=1":              "must be from -1000 to 0",
		"AUDITOR_ENABLED=on":                      "must be true or false",
		"READER_TERM=99ms":                        "must be from 100ms to 1h",
		"ARBITRATOR_URL=http://court.example":     "must begin with https://",
		"ARBITRATOR_URL=court.example":            "must be an address such as",
		"ARBITRATOR_TOKEN=hunter2":                "ARBITRATOR_URL, which is not set",
		"ARBITRATOR_TIMEOUT=11s":                  "must be from 100ms to 10s",
		"ARBITRATOR_POLL_INTERVAL=0s":             "must be from 1s to 24h",
		"ARBITRATOR_DID=did:agentvault:treasury":  "must be another than TEG_SYSTEM_TREASURY_DID",
		"PANEL_SEATS=4":                           "must be an odd number from 1 to 21",
		"PANEL_COMMIT_WINDOW=59s":                 "must be from 1m to 30d",
		"PANEL_REVEAL_WINDOW=31d":                 "must be from 1m to 30d",
		"PANEL_MIN_REPUTATION=1001":               "must be from -1000 to 1000",
		"PANEL_SEAT_STAKE=0":                      "must be more than 0",
		"PANEL_MIN_STAKE=4":                       "must be at least PANEL_SEAT_STAKE",
		"PANEL_PENALTY=6":                         "must be at most PANEL_SEAT_STAKE",
		"PANEL_REWARD=-1":                         "PANEL_REWARD",
		"SIGNAL_PAIR_LIMIT=-1":                    "must be from 0, which is no limit",
		"REPUTATION_DISPUTE_LOST=1":               "must be from -1000 to 0",
		"REPUTATION_DISPUTE_WON=-1":               "must be from 0 to 1000",
		"DISPUTE_WINDOW=0s":                       "must be from 1s to 3650d",
		"DISPUTE_OPEN_PERIOD=4000d":               "must be from 1s to 3650d",
		"DISPUTE_REVIEW_PERIOD=1ms":               "must be from 1s to 3650d",
		"DISPUTE_ARBITRATION_PERIOD=0s":           "must be from 1s to 3650d",
		"SIGNAL_PAIR_LIMIT=all":                   "must be a whole number",
		"TEG_SYSTEM_TREASURY_DID=treasury":        "must be a DID",
		"TEG_CONFIG=/does/not/exist":              "TEG_CONFIG: names a file that does not exist",
		"TEG_CONFIG_FILE=/x":                      "TEG_CONFIG_FILE (environment): is not a setting",
		"LOG_FORMAT_FILE=/does/not/exist":         "LOG_FORMAT: LOG_FORMAT_FILE names a file that does not exist",
		"JWT_SECRET_KEY_FILE=/x":                  "JWT_SECRET_KEY (environment): is given together with JWT_SECRET_KEY_FILE",
	} {
		_, err := load(environ)
		got := lines(t, err)
		require.Len(t, got, 1, "%s: %v", environ, got)
		require.Contains(t, got[0], want, environ)
		name, _, _ := strings.Cut(environ, "=")
		if environ != "JWT_ALGORITHM=RS256" {
			require.Contains(t, got[0], strings.TrimSuffix(name, "_FILE"))
		}
	}
}

// Slashing and the wait that keeps everybody within its reach are looked at
// together; a fault of one of them is enough.
func TestSlashingNeedsAPeriod(t *testing.T) {
	_, err := load("SLASHING_ENABLED=true", "STAKING_REWARD_RATE=5")
	got := lines(t, err)
	require.Len(t, got, 2)
	require.Contains(t, got[0], "STAKING_REWARD_RATE (environment): must be a fraction")
	require.Contains(t, got[1], `UNSTAKING_PERIOD (default): must be more than 0s while SLASHING_ENABLED is true`)
	_, err = load("SLASHING_ENABLED=true", "UNSTAKING_PERIOD=soon")
	require.Len(t, lines(t, err), 1)
	_, err = load("SLASHING_ENABLED=true", "UNSTAKING_PERIOD=1s")
	require.NoError(t, err)
}

func TestLoadFaultsOfTheFile(t *testing.T) {
	files := map[string]string{
		"unknown": "LISTEN_ADR=:1", "no assignment": "LISTEN_ADDR :1", "twice": "LISTEN_ADDR=:1\nLISTEN_ADDR=:2", "itself": "TEG_CONFIG=x",
	}
	for name, content := range files {
		_, err := config.Load(config.Sources{
			Flags: map[string]string{"TEG_CONFIG": name}, Environ: []string{"JWT_SECRET_KEY=" + secret},
			ReadFile: func(path string) ([]byte, error) { return []byte(files[path]), nil },
		})
		got := lines(t, err)
		require.Len(t, got, 1, name)
		require.Contains(t, got[0], fmt.Sprintf("file %s line %d", name, 1+strings.Count(content, "\n")))
	}
}

func TestLoadKeys(t *testing.T) {
	_, err := config.Load(config.Sources{})
	require.Contains(t, lines(t, err)[0], "JWT_SECRET_KEY: is not set")
	_, err = config.Load(config.Sources{WithoutTokens: true})
	require.NoError(t, err)
	_, err = config.Load(config.Sources{Defaults: map[string]string{"JWT_SECRET_KEY": config.DevelopmentSecret}})
	require.NoError(t, err)
	_, err = config.Load(config.Sources{Environ: []string{"ENVIRONMENT=production", "JWT_SECRET_KEY=" + config.DevelopmentSecret}})
	require.Contains(t, lines(t, err)[0], "must be a secret of your own")

	key := filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(key, []byte(publicKey), 0o600))
	c, err := config.Load(config.Sources{Environ: []string{"JWT_ALGORITHM=EdDSA", "JWT_PUBLIC_KEY_PATH=" + key}})
	require.NoError(t, err)
	require.NotNil(t, c.Auth().PublicKey)
	_, err = config.Load(config.Sources{Environ: []string{"JWT_ALGORITHM=ES256", "JWT_PUBLIC_KEY_PATH=" + key}})
	require.Contains(t, lines(t, err)[0], "is not a key for ES256")
	_, err = config.Load(config.Sources{Environ: []string{"JWT_ALGORITHM=ES256", "JWT_PUBLIC_KEY_PATH=/does/not/exist"}})
	require.Contains(t, lines(t, err)[0], "must name a usable key")
}

// The private key says what the public one is, and has to go with the one that is given.
func TestLoadPrivateKeys(t *testing.T) {
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return path
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	key := write("key.pem", "PRIVATE KEY", der)
	c, err := config.Load(config.Sources{Environ: []string{"JWT_ALGORITHM=EdDSA", "JWT_PRIVATE_KEY_PATH=" + key}})
	require.NoError(t, err)
	require.Equal(t, private.Public(), c.Auth().PublicKey)
	require.Equal(t, private, c.PrivateKey())
	_, err = config.Load(config.Sources{Environ: []string{"JWT_ALGORITHM=ES256", "JWT_PRIVATE_KEY_PATH=" + key}})
	require.Contains(t, lines(t, err)[0], "JWT_PRIVATE_KEY_PATH (environment): must name a usable key: a ed25519.PublicKey is not a key for ES256")
	other := filepath.Join(dir, "other.pem")
	require.NoError(t, os.WriteFile(other, []byte(publicKey), 0o600))
	_, err = config.Load(config.Sources{Environ: []string{"JWT_ALGORITHM=EdDSA", "JWT_PRIVATE_KEY_PATH=" + key, "JWT_PUBLIC_KEY_PATH=" + other}})
	require.Contains(t, lines(t, err)[0], "does not belong to the public key")
}

// A registry alone, or beside a key of this server: then the two have different names.
func TestLoadRegistry(t *testing.T) {
	const url = "JWT_JWKS_URL=https://registry.example/keys"
	issuer := func(environ ...string) auth.Issuer {
		t.Helper()
		c, err := config.Load(config.Sources{Environ: environ})
		require.NoError(t, err)
		require.NotNil(t, c.JWKS())
		issuers := c.Auth().Issuers
		require.Len(t, issuers, 1)
		require.Same(t, c.JWKS(), issuers[0].Keys)
		_, err = auth.New(c.Auth())
		require.NoError(t, err)
		return issuers[0]
	}
	alone := issuer(url, "JWT_ALGORITHM=ES256", "JWT_ISSUER=registry")
	require.Equal(t, []any{"registry", auth.ES256, auth.Roles(0), 0}, []any{alone.Name, alone.Algorithm, alone.Roles, len(alone.DIDMethods)})
	require.Empty(t, issuer(url, "JWT_JWKS_ALGORITHM=RS256").Name)
	beside := issuer(url, "JWT_SECRET_KEY="+secret, "JWT_JWKS_ALGORITHM=EdDSA", "JWT_ISSUER=teg", "JWT_JWKS_ISSUER=registry", "JWT_JWKS_DID_METHODS=web, key", "JWT_ISSUER_ROLES=registry=auditor;teg=admin")
	require.Equal(t, []any{"registry", auth.EdDSA, auth.RolesOf(auth.Auditor), []string{"web", "key"}}, []any{beside.Name, beside.Algorithm, beside.Roles, beside.DIDMethods})
	for reason, environ := range map[string][]string{
		"JWT_JWKS_ALGORITHM: must be RS256": {url, "JWT_JWKS_ISSUER=registry"}, "must say what iss": {url, "JWT_SECRET_KEY=" + secret, "JWT_JWKS_ALGORITHM=EdDSA"},
		"must name methods that the registry": {url, "JWT_ALGORITHM=EdDSA", "JWT_JWKS_DID_METHODS= none"},
		"be another than JWT_ISSUER":          {url, "JWT_SECRET_KEY=" + secret, "JWT_JWKS_ALGORITHM=EdDSA", "JWT_ISSUER=teg", "JWT_JWKS_ISSUER=teg"},
	} {
		_, err := config.Load(config.Sources{Environ: environ})
		require.Contains(t, lines(t, err)[0], reason)
	}
}

func TestLoadLoginMethods(t *testing.T) {
	for environ, want := range map[string][]string{"LOG_LEVEL=info": {"key", "jwk", "web"}, "LOGIN_DID_METHODS= web": {"web"}, "LOGIN_DID_METHODS=none": nil} {
		c, err := load(environ)
		require.NoError(t, err)
		require.Equal(t, want, []string(c.LoginDIDMethods))
	}
}

const publicKey = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`

// Two rounds of a panel must fit into the time for which a dispute waits for them.
func TestPanelsFit(t *testing.T) {
	_, err := load("PANEL_ENABLED=true", "PANEL_COMMIT_WINDOW=6d")
	require.ErrorContains(t, err, "must fit into DISPUTE_ARBITRATION_PERIOD")
	_, err = load("PANEL_ENABLED=true", "PANEL_COMMIT_WINDOW=5d")
	require.NoError(t, err)
	_, err = load("PANEL_ENABLED=true", "ARBITRATOR_URL=https://court.example")
	require.ErrorContains(t, err, "one of the two decides")
}
