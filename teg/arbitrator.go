package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
)

// Arbitrator is somebody outside of the engine who decides disputes, in the manner of
// ERC-792 and ERC-1497: a case is opened, evidence is submitted, a ruling is given
// once. [Config.Arbitrator] says who; the engine's own panel of agents is one too.
//
// Its methods are called outside of any transaction, by one process at a time, and
// again whenever it is not known whether they took effect. Whatever they return
// blocks nothing: it is logged, and they are called again after a while, until the
// dispute ends in another way, at last by its deadline.
type Arbitrator interface {
	// Open hands a case over. Opening the same dispute again does nothing.
	Open(ctx context.Context, c Case) error
	// Submit hands evidence over. The same dispute and Seq again do nothing.
	Submit(ctx context.Context, e CaseEvidence) error
	// Ruling is what was decided, and whether anything was. Once it was, it stays. An
	// error that wraps [ErrNotFound] says that the case is not known, so that it is
	// opened again.
	Ruling(ctx context.Context, d DisputeID) (Ruling, bool, error)
}

// Case is a dispute as its arbitrator is told of it.
type Case struct {
	Dispute     DisputeID
	Claimant    DID
	Defendant   DID
	CauseKind   string // transfer, hold or avtp
	CauseID     string // of it
	Payer       DID    // of the two, who paid or set aside what it is about; nobody for avtp
	Reason      string // the claimant's code
	Category    string // may be empty
	Description string // the claimant's words
	Response    string // the defendant's words; empty where it said nothing
	Value       Amount // in dispute; zero where it is not known
	FiledAt     time.Time
	Deadline    time.Time // at which the dispute ends without a ruling
}

// CaseEvidence is a piece of evidence as the arbitrator is told of it.
type CaseEvidence struct {
	Dispute     DisputeID
	Seq         int64 // its place among the dispute's, from 1
	By          DID
	Pointer     string // ipfs://…
	Description string // the party's words; may be empty
	At          time.Time
}

// Ruling is what an arbitrator has decided.
type Ruling struct {
	Resolution DisputeStatus // RESOLVED_FAVOR_CLAIMANT, RESOLVED_FAVOR_DEFENDANT or RESOLVED_SPLIT
	Notes      string        // at most 2,000 characters; required
	Penalty    *Amount       // from who lost to who won; nil: none
	Hold       string        // what becomes of a frozen hold: "capture", "void", or empty: it is given back
}

// Check refuses what no ruling can be.
func (r *Ruling) Check() error {
	if !r.Resolution.Ruled() {
		return ledger.Invalid("resolution_status", "must be RESOLVED_FAVOR_CLAIMANT, RESOLVED_FAVOR_DEFENDANT or RESOLVED_SPLIT")
	}
	hold, err := dispute.ParseHoldRuling(r.Hold)
	if err := check(err, requiredText("resolution_notes", r.Notes, dispute.MaxNotes)); err != nil {
		return err
	}
	verdict := dispute.Verdict{End: r.Resolution, Hold: hold}
	if r.Penalty != nil {
		verdict.Penalty = *r.Penalty
	}
	return verdict.Check(reputation.MinScore, reputation.MaxScore)
}
