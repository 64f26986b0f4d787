package teg

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/merkle"
	"github.com/agentvault/teg-layer/staking"
)

// ErrBroken reports that an invariant of the economy does not hold.
var ErrBroken = errors.New("teg: the books do not hold")

// Report is what [Engine.Verify] looked at and found.
type Report struct {
	Accounts, Entries, Transactions, Holds, Events, Records, Stakes, ScoreEvents, Disputes, Checkpoints int64

	// Archived is how many events, from the first on, were archived and are no longer
	// here. What they told was added up when they were, which is believed; the hashes of
	// them were held against the tree. [Engine.CheckArchive] proves the rest.
	Archived int64

	Supply      Amount // issued − burned
	Findings    []Finding
	FindingsCut bool // there were more than [MaxFindings]
	// Busy: others wrote meanwhile, so that two sums that are read at different
	// times, those of fees and of the events' transactions, were not compared.
	Busy bool
	Took time.Duration
}

// Finding is one invariant that does not hold, and where.
type Finding struct {
	Invariant string // its name, such as "chain"
	Where     string // the row that shows it
	Problem   string
}

// String is the finding in one line.
func (f Finding) String() string { return f.Invariant + ": " + f.Where + ": " + f.Problem }

// MaxFindings is how many findings a report lists.
const MaxFindings = 100

// Verify proves the books from their entries alone: that every account's chain
// has no gap and no jump and ends at its balance, that no agent is below zero,
// that every transaction's legs sum to zero and move what it says at both of its ends, that
// all accounts sum to zero together, that each system account has one owner, that
// the sums that are kept agree with what was posted, that holds have set aside
// what they say and were given back once, that pools hold what their stakes and
// delegations are worth and that all rewards distributed are paid or due, that
// scores are what their events add up to, that signals are of payments and outcomes
// of reports, that flags and attestations are what their histories say and policies
// what their last versions do, that rewards are paid once and within what budgets
// count, that disputes stand where their timelines end and hold what is frozen, set
// aside and pinned, that agents owe what is left of their debts and no more is set
// aside for these, that bootstrap tokens made one profile each, that the log has the tree
// that its tiles say and every root that a checkpoint promised, that what was archived of
// the log ends where it goes on, that every transaction has its one event, that events tell the
// same of transfers, holds, scores, reports, flags, policies, attestations, disputes, debts,
// bootstrap tokens, webhooks and roles as their rows, and that what the journal remembers exists.
// What an event says besides, such as a reason, is proven by the first checkpoint that covers it:
// see Config.CheckpointInterval.
//
// It reads in short steps and may run beside a server: what is committed while
// it runs is left for the next time. The error wraps [ErrBroken] when there are
// findings; any other error means that the books could not be read.
func (e *Engine) Verify(ctx context.Context) (Report, error) {
	began := time.Now()
	v := e.verification(ctx)
	for _, step := range []func() error{v.accounts, v.chains, v.transactions, v.sums, v.holds, v.stakes, v.scores, v.flags, v.policies, v.attestations,
		v.panels, v.disputes, v.debts, v.bootstraps, v.webhooks, v.roles, v.events, v.records} {
		if err := step(); err != nil {
			return *v.report, outward(err)
		}
	}
	v.report.Took = time.Since(began)
	return *v.report, v.report.err()
}

func (e *Engine) verification(ctx context.Context) *verification {
	return &verification{engine: e, report: &Report{}, ctx: ctx, agents: map[ledger.AccountID]DID{}, locked: map[ledger.AccountID]DID{}, debited: map[ledger.Kind]amount.Signed{}, owners: map[ledger.Kind]DID{},
		heldAside: map[ledger.AccountID]amount.Signed{}, frozenHolds: map[HoldID]bool{}, pins: map[staking.PoolID]Amount{}, pinned: map[staking.PoolID]Amount{}, committing: map[string]string{},
		toldStripped: map[string]string{}, issuedUntil: map[string]sum{}, tree: treeProof{growth: growth{Tree: &merkle.Tree{}}}}
}

func (r *Report) err() error {
	if len(r.Findings) == 0 {
		return nil
	}
	lines := make([]string, 0, len(r.Findings))
	for _, f := range r.Findings[:min(5, len(r.Findings))] {
		lines = append(lines, f.String())
	}
	return fmt.Errorf("%w: %d findings: %s", ErrBroken, len(r.Findings), strings.Join(lines, "; "))
}

// verification is a proof under way.
type verification struct {
	engine *Engine
	ctx    context.Context
	report *Report

	rows     []ledger.Account         // one consistent view of all of them
	agents   map[ledger.AccountID]DID // whose the available rows are
	locked   map[ledger.AccountID]DID // whose the locked rows are
	newest   ledger.AccountID         // of all
	owners   map[ledger.Kind]DID      // of system accounts
	logSize  int64                    // when the view was taken
	staked   staking.Total            // before it was taken
	last     ledger.TransactionID
	fees     amount.Signed                 // of all transactions
	debited  map[ledger.Kind]amount.Signed // what they took of system accounts
	posted   int64
	digest   sum // of the transactions' ids, in no order
	expected sum // of the ids that events name
	paid     sum // of the transfers' ids, amounts and fees
	told     sum // of the same, as events tell it
	outcomes int64

	heldAside   map[ledger.AccountID]amount.Signed // by open holds, on the locked rows of their payers
	frozenHolds map[HoldID]bool
	pins        map[staking.PoolID]Amount // what is pinned in open pools
	pinned      map[staking.PoolID]Amount // for open disputes and seats
	committing  map[string]string         // until when rounds take commitments

	spoken []toldWords // in disputes, by the events of a page

	changes, said, reserved, flagged, governed, argued, indebted, settled, judged, jurors, uttered, issued, boarded, hooked twin

	seen, governance int64 // changes of policies: as log_head counted them before they were read, and as their versions tell
	governedTo       int64 // the last of them that the log has told of
	attest           attestedSums

	forgotten              string            // tokens that expired on that day, or before, may be gone
	issuedUntil            map[string]sum    // tokens that events tell of, by the day on which they expire
	kept                   sum               // events of store.KeptActions that were told of
	stripped, toldStripped map[string]string // agents that lack roles, as profiles and events tell it
	tree                   treeProof
}

// twin is something as the rows tell it, and as events do.
type twin struct{ kept, told sum }

// sum adds up ids so that two sets can be compared without keeping them: each id
// as two words, wrapping around.
type sum [2]uint64

// plus is the sum of two.
func (s sum) plus(other sum) sum { return sum{s[0] + other[0], s[1] + other[1]} }

func (s *sum) add(id ledger.ID) { s.count(id, 1) }

// take is the reverse of add.
func (s *sum) take(id ledger.ID) { s.count(id, ^uint64(0)) }

func (s *sum) count(id ledger.ID, times uint64) {
	for i := range s {
		var word uint64
		for _, b := range id[8*i : 8*i+8] {
			word = word<<8 | uint64(b)
		}
		s[i] += (word ^ word>>29) * 0x9E3779B97F4A7C15 * times
	}
}

const auditPage = 2000

func (v *verification) find(invariant, where, format string, args ...any) {
	if len(v.report.Findings) >= MaxFindings {
		v.report.FindingsCut = true
		return
	}
	v.report.Findings = append(v.report.Findings, Finding{invariant, where, fmt.Sprintf(format, args...)})
}
