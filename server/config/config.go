package config

import (
	"crypto"
	"log/slog"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
)

// Config is the configuration in force. It is the table of all variables: a
// field has its name (env), default (envDefault) and meaning (doc), and
// secret:"true" where no value may be shown, later:"true" where this version
// checks a value and does not use it. Field names are unique, which [Load] relies
// on.
type Config struct {
	Environment Environment `env:"ENVIRONMENT" envDefault:"development" doc:"development or production; production refuses unsafe settings"`
	Debug       bool        `env:"DEBUG" envDefault:"false" doc:"puts details of faults into answers; refused in production"`
	LogLevel    slog.Level  `env:"LOG_LEVEL" envDefault:"info" doc:"debug, info, warn or error"`
	LogFormat   LogFormat   `env:"LOG_FORMAT" envDefault:"text" doc:"text or json"`

	Database Database `env:"DATABASE_URL" envDefault:"sqlite://teg.db" secret:"true" doc:"postgres://..., sqlite:///absolute/path.db, sqlite://relative.db or sqlite://:memory:"`

	ListenAddr      string        `env:"LISTEN_ADDR" envDefault:":8000" doc:"host:port on which the server listens"`
	APIPrefix       string        `env:"API_V1_PREFIX" envDefault:"/api/v1" doc:"path under which the API is served"`
	CORSOrigins     Origins       `env:"CORS_ALLOWED_ORIGINS" doc:"JSON list of the origins whose pages may call the API; none when unset"`
	TrustedProxies  Networks      `env:"TRUSTED_PROXIES" later:"true" doc:"addresses or networks, with commas between them, whose X-Forwarded-For is believed"`
	MaxBodyBytes    int64         `env:"MAX_BODY_BYTES" envDefault:"1048576" doc:"longest body of a request"`
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"20s" doc:"time to finish what is under way after SIGTERM"`

	RateLimitEnabled  bool `env:"RATE_LIMIT_ENABLED" envDefault:"true" later:"true" doc:"limits requests per agent, or per address without a token"`
	RateLimitStandard int  `env:"RATE_LIMIT_STANDARD" envDefault:"6000" later:"true" doc:"requests per hour"`
	RateLimitTransfer int  `env:"RATE_LIMIT_TRANSFER" envDefault:"6000" later:"true" doc:"transfers per hour; a bulk request counts its items"`
	RateLimitAdmin    int  `env:"RATE_LIMIT_ADMIN" envDefault:"3000" later:"true" doc:"requests to admin routes per hour"`
	RateLimitIdentity int  `env:"RATE_LIMIT_IDENTITY" envDefault:"60" later:"true" doc:"requests per hour to login and onboarding routes without a token"`

	JWTAlgorithm     auth.Algorithm `env:"JWT_ALGORITHM" envDefault:"HS256" doc:"HS256, RS256, ES256 or EdDSA; a token of another one is refused"`
	JWTSecretKey     Secret         `env:"JWT_SECRET_KEY" secret:"true" doc:"key of HS256, at least 32 bytes"`
	JWTPublicKeyPath string         `env:"JWT_PUBLIC_KEY_PATH" doc:"PEM file with the public key of RS256, ES256 or EdDSA"`
	JWTJWKSURL       string         `env:"JWT_JWKS_URL" later:"true" doc:"address at which the registry publishes its public keys; until then use JWT_PUBLIC_KEY_PATH"`
	JWTIssuer        string         `env:"JWT_ISSUER" doc:"what iss has to be; when unset a token without iss is accepted"`
	JWTAudience      string         `env:"JWT_AUDIENCE" doc:"what aud has to hold; when unset a token without aud is accepted"`
	JWTIssuerRoles   IssuerRoles    `env:"JWT_ISSUER_ROLES" doc:"roles that issuers may give: agent,auditor for any issuer, or https://a.example=agent,auditor;https://b.example=agent; all when unset"`
	JWTMaxLifetime   time.Duration  `env:"JWT_MAX_LIFETIME" envDefault:"24h" doc:"longest time from iat to exp"`
	JWTAccessMinutes int            `env:"JWT_ACCESS_TOKEN_EXPIRE_MINUTES" envDefault:"60" later:"true" doc:"lifetime of the access tokens that the server gives out"`
	JWTRefreshDays   int            `env:"JWT_REFRESH_TOKEN_EXPIRE_DAYS" envDefault:"30" later:"true" doc:"lifetime of the refresh tokens that the server gives out"`

	AutoProvisionAgents bool `env:"AUTO_PROVISION_AGENTS" envDefault:"true" doc:"makes a profile at the first use of a token by an agent that has none"`
	AutoProvisionSelf   bool `env:"AUTO_PROVISION_SELF" later:"true" doc:"the same for self-made DIDs; by default true in development and false in production"`

	TreasuryDID           did.DID        `env:"TEG_SYSTEM_TREASURY_DID" envDefault:"did:agentvault:treasury" doc:"DID of the treasury, which takes the fees"`
	MinTransfer           amount.Amount  `env:"MIN_TRANSFER_AMOUNT" envDefault:"0.01" doc:"smallest transfer"`
	MaxTransfer           *amount.Amount `env:"MAX_TRANSFER_AMOUNT" doc:"largest transfer; unlimited when unset"`
	TransferFee           amount.Amount  `env:"TRANSFER_FEE" envDefault:"0.001" doc:"smallest fee of a transfer"`
	TransferFeePercentage Percent        `env:"TRANSFER_FEE_PERCENTAGE" envDefault:"0" doc:"fee in percent of the amount"`
	TransferFeeMax        *amount.Amount `env:"TRANSFER_FEE_MAX" doc:"largest fee; when unset TRANSFER_FEE while the percentage is 0, unlimited otherwise"`
	FeeSplit              FeeSplit       `env:"FEE_SPLIT" envDefault:"treasury=1" doc:"where fees go, as fractions that sum to 1: treasury=0.5,rewards=0.3,burn=0.2"`
	IdempotencyTTL        time.Duration  `env:"IDEMPOTENCY_TTL" envDefault:"24h" doc:"how long idempotency keys live at least; in production no less than 24h"`

	MinStake                 amount.Amount `env:"MIN_STAKE_AMOUNT" envDefault:"1" doc:"smallest stake"`
	StakingRewardRate        amount.Rate   `env:"STAKING_REWARD_RATE" envDefault:"0.05" doc:"what a reward cycle distributes, as a fraction of the active stake"`
	StakingRewardInterval    time.Duration `env:"STAKING_REWARD_INTERVAL" envDefault:"0s" doc:"how long a reward cycle lasts; with 0s cycles are run by hand alone"`
	RewardTimeWeighted       bool          `env:"REWARD_TIME_WEIGHTED" envDefault:"false" doc:"rewards count for how long a stake lay in the cycle, not what it is at the end"`
	RewardIssuance           bool          `env:"REWARD_ISSUANCE" envDefault:"true" doc:"issues what the treasury cannot pay of a reward cycle; false refuses such a cycle whole"`
	DelegationValidatorShare amount.Rate   `env:"DELEGATION_VALIDATOR_SHARE" envDefault:"0.10" doc:"fraction of a delegation's rewards that the validator keeps unless the delegation says otherwise"`
	UnstakingPeriod          time.Duration `env:"UNSTAKING_PERIOD" envDefault:"0s" doc:"how long value waits on its way out of a stake or a delegation, within reach of a slash"`
	SlashingEnabled          bool          `env:"SLASHING_ENABLED" envDefault:"false" doc:"lets admins slash validators; needs an UNSTAKING_PERIOD"`
	SlashDelegations         bool          `env:"SLASH_DELEGATIONS" envDefault:"true" doc:"slashes what is delegated to a validator with it"`

	publicKey crypto.PublicKey // loaded from JWTPublicKeyPath
	settings  []Setting
}

// Auth returns the configuration of the tokens. The treasury is among its
// reserved DIDs; those of the other system accounts are the engine's to add.
func (c *Config) Auth() auth.Config {
	return auth.Config{
		Algorithm: c.JWTAlgorithm, Secret: c.JWTSecretKey.Reveal(), PublicKey: c.publicKey,
		Issuer: c.JWTIssuer, Audience: c.JWTAudience,
		MaxLifetime: c.JWTMaxLifetime, IssuerRoles: c.JWTIssuerRoles,
		Reserved: []did.DID{c.TreasuryDID},
	}
}
