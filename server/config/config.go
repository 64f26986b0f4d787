package config

import (
	"crypto"
	"log/slog"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
)

// Config is the configuration in force. It is the table of all variables: a
// field has its name (env), default (envDefault) and meaning (doc), and
// secret:"true" where no value may be shown, later:"true" where this version
// checks a value and does not use it. group begins a heading of the documentation.
// Field names are unique, which [Load] relies on.
type Config struct {
	Environment Environment `group:"The process" env:"ENVIRONMENT" envDefault:"development" doc:"development or production; production refuses unsafe settings"`
	Debug       bool        `env:"DEBUG" envDefault:"false" doc:"puts details of faults into answers; refused in production"`
	LogLevel    slog.Level  `env:"LOG_LEVEL" envDefault:"info" doc:"debug, info, warn or error"`
	LogFormat   LogFormat   `env:"LOG_FORMAT" envDefault:"text" doc:"text or json"`

	MetricsAddr    string         `group:"Observability" env:"METRICS_ADDR" doc:"host:port of its own for /metrics, which is on LISTEN_ADDR when unset"`
	TracesExporter TracesExporter `env:"OTEL_TRACES_EXPORTER" doc:"otlp, console or none; when unset otlp where OTEL_EXPORTER_OTLP_ENDPOINT is set, else none"`
	OTLPEndpoint   string         `env:"OTEL_EXPORTER_OTLP_ENDPOINT" doc:"address of a collector that takes traces over OTLP/HTTP, such as http://127.0.0.1:4318"`

	Database Database `group:"Database" env:"DATABASE_URL" envDefault:"sqlite://teg.db" secret:"true" doc:"postgres://..., sqlite:///absolute/path.db, sqlite://relative.db or sqlite://:memory:"`

	ListenAddr      string        `group:"Server" env:"LISTEN_ADDR" envDefault:":8000" doc:"host:port on which the server listens"`
	APIPrefix       string        `env:"API_V1_PREFIX" envDefault:"/api/v1" doc:"path under which the API is served"`
	CORSOrigins     Origins       `env:"CORS_ALLOWED_ORIGINS" doc:"JSON list of the origins whose pages may call the API; none when unset"`
	TrustedProxies  Networks      `env:"TRUSTED_PROXIES" doc:"addresses or networks, with commas between them, whose X-Forwarded-For is believed"`
	MaxBodyBytes    int64         `env:"MAX_BODY_BYTES" envDefault:"1048576" doc:"longest body of a request"`
	MaxConcurrent   int           `env:"MAX_CONCURRENT_REQUESTS" envDefault:"4096" doc:"requests that are worked on at the same time; one more is refused at once"`
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"20s" doc:"time to finish what is under way after SIGTERM"`

	RateLimitEnabled  bool       `group:"Rate limits" env:"RATE_LIMIT_ENABLED" envDefault:"true" doc:"limits requests per agent, or per address without a token"`
	RateLimitStandard int        `env:"RATE_LIMIT_STANDARD" envDefault:"6000" doc:"requests per hour"`
	RateLimitTransfer int        `env:"RATE_LIMIT_TRANSFER" envDefault:"6000" doc:"transfers per hour; a bulk request counts its items"`
	RateLimitAdmin    int        `env:"RATE_LIMIT_ADMIN" envDefault:"3000" doc:"requests to admin routes per hour"`
	RateLimitIdentity int        `env:"RATE_LIMIT_IDENTITY" envDefault:"60" doc:"requests per hour and address to login and onboarding routes"`
	RateLimitStore    LimitStore `env:"RATE_LIMIT_STORE" envDefault:"memory" doc:"where requests are counted: memory, for one server; postgres or redis, for several together"`
	RedisURL          Secret     `env:"REDIS_URL" secret:"true" doc:"address of Redis, for RATE_LIMIT_STORE=redis, such as redis://user:password@host:6379/0"`

	CacheURL Secret        `group:"Shared cache" env:"CACHE_URL" secret:"true" doc:"address of a Redis in which servers share rankings and public reputation, such as redis://user:password@host:6379/1; when unset nothing is shared; see docs/performance.md"`
	CacheTTL time.Duration `env:"CACHE_TTL" envDefault:"10s" doc:"how long a shared answer is given at most"`

	ConsoleEnabled bool   `group:"Console" env:"CONSOLE_ENABLED" doc:"serves the console at /console; by default true in development and false in production"`
	ConsoleSecret  Secret `env:"CONSOLE_SECRET" secret:"true" doc:"what the console's sessions are sealed under, at least 32 bytes, the same on all servers; when unset it follows from the key that signs the tokens of logins, and where there is none sessions end with the process"`

	JWTAlgorithm      auth.Algorithm `group:"Tokens" env:"JWT_ALGORITHM" envDefault:"HS256" doc:"HS256, RS256, ES256 or EdDSA; a token of another one is refused"`
	JWTSecretKey      Secret         `env:"JWT_SECRET_KEY" secret:"true" doc:"key of HS256, at least 32 bytes"`
	JWTPublicKeyPath  string         `env:"JWT_PUBLIC_KEY_PATH" doc:"PEM file with the public key of RS256, ES256 or EdDSA"`
	JWTPrivateKeyPath string         `env:"JWT_PRIVATE_KEY_PATH" doc:"PEM file with the private key of RS256, ES256 or EdDSA, by which the server signs the tokens of agents who log in; without it nobody can"`
	JWTJWKSURL        string         `env:"JWT_JWKS_URL" doc:"address at which a registry publishes its public keys; no other is asked, whatever a token says"`
	JWTJWKSAlgorithm  auth.Algorithm `env:"JWT_JWKS_ALGORITHM" doc:"RS256, ES256 or EdDSA: what the registry signs with; JWT_ALGORITHM when unset"`
	JWTJWKSIssuer     string         `env:"JWT_JWKS_ISSUER" doc:"what iss of the registry's tokens has to be; JWT_ISSUER when unset and there is no key beside the registry's"`
	JWTJWKSMethods    DIDMethods     `env:"JWT_JWKS_DID_METHODS" doc:"methods of the DIDs that the registry may speak for, such as web,agentvault; all when unset"`
	JWTJWKSRefresh    time.Duration  `env:"JWT_JWKS_REFRESH" envDefault:"5m" doc:"how often the registry's keys are read anew: how long one that it withdrew may still be accepted"`
	JWTIssuer         string         `env:"JWT_ISSUER" doc:"what iss has to be; when unset a token without iss is accepted"`
	JWTAudience       string         `env:"JWT_AUDIENCE" doc:"what aud has to hold; when unset a token without aud is accepted"`
	JWTIssuerRoles    IssuerRoles    `env:"JWT_ISSUER_ROLES" doc:"roles that issuers may give: agent,auditor for any issuer, or https://a.example=agent,auditor;https://b.example=agent; when unset all for the key of this server, and agent for a registry"`
	JWTMaxLifetime    time.Duration  `env:"JWT_MAX_LIFETIME" envDefault:"24h" doc:"longest time from iat to exp"`
	JWTAccessMinutes  int            `env:"JWT_ACCESS_TOKEN_EXPIRE_MINUTES" envDefault:"60" doc:"lifetime of the access tokens that the server gives to agents who log in"`
	JWTRefreshDays    int            `env:"JWT_REFRESH_TOKEN_EXPIRE_DAYS" envDefault:"30" doc:"how long after a login its session can be refreshed; then the agent signs again"`

	LoginDIDMethods DIDMethods `group:"Logins and onboarding" env:"LOGIN_DID_METHODS" envDefault:"key,jwk,web" doc:"methods of the DIDs that can log in by a signature, or none"`
	DIDWebNetworks  Networks   `env:"DID_WEB_NETWORKS" doc:"addresses or networks that documents of did:web may lie in although they are not public; none when unset"`

	AutoProvisionAgents bool `env:"AUTO_PROVISION_AGENTS" envDefault:"true" doc:"makes a profile at the first use of a token by an agent that has none"`
	AutoProvisionSelf   bool `env:"AUTO_PROVISION_SELF" doc:"makes a profile at the login of an agent that has none; by default true in development and false in production"`

	TreasuryDID           did.DID        `group:"Money" env:"TEG_SYSTEM_TREASURY_DID" envDefault:"did:agentvault:treasury" doc:"DID of the treasury, which takes the fees"`
	MinTransfer           amount.Amount  `env:"MIN_TRANSFER_AMOUNT" envDefault:"0.01" doc:"smallest transfer"`
	MaxTransfer           *amount.Amount `env:"MAX_TRANSFER_AMOUNT" doc:"largest transfer; unlimited when unset"`
	TransferFee           amount.Amount  `env:"TRANSFER_FEE" envDefault:"0.001" doc:"smallest fee of a transfer"`
	TransferFeePercentage Percent        `env:"TRANSFER_FEE_PERCENTAGE" envDefault:"0" doc:"fee in percent of the amount"`
	TransferFeeMax        *amount.Amount `env:"TRANSFER_FEE_MAX" doc:"largest fee; when unset TRANSFER_FEE while the percentage is 0, unlimited otherwise"`
	FeeSplit              FeeSplit       `env:"FEE_SPLIT" envDefault:"treasury=1" doc:"where fees go, as fractions that sum to 1: treasury=0.5,rewards=0.3,burn=0.2"`
	OnboardingGrant       amount.Amount  `env:"ONBOARDING_GRANT" envDefault:"0" doc:"what the treasury pays an agent that registers with a bootstrap token"`
	BootstrapTokenTTL     time.Duration  `env:"BOOTSTRAP_TOKEN_TTL" envDefault:"72h" doc:"how long a bootstrap token can be used whose issuer does not say; from 1m to 365d"`
	IdempotencyTTL        time.Duration  `env:"IDEMPOTENCY_TTL" envDefault:"24h" doc:"how long idempotency keys live at least; in production no less than 24h"`

	MinStake                 amount.Amount `group:"Staking" env:"MIN_STAKE_AMOUNT" envDefault:"1" doc:"smallest stake"`
	StakingRewardRate        amount.Rate   `env:"STAKING_REWARD_RATE" envDefault:"0.05" doc:"what a reward cycle distributes, as a fraction of the active stake"`
	StakingRewardInterval    time.Duration `env:"STAKING_REWARD_INTERVAL" envDefault:"0s" doc:"how long a reward cycle lasts; with 0s cycles are run by hand alone"`
	RewardTimeWeighted       bool          `env:"REWARD_TIME_WEIGHTED" envDefault:"false" doc:"rewards count for how long a stake lay in the cycle, not what it is at the end"`
	RewardIssuance           bool          `env:"REWARD_ISSUANCE" envDefault:"true" doc:"issues what the treasury cannot pay of a reward cycle; false refuses such a cycle whole"`
	DelegationValidatorShare amount.Rate   `env:"DELEGATION_VALIDATOR_SHARE" envDefault:"0.10" doc:"fraction of a delegation's rewards that the validator keeps unless the delegation says otherwise"`
	UnstakingPeriod          time.Duration `env:"UNSTAKING_PERIOD" envDefault:"0s" doc:"how long value waits on its way out of a stake or a delegation, within reach of a slash"`
	SlashingEnabled          bool          `env:"SLASHING_ENABLED" envDefault:"false" doc:"lets admins slash validators; needs an UNSTAKING_PERIOD"`
	SlashDelegations         bool          `env:"SLASH_DELEGATIONS" envDefault:"true" doc:"slashes what is delegated to a validator with it"`

	ReputationSignal          int  `group:"Reputation" env:"REPUTATION_SIGNAL" envDefault:"1" doc:"points that praise adds to a score and a complaint takes"`
	ReputationSuccess         int  `env:"REPUTATION_AVTP_SUCCESS" envDefault:"2" doc:"points for the responder of an AVTP transaction that went well"`
	ReputationFailureProvider int  `env:"REPUTATION_AVTP_FAILURE_PROVIDER" envDefault:"-5" doc:"points for the responder of one that failed by its fault; negative or 0"`
	ReputationFailureConsumer int  `env:"REPUTATION_AVTP_FAILURE_CONSUMER" envDefault:"-3" doc:"points for the initiator of one that failed by its fault; negative or 0"`
	ReputationCriticalFlag    int  `env:"REPUTATION_CRITICAL_FLAG" envDefault:"-50" doc:"points for an agent of whom a CRITICAL flag is confirmed; negative or 0"`
	ReputationAttested        int  `env:"REPUTATION_ATTESTATION" envDefault:"1" doc:"points for an agent whose attestation is accepted or verified"`
	RewardMinReputation       *int `env:"REWARD_MIN_REPUTATION" doc:"score from which agents that came by themselves earn rewards for attestations; when unset they never do"`
	ReputationDisputeLost     int  `env:"REPUTATION_DISPUTE_LOST" envDefault:"-25" doc:"points for who lost a dispute, or filed a frivolous one; negative or 0"`
	ReputationDisputeWon      int  `env:"REPUTATION_DISPUTE_WON" envDefault:"5" doc:"points for who won a dispute"`
	SignalPairLimit           int  `env:"SIGNAL_PAIR_LIMIT" envDefault:"0" doc:"signals of one agent about another that count within 30 days; with 0 all do"`

	DisputeWindow      time.Duration `group:"Disputes" env:"DISPUTE_WINDOW" envDefault:"720h" doc:"how long after it happened something can be disputed"`
	DisputeFilingFee   amount.Amount `env:"DISPUTE_FILING_FEE" envDefault:"0" doc:"what filing a dispute costs; at its end it belongs to whom the end says"`
	DisputeBond        amount.Amount `env:"DISPUTE_BOND" envDefault:"0" doc:"what is set aside with the fee, and lost by a claim that is frivolous"`
	DisputeOpen        time.Duration `env:"DISPUTE_OPEN_PERIOD" envDefault:"168h" doc:"how long a dispute is OPEN until it is under review by itself"`
	DisputeReview      time.Duration `env:"DISPUTE_REVIEW_PERIOD" envDefault:"336h" doc:"how long a dispute is UNDER_REVIEW until it awaits arbitration by itself"`
	DisputeArbitration time.Duration `env:"DISPUTE_ARBITRATION_PERIOD" envDefault:"336h" doc:"how long a dispute is AWAITING_ARBITRATION until it is rejected by itself"`

	AuditorEnabled bool          `group:"Auditor" env:"AUDITOR_ENABLED" envDefault:"true" doc:"lets the auditor's rules read what is committed, and flag agents; one server of several does at a time"`
	ReaderTerm     time.Duration `env:"READER_TERM" envDefault:"15s" doc:"how long after the end of a server another one reads the log for the auditor in its place"`

	LogSigningKey         Secret        `group:"Audit log" env:"LOG_SIGNING_KEY" secret:"true" doc:"private key that signs the checkpoints of the audit log, as teg log keygen prints it; when unset none are given out"`
	LogOrigin             string        `env:"LOG_ORIGIN" doc:"name of the audit log, the first line of its checkpoints, such as teg.example/log; the key's name when unset"`
	LogCheckpointInterval time.Duration `env:"LOG_CHECKPOINT_INTERVAL" envDefault:"10s" doc:"how often a checkpoint is made of an audit log that grows"`
	EventRetention        time.Duration `env:"EVENT_RETENTION" envDefault:"0s" doc:"how long events stay in the database once teg log archive has archived them, from 90d; with 0s for ever"`

	IPFSAPIURL       string        `group:"Evidence" env:"IPFS_API_URL" doc:"address of the RPC of the IPFS node that evidence is read from and pinned at, such as http://127.0.0.1:5001; when unset nobody looks at evidence"`
	IPFSAPIToken     Secret        `env:"IPFS_API_TOKEN" secret:"true" doc:"bearer token for that node; none when unset"`
	IPFSPinningURL   string        `env:"IPFS_PINNING_URL" doc:"address of a Pinning Service that is to keep evidence, too, such as https://pin.example/psa; none when unset"`
	IPFSPinningToken Secret        `env:"IPFS_PINNING_TOKEN" secret:"true" doc:"access token of the Pinning Service"`
	IPFSMaxBytes     int64         `env:"IPFS_MAX_BYTES" envDefault:"16777216" doc:"largest evidence; what is larger is refused"`
	IPFSTimeout      time.Duration `env:"IPFS_TIMEOUT" envDefault:"30s" doc:"how long storage may take for one piece of evidence before it counts as away"`

	ArbitratorURL     string        `group:"Arbitration by a service" env:"ARBITRATOR_URL" doc:"address of an outside service that decides disputes, such as https://court.example/v1; see docs/arbitration.md"`
	ArbitratorToken   Secret        `env:"ARBITRATOR_TOKEN" secret:"true" doc:"bearer token for that service; none when unset"`
	ArbitratorTimeout time.Duration `env:"ARBITRATOR_TIMEOUT" envDefault:"10s" doc:"how long that service may take for one answer"`
	ArbitratorPoll    time.Duration `env:"ARBITRATOR_POLL_INTERVAL" envDefault:"10s" doc:"how often that service is asked whether it has ruled"`
	ArbitratorDID     did.DID       `env:"ARBITRATOR_DID" envDefault:"did:agentvault:arbitrator" doc:"in whose name the rulings of that service and of panels are carried out"`

	PanelEnabled       bool          `group:"Arbitration by panels" env:"PANEL_ENABLED" envDefault:"false" doc:"lets panels of agents, drawn by stake, decide disputes; not together with ARBITRATOR_URL"`
	PanelSeats         int           `env:"PANEL_SEATS" envDefault:"3" doc:"jurors of a panel, an odd number"`
	PanelCommitWindow  time.Duration `env:"PANEL_COMMIT_WINDOW" envDefault:"72h" doc:"how long jurors may commit to a vote"`
	PanelRevealWindow  time.Duration `env:"PANEL_REVEAL_WINDOW" envDefault:"48h" doc:"how long they may reveal it after that"`
	PanelMinReputation int           `env:"PANEL_MIN_REPUTATION" envDefault:"50" doc:"reputation that a juror needs"`
	PanelMinStake      amount.Amount `env:"PANEL_MIN_STAKE" envDefault:"10" doc:"own stake, from before the dispute, that a juror needs"`
	PanelSeatStake     amount.Amount `env:"PANEL_SEAT_STAKE" envDefault:"5" doc:"how much of it is pinned while it sits"`
	PanelPenalty       amount.Amount `env:"PANEL_PENALTY" envDefault:"1" doc:"how much of that a juror loses who does not vote"`
	PanelReward        amount.Amount `env:"PANEL_REWARD" envDefault:"0" doc:"what the treasury pays each juror who votes with the majority, beside the penalties of the others"`

	OPAURL       string        `group:"Policies from outside" env:"OPA_URL" doc:"address of the rule of an Open Policy Agent that is asked before every act, such as http://127.0.0.1:8181/v1/data/teg/decision; see docs/integrations.md"`
	OPAToken     Secret        `env:"OPA_TOKEN" secret:"true" doc:"bearer token for that agent; none when unset"`
	OPATimeout   time.Duration `env:"OPA_TIMEOUT" envDefault:"2s" doc:"how long a policy may take to decide, at OPA_URL or in OPA_POLICY_DIR, before the act is refused"`
	OPAPolicyDir string        `env:"OPA_POLICY_DIR" doc:"directory with policies in Rego that decide inside of the server, by data.teg.decision; instead of OPA_URL, in binaries built with -tags full"`

	WebhookSecretKey    Secret        `group:"Webhooks" env:"WEBHOOK_SECRET_KEY" secret:"true" doc:"key that the secrets of all webhooks are made from, at least 32 bytes; when unset there are no webhooks; see docs/webhooks.md"`
	WebhookAllowPrivate bool          `env:"WEBHOOK_ALLOW_PRIVATE" envDefault:"false" doc:"lets webhooks go to private addresses and by http; true under teg dev"`
	WebhookTimeout      time.Duration `env:"WEBHOOK_TIMEOUT" envDefault:"10s" doc:"how long a receiver may take to answer"`
	WebhookConcurrency  int           `env:"WEBHOOK_CONCURRENCY" envDefault:"64" doc:"messages that are on their way at the same time"`

	Registries      Registries    `group:"Registries" env:"REGISTRIES" doc:"JSON list of registries of agents: issuer, jwks_url, algorithm, did_methods, roles, metadata_url; see docs/integrations.md"`
	RegistryTimeout time.Duration `env:"REGISTRY_TIMEOUT" envDefault:"2s" doc:"how long a registry may take to tell of an agent"`
	RegistryTTL     time.Duration `env:"REGISTRY_TTL" envDefault:"10m" doc:"how long what a registry told counts before it is asked again"`

	SPIFFEListenAddr string    `group:"Workloads" env:"SPIFFE_LISTEN_ADDR" doc:"host:port on which workloads connect with their X.509-SVIDs, beside LISTEN_ADDR; in binaries built with -tags full"`
	SPIFFESocket     string    `env:"SPIFFE_ENDPOINT_SOCKET" doc:"address of the SPIFFE Workload API, such as unix:///run/spire/agent.sock"`
	SPIFFEDomains    []string  `env:"SPIFFE_TRUST_DOMAINS" doc:"trust domains whose workloads may connect, with commas between them"`
	SPIFFERoles      PeerRoles `env:"SPIFFE_ROLES" doc:"JSON object that says who a workload is: {\"spiffe://example.org/billing\": {\"agent\": \"did:web:billing.example\", \"roles\": [\"system\"]}}"`

	publicKey  crypto.PublicKey // loaded from JWTPublicKeyPath, or that of the private key
	privateKey crypto.Signer    // loaded from JWTPrivateKeyPath
	jwks       *auth.JWKS       // nil: none is configured
	registries []auth.Issuer    // of Registries
	settings   []Setting
}

// Auth returns the configuration of the tokens. The treasury is among its
// reserved DIDs; those of the other system accounts are the engine's to add.
func (c *Config) Auth() auth.Config {
	return auth.Config{
		Algorithm: c.JWTAlgorithm, Secret: c.JWTSecretKey.Reveal(), PublicKey: c.publicKey,
		Issuer: c.JWTIssuer, Audience: c.JWTAudience,
		MaxLifetime: c.JWTMaxLifetime, IssuerRoles: c.JWTIssuerRoles,
		Reserved: []did.DID{c.TreasuryDID}, Issuers: c.issuers(),
	}
}

// JWKS are the keys of the registry at JWT_JWKS_URL, nil for none. They are the same
// that [Config.Auth] checks tokens with; whoever uses those runs them.
func (c *Config) JWKS() *auth.JWKS { return c.jwks }

// PrivateKey is the key by which the server signs tokens, where JWT_ALGORITHM is not
// HS256; nil for none.
func (c *Config) PrivateKey() crypto.Signer { return c.privateKey }

// issuers are the registries whose tokens are accepted.
func (c *Config) issuers() []auth.Issuer {
	if c.jwks == nil {
		return c.registries
	}
	name := c.registryName()
	roles, named := c.JWTIssuerRoles[name]
	if !named {
		roles = c.JWTIssuerRoles[auth.AnyIssuer]
	}
	return append(slices.Clone(c.registries), auth.Issuer{Name: name, Algorithm: c.registryAlgorithm(), Keys: c.jwks, Roles: roles, DIDMethods: c.JWTJWKSMethods})
}
