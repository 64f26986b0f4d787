package store

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
)

// Store is an opened database. It is safe for concurrent use.
type Store interface {
	Migrator
	Archiver
	// Writer returns a connection for groups, with a stripe that no other
	// writer of any process uses at the same time, as far as stripes last.
	// It must be closed.
	Writer(ctx context.Context) (Writer, error)
	// Reader returns the questions that can be asked.
	Reader() Reader
	// Maintain does what is due, in a short step.
	Maintain(ctx context.Context, m Maintenance) error
	// Claim makes a process the one that reads the log under a name, or keeps it
	// so, and notes how far it has read. See [Claim].
	Claim(ctx context.Context, c Claim) (position int64, mine bool, err error)
	// Sessions returns what is remembered of logins.
	Sessions() Sessions
	// Webhooks keeps how far webhooks were told of the log.
	Webhooks() WebhookKeeper
	// GrowTree writes tiles and a checkpoint, all or nothing. Where one of them is there
	// already, which is what several processes do at once, it is [ErrConflict]; where the
	// log is not the one that they were made of, [ErrBeyondLog].
	GrowTree(ctx context.Context, growth TreeGrowth) error
	// KeepSegment records a segment behind the last one. Where it does not begin there,
	// as when another process was first, it is [ErrConflict].
	KeepSegment(ctx context.Context, segment Segment) error
	// SetUp makes the rows of the system accounts with the given owners, where
	// they are missing, and the profile of none. A kind without an owner is left
	// out. It is idempotent. It returns
	// [ErrForeignTreasury] when the database's treasury has another owner.
	SetUp(ctx context.Context, owners map[ledger.Kind]did.DID) error
	// Check refuses a database whose settings could lose a commit, with
	// [ErrUnsafe].
	Check(ctx context.Context) error
	// Pools tells how the connections are used right now. It asks no database.
	Pools() []Pool
	Close() error
}

// Migrator changes the schema, explicitly and one step at a time. It is safe to
// be called by several processes at once.
type Migrator interface {
	// Migrate applies every pending migration.
	Migrate(ctx context.Context) error
	// MigrateDown takes the last migration back. It returns [ErrHasData] when
	// that would destroy rows, unless force is set.
	MigrateDown(ctx context.Context, force bool) error
	// SchemaStatus tells where the schema stands.
	SchemaStatus(ctx context.Context) (SchemaStatus, error)
}

// SchemaStatus compares the database's schema with the one that this program
// was built for.
type SchemaStatus struct {
	Applied []string // names of migrations, in order
	Pending []string
	Unknown []string // applied by a newer program
	Dirty   string   // the migration that began and did not end
}

// Writer commits groups over one connection. It is used by one goroutine at a
// time.
type Writer interface {
	// Begin opens a transaction and loads what the group needs. On an error
	// nothing is open. Rows that other transactions hold make it wait as the
	// lock mode says; a wait that ran out is [ErrLocked].
	Begin(ctx context.Context, need Need, mode LockMode) (Tx, *Rows, error)
	// Await waits until no other writer's group is under way, where groups of several
	// processes were seen to wait for each other's rows: what comes in meanwhile can
	// share the group. The turn ends with the next transaction, or with Pass. It is a
	// courtesy and guards nothing: where it does not come in time, nobody waits longer.
	Await(ctx context.Context)
	// Pass gives a turn up for which there is no group after all.
	Pass(ctx context.Context)
	// Stripe is the stripe at which this writer collects.
	Stripe() uint8
	Close() error
}

// LockMode says what to do about rows that others hold.
type LockMode uint8

const (
	// LockBriefly waits for each row for at most 50 ms, or on PostgreSQL as long as some
	// of the writer's own transactions take, where that is longer, up to 2 s: another
	// server's may be before it, and takes about as long. SQLite has no row locks:
	// there, writers of this process are waited for as the context allows, and
	// other processes as busy_timeout says, 5 s unless another is set.
	LockBriefly LockMode = iota
	// LockSkipping leaves out rows that are held; the caller finds them missing.
	// SQLite, where no row is held, waits as above.
	LockSkipping
	// LockPatiently waits until the context ends.
	LockPatiently
)

// Tx is one open transaction. Once it has ended, everything but Rollback, which
// changes nothing then, is an error: database/sql's ErrTxDone.
type Tx interface {
	// LiveRefusals counts the remembered refusals of each caller.
	LiveRefusals(ctx context.Context, callers []ledger.AccountID) (map[ledger.AccountID]int, error)
	// Commit writes the changes and commits. A nil error means that they are
	// durable. [ErrOutcomeUnknown] means that they may be; every other error
	// means that nothing was written. In a host's transaction it writes and
	// leaves the commit to the host.
	//
	// Without changes it makes durable what the transaction was shown: with standbys
	// there may be rows that a failover would lose, where somebody cut the wait for them.
	//
	// Changes with events that were decided by other terms than those in force are
	// [ErrTermsChanged]: nobody can change the terms between the check and the commit.
	// In a host's transaction there is no check, where its events are numbered later.
	Commit(ctx context.Context, changes *Changes) error
	// Rollback ends the transaction without a trace.
	Rollback(ctx context.Context) error
}

// Need is what a group of operations must have loaded. Its slices hold no
// duplicates; drivers put them in lock order themselves.
type Need struct {
	Accounts      []ledger.AccountID     // rows to lock
	Owners        []did.DID              // agents that may not exist yet: their rows to lock if they do, two ids reserved if not
	Holds         []ledger.HoldID        // holds to lock
	ActiveHoldsOf []ledger.AccountID     // payers whose active holds to lock
	Keys          []Key                  // idempotency keys to look up
	References    []Key                  // lasting references to look up
	Refunded      []ledger.TransactionID // originals whose refunds to sum up
	Staking       staking.Need           // rows of stakes, under the lock of the total
	Reputation    reputation.Need        // of conduct, under the locks of the agents' rows
	Flags         []auditor.FlagID       // under the locks of the flagged agents' rows
	Attestation   attestation.Need       // under the locks of the agents' rows and of the treasury's first
	Disputes      dispute.Need           // under the locks of the parties' rows
	DebtsOf       []ledger.AccountID     // debtors whose oldest open debts to load, under the locks of their rows
	Panels        []dispute.ID           // all rounds of these, under the locks of their guards' rows
	Bootstraps    []ledger.BootstrapID   // tokens to lock
	Webhooks      webhook.Need           // those that are named to lock, and those of owners to find
	Fresh         int                    // account ids to reserve besides those for owners
}

// Rows is what was loaded.
type Rows struct {
	Accounts   []ledger.Account
	Holds      []ledger.Hold
	Records    []Record
	References []Key // those that are taken
	Refunded   map[ledger.TransactionID]amount.Amount
	// NewAccounts are reserved ids, two for each owner asked for, in the order
	// of Need.Owners, whether the owner exists or not.
	NewAccounts []ledger.AccountID
	Staking     staking.Rows // zero where another holds the total and that is skipped
	Reputation  reputation.Rows
	Flags       []auditor.Flag
	Attestation attestation.Rows
	Disputes    []dispute.Dispute // each once
	Debts       []ledger.Debt     // of each debtor at most ledger.MaxDebtsPaid, the oldest
	Panels      panel.Rows
	Bootstraps  []ledger.BootstrapToken
	Webhooks    []webhook.Webhook  // those of owners first
	Fresh       []ledger.AccountID // reserved ids, as many as were asked for
	// TermsVersion is that of the terms in force once the locks were held. Another may
	// follow before the commit, but not on SQLite.
	TermsVersion int64
}

// Changes is everything that a group decided.
type Changes struct {
	Moved        []*ledger.Account // loaded rows of which balance and seq alone differ now
	Altered      []*ledger.Account // the other loaded rows that differ, to be written whole
	Opened       []*ledger.Account // new rows
	Agents       []ledger.Agent    // new profiles
	Profiles     []ProfileChange
	Roles        []RolesChange
	Transactions []ledger.Transaction // with their entries
	NewHolds     []ledger.Hold
	Holds        []ledger.Hold // holds that were loaded and differ now
	Records      []Record
	References   []Reference
	Events       []Event
	Private      []Private
	Staking      staking.Changes
	Slashes      []staking.Slash
	Reputation   reputation.Changes
	Flags        auditor.Changes
	Disputes     dispute.Changes
	Debts        ledger.DebtChanges
	Policies     policy.Changes // together with an event, alone in their group
	TermsVersion int64          // of the terms by which all of this was decided
	Attestation  attestation.Changes
	Panels       panel.Changes
	Bootstraps   ledger.BootstrapChanges
	Webhooks     webhook.Changes
}

// Empty reports whether there is nothing to write.
func (c *Changes) Empty() bool {
	return len(c.Moved)+len(c.Altered)+len(c.Opened)+len(c.Agents)+len(c.Profiles)+len(c.Roles)+len(c.Transactions)+
		len(c.NewHolds)+len(c.Holds)+len(c.Records)+len(c.References)+len(c.Events)+len(c.Private)+len(c.Slashes) == 0 &&
		c.Staking.Empty() && c.Reputation.Empty() && c.Flags.Empty() && c.Policies.Empty() && c.Attestation.Empty() && c.Disputes.Empty() &&
		c.Debts.Empty() && c.Panels.Empty() && c.Bootstraps.Empty() && c.Webhooks.Empty()
}

// ProfileChange alters what is mutable in a profile.
type ProfileChange struct {
	Agent            did.DID
	SuspensionReason string
}

// RolesChange says what an agent is stripped of from now on.
type RolesChange struct {
	Agent   did.DID
	Revoked ledger.Roles
}

// Maintenance is what is due at an instant.
type Maintenance struct {
	Now          time.Time
	JournalTTL   time.Duration // rotate the journal when its generation is older
	BootstrapTTL time.Duration // forget tokens that nobody used, so long after they expired; zero: none
	// ForgetEvents is the position below which events may be forgotten, as far as whole
	// segments of them were archived; the last event of the log never is. Those of
	// [KeptActions] are kept aside. Zero: none.
	ForgetEvents int64
}

// MaxForgotten is how many bootstrap tokens are forgotten in one step.
const MaxForgotten = 1000

// Reader answers questions, each from one consistent view.
type Reader interface {
	ledger.Reader
	staking.Reader
	reputation.Reader
	JournalReader
	EventReader
	ActivityReader
	AuditReader
	StakingAuditReader
	ReputationAuditReader
	FlagReader
	DisputeReader
	DebtAuditReader
	PolicyReader
	AttestationReader
	panel.Reader
	webhook.Reader
	TreeReader
	SegmentReader
}
