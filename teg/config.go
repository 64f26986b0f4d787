package teg

import (
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/reputation"
)

// Config says how an engine behaves. Its zero value works: every field names
// the default that zero stands for.
type Config struct {
	// Terms are the economic parameters. Nil means [DefaultTerms].
	Terms *Terms

	// Staking are the economic parameters of staking. Nil means
	// [DefaultStakingTerms].
	Staking *StakingTerms

	// Reputation are the parameters of scores. Nil means [DefaultReputationTerms].
	Reputation *ReputationTerms

	// Disputes are the parameters of disputes. Nil means [DefaultDisputeTerms].
	Disputes *DisputeTerms

	// Trust are the parameters of trust. Nil means [DefaultTrustTerms].
	Trust *TrustTerms

	// RewardInterval is how long a reward cycle lasts; each is run once, however
	// many engines share the database. Zero: cycles are run by hand alone.
	RewardInterval time.Duration

	// Treasury owns the account that fees go to and grants come from. It is
	// written into the database at the first start and cannot change later.
	// Default: did:agentvault:treasury.
	Treasury DID

	// IdempotencyTTL is how long a key is remembered at least; at most it is
	// twice that. Default: 24 hours.
	IdempotencyTTL time.Duration

	// ReaderTerm is how long after the end of a process another one reads the log in
	// its place, for the auditor and for [Engine.Follow]. Default: 15 seconds.
	ReaderTerm time.Duration

	// MaxWaiting is how many operations may wait before callers get
	// [ErrOverloaded]. An element of a batch counts as one. Default: 20,000.
	MaxWaiting int

	// MaxGroup is how many operations are committed together at most; 1 commits
	// each for itself. Default and largest: 1,000.
	MaxGroup int

	// Committers is how many groups may be under way at the same time. Default:
	// 1, which is fastest while all agents may deal with all others.
	Committers int

	// Evidence is where attestations and disputes have their evidence. Nil: what they
	// point at is kept as they say it, and nobody looks whether it is there.
	Evidence EvidenceStore

	// Proofs verifies the zero-knowledge proofs of attestations, by circuits that are
	// registered; package groth16 has a verifier. Nil: no circuits can be registered.
	Proofs ProofVerifier
	// Arbitrator decides disputes that await arbitration. Nil: the panel below or, where
	// there is none either, administrators and arbitrators do by hand, which they may in
	// any case.
	Arbitrator Arbitrator

	// Panel are the parameters of panels of agents, who decide disputes where there is
	// no Arbitrator. Nil: there are no panels. [DefaultPanelTerms] has values to start
	// with.
	Panel *PanelTerms

	// Decider is asked before everything that somebody asks the engine to do, and can deny
	// it. Nil: what the rules of the economy allow is allowed.
	Decider Decider

	// DeciderTimeout is how long the Decider may take for an answer; after that the act is
	// refused with [ErrUndecided]. Default: 2 seconds.
	DeciderTimeout time.Duration

	// Courier carries what webhooks are told to their receivers. Nil: there are no webhooks.
	Courier Courier

	// WebhookSchedule is how long to wait after each failure in a row before a message is
	// tried again; behind the last the webhook is paused. Default: from a second to a day,
	// over three days.
	WebhookSchedule []time.Duration

	// WebhookConcurrency is how many messages are on their way at the same time. Default: 64.
	WebhookConcurrency int

	// ArbitratorDID is in whose name rulings are carried out. Default:
	// did:agentvault:arbitrator.
	ArbitratorDID DID

	// ArbitratorPause is how long the Arbitrator is not asked about a case again in
	// which it has not ruled. Default: 10 seconds.
	ArbitratorPause time.Duration

	// BootstrapTTL is how long a bootstrap token can be used whose issuer did not say:
	// from a minute to a year. Default: 72 hours.
	BootstrapTTL time.Duration
	// LogSigner signs the checkpoints of the log's tree, for those outside who check that
	// their acts are in the log, and stay there; [NewLogSigner] makes one from a key. Nil:
	// the tree is built and its roots are kept, but nothing is signed.
	LogSigner LogSigner

	// LogOrigin is the name of the log, the first line of its checkpoints; a URL without
	// a scheme is usual, such as example.com/teg. No two logs may have the same: a
	// database that was restored to an earlier state and went on from there is another
	// log. Default: the name of the LogSigner, or "unsigned".
	LogOrigin string

	// CheckpointInterval is how often [Engine.Run] makes a checkpoint of a log that
	// grows. Who asks for a proof of what is newer has one made. Default: 10 seconds.
	CheckpointInterval time.Duration

	// EventRetention is how long events stay in the database, and at least
	// [MinEventRetention]: [Engine.Run] has the log forget those that are older once
	// [Engine.ArchiveEvents] has archived them, all readers of the log have read them and
	// the auditor needs them no more. The last event stays. Zero: for ever.
	EventRetention time.Duration

	// Clock gives the time. It is called from the committing goroutine and must
	// not panic. Default: time.Now.
	Clock func() time.Time

	// NewID gives the unique part of ids: sixteen bytes that sort by the time
	// of the call, strictly within the process. Default: UUIDv7.
	NewID func() [16]byte

	// Logger takes what an operator should know. Default: discarded.
	Logger *slog.Logger

	// Metrics is told what happens. Default: nobody.
	Metrics Metrics

	// Tracer is told of each operation as it begins and ends. Default: nobody.
	Tracer Tracer
}

// The DIDs of the system accounts other than the treasury.
var (
	IssuanceDID = did.MustParse("did:agentvault:issuance")
	RewardsDID  = did.MustParse("did:agentvault:rewards")
)

// DefaultTreasury is the treasury's DID where the configuration names none.
var DefaultTreasury = did.MustParse("did:agentvault:treasury")

// DefaultArbitrator is in whose name rulings are carried out where the configuration
// names nobody. It has no account.
var DefaultArbitrator = did.MustParse("did:agentvault:arbitrator")

// DefaultTerms are the parameters that economics start with: a fee of 0.001 AVT
// per transfer, all of it to the treasury, and no transfer below 0.01 AVT.
func DefaultTerms() Terms {
	return Terms{
		Fees:        Fees{Fixed: amount.MustParse("0.001")},
		MinTransfer: amount.MustParse("0.01"),
	}
}

// DefaultStakingTerms are the parameters that staking starts with: stakes of 1
// AVT at least, 5 % a cycle, of which a validator gets a tenth of what is
// delegated to it, issued where the treasury is short; taken out at once, and no
// slashing.
func DefaultStakingTerms() StakingTerms {
	return StakingTerms{
		MinStake: amount.MustParse("1"), RewardRate: amount.Percent(5), IssueRewards: true,
		ValidatorShare: amount.Percent(10), SlashDelegated: true,
	}
}

// DefaultReputationTerms are the parameters that scores start with: one point for a
// signal, two for a service done well, five less for one that failed by the
// provider's fault and three less by the consumer's, fifty less for a CRITICAL flag
// that is confirmed, twenty-five less for a dispute lost and five for one won.
func DefaultReputationTerms() ReputationTerms { return reputation.DefaultTerms() }

// DefaultDisputeTerms are the parameters that disputes start with: filed within thirty
// days, without a fee or a bond; seven days open, fourteen under review and fourteen
// before an arbitrator at most.
func DefaultDisputeTerms() DisputeTerms { return dispute.DefaultTerms() }

// DefaultTrustTerms are the parameters that trust starts with; package reputation
// has the formula.
func DefaultTrustTerms() TrustTerms { return reputation.DefaultTrustTerms() }

const maxGroup = 1000

// withDefaults fills what was left zero, and refuses what makes no sense.
func (c Config) withDefaults() (Config, error) {
	if err := c.defaultTerms(); err != nil {
		return c, err
	}
	if c.Treasury.IsZero() {
		c.Treasury = DefaultTreasury
	}
	if c.Treasury == IssuanceDID || c.Treasury == RewardsDID {
		return c, ledger.Invalid("Treasury", "%s is reserved for another system account", c.Treasury)
	}
	if err := c.checkArbitrator(); err != nil {
		return c, err
	}
	if c.ArbitratorDID.IsZero() {
		c.ArbitratorDID = DefaultArbitrator
	}
	if c.RewardInterval < 0 || c.RewardInterval > 0 && c.RewardInterval < time.Second {
		return c, ledger.Invalid("RewardInterval", "zero, or a second or more")
	}
	if c.IdempotencyTTL < 0 || c.ReaderTerm < 0 || c.DeciderTimeout < 0 || c.MaxWaiting < 0 || c.Committers < 0 || c.MaxGroup < 0 || c.MaxGroup > maxGroup {
		return c, ledger.Invalid("Config", "a duration or count is negative, or MaxGroup is above %d", maxGroup)
	}
	if err := c.checkWebhooks(); err != nil {
		return c, err
	}
	if err := c.checkLog(); err != nil {
		return c, err
	}
	setDefault(&c.IdempotencyTTL, 24*time.Hour)
	setDefault(&c.BootstrapTTL, 72*time.Hour)
	if err := validBootstrapTTL("BootstrapTTL", c.BootstrapTTL); err != nil {
		return c, err
	}
	setDefault(&c.ReaderTerm, 15*time.Second)
	setDefault(&c.DeciderTimeout, defaultDeciderTimeout)
	setDefault(&c.ArbitratorPause, 10*time.Second)
	setDefault(&c.MaxWaiting, 20_000)
	setDefault(&c.MaxGroup, maxGroup)
	setDefault(&c.Committers, 1)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.NewID == nil {
		c.NewID = newUUID
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Logger = slog.New(requestLog{c.Logger.Handler()})
	c.defaultMetrics()
	return c, nil
}

// defaultTerms fills in the parameters that were left out, and refuses those that
// contradict each other.
func (c *Config) defaultTerms() error {
	if c.Terms == nil {
		terms := DefaultTerms()
		c.Terms = &terms
	}
	if c.Staking == nil {
		terms := DefaultStakingTerms()
		c.Staking = &terms
	}
	if c.Reputation == nil {
		terms := DefaultReputationTerms()
		c.Reputation = &terms
	}
	if c.Disputes == nil {
		terms := DefaultDisputeTerms()
		c.Disputes = &terms
	}
	if c.Trust == nil {
		terms := DefaultTrustTerms()
		c.Trust = &terms
	}
	if err := check(c.Terms.Check(), c.Staking.Check(), c.Reputation.Check(), c.Disputes.Check()); err != nil {
		return err
	}
	if err := c.Trust.Check(); err != nil {
		return ledger.Invalid("Trust", "%v", err)
	}
	return nil
}

// checkArbitrator refuses two who decide, and terms of panels that make no sense.
func (c *Config) checkArbitrator() error {
	switch {
	case c.Arbitrator != nil && c.Panel != nil:
		return ledger.Invalid("Panel", "there is an Arbitrator already")
	case c.ArbitratorPause < 0:
		return ledger.Invalid("ArbitratorPause", "must not be negative")
	case c.ArbitratorDID == IssuanceDID || c.ArbitratorDID == RewardsDID:
		return ledger.Invalid("ArbitratorDID", "%s is a system account", c.ArbitratorDID)
	case c.Panel != nil:
		return c.Panel.Check()
	}
	return nil
}

func setDefault[T int | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

func newUUID() [16]byte { return uuid.Must(uuid.NewV7()) }
