package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
)

// UpdateFlagParams asks to move a flag on in its review.
type UpdateFlagParams struct {
	By     DID
	FlagID FlagID
	Status FlagStatus // [FlagUnderReview], then [FlagResolved], which confirms it, or [FlagFalsePositive]
	Notes  string     // at most 2,000 characters; empty leaves those that are there
	Key    string     // idempotency key
	DryRun bool
}

// MaxFlagNotes is how long notes are at most, in characters.
const MaxFlagNotes = 2000

// UpdateFlag moves a flag on in its review. A CRITICAL flag that is confirmed changes
// the agent's score in the same commit, by ReputationTerms.CriticalFlag.
//
// Errors: [ErrInvalidInput], [ErrSuspended] for the one who acts, [ErrNotFound],
// [ErrForbidden] for the flagged agent itself, [ErrInvalidState] for a way that there
// is not, and for the flag of a rule in shadow.
func (e *Engine) UpdateFlag(ctx context.Context, p UpdateFlagParams) (FlagReceipt, error) {
	if err := check(checkKey(p.Key), named("by", p.By), checkReview(p.Status, p.Notes)); err != nil {
		return FlagReceipt{}, err
	}
	mark := markKey(p.By, store.VerbUpdateFlag, p.Key, p.FlagID.String(), p.Status.String(), p.Notes)
	return e.workOnFlag(ctx, newReview(p.By, p.FlagID, p.Status, p.Notes, mark), p.DryRun)
}

func checkReview(status FlagStatus, notes string) error {
	if !status.Valid() {
		return ledger.Invalid("status", "must be NEW, UNDER_REVIEW, RESOLVED or FALSE_POSITIVE")
	}
	return validText("resolution_notes", notes, MaxFlagNotes)
}

func newReview(by DID, id FlagID, status FlagStatus, notes string, mark keyMark) *flagWork {
	return &flagWork{
		by: by, id: id, verb: store.VerbUpdateFlag, mark: mark, to: status.String(), confirms: status == FlagResolved,
		change: func(f Flag, now time.Time) (Flag, auditor.Step, error) { return f.Become(status, by, notes, now) },
	}
}

// EscalateFlagParams asks to take a flag more seriously.
type EscalateFlagParams struct {
	By     DID
	FlagID FlagID
	Reason string // at most 2,000 characters; it becomes the flag's notes
	Key    string // idempotency key; without one, two calls raise it twice
	DryRun bool
}

// EscalateFlag raises the severity of an open flag by one and leaves its status.
//
// Errors: as [Engine.UpdateFlag]; [ErrInvalidState] also for a CRITICAL flag and one
// that has ended.
func (e *Engine) EscalateFlag(ctx context.Context, p EscalateFlagParams) (FlagReceipt, error) {
	if err := check(checkKey(p.Key), named("by", p.By), requiredText("reason", p.Reason, MaxFlagNotes)); err != nil {
		return FlagReceipt{}, err
	}
	return e.workOnFlag(ctx, &flagWork{
		by: p.By, id: p.FlagID, verb: store.VerbEscalateFlag,
		mark:   markKey(p.By, store.VerbEscalateFlag, p.Key, p.FlagID.String(), p.Reason),
		change: func(f Flag, now time.Time) (Flag, auditor.Step, error) { return f.Escalate(p.By, p.Reason, now) },
	}, p.DryRun)
}

// flagWork is an act upon a flag.
type flagWork struct {
	by       DID
	id       FlagID
	verb     store.Verb
	mark     keyMark
	to       string // the status that it is to have; empty: the one it has
	confirms bool   // the flag, which may cost its agent reputation
	change   func(Flag, time.Time) (Flag, auditor.Step, error)
	of       party // the flagged agent, unknown where there is no such flag
}

func (e *Engine) workOnFlag(ctx context.Context, w *flagWork, dryRun bool) (FlagReceipt, error) {
	op, err := e.administrative(ctx, w.by, w.verb, dryRun)
	if err != nil {
		return FlagReceipt{}, err
	}
	if err := e.findFlagged(ctx, w); err != nil {
		return FlagReceipt{}, err
	}
	op.intend(Intent{Flag: w.id, Value: w.to})
	op.mark = w.mark
	w.require(op)
	return perform(e, op, w.decide, func(r store.Record) (FlagReceipt, error) { return e.recallFlag(ctx, r) })
}

// findFlagged reads whom the flags are about, which never changes.
func (e *Engine) findFlagged(ctx context.Context, work ...*flagWork) error {
	query := auditor.FlagQuery{Limit: len(work)}
	for _, w := range work {
		query.IDs = append(query.IDs, w.id)
	}
	flags, _, err := e.reader().Flags(ctx, query)
	if err != nil {
		return outward(err)
	}
	agents := make([]DID, len(flags))
	for i := range flags {
		agents[i] = flags[i].Agent
	}
	found, err := e.parties(ctx, agents...)
	if err != nil {
		return err
	}
	parties := make(map[FlagID]party, len(flags))
	for i := range flags {
		parties[flags[i].ID] = found[i]
	}
	for _, w := range work {
		w.of = parties[w.id]
	}
	return nil
}

// require has the rows loaded that the act needs.
func (w *flagWork) require(op *operation) {
	if !w.of.known() {
		return
	}
	op.parties = append(op.parties, w.of)
	op.need.flags = append(op.need.flags, w.id)
	if w.confirms {
		op.need.reputation.Agents = append(op.need.reputation.Agents, w.of.available)
	}
}

func (w *flagWork) decide(d *decision) (FlagReceipt, []ledger.ID, error) {
	if !w.of.known() {
		return FlagReceipt{}, nil, noFlag()
	}
	flag, _ := d.flags.Flag(w.id) // a flag is never deleted
	if flag.Agent == w.by {
		return FlagReceipt{}, nil, ownFlag()
	}
	changed, step, err := w.change(flag, d.now)
	if err != nil {
		return FlagReceipt{}, nil, err
	}
	d.flags.Change(changed, step)
	if w.confirms {
		d.punish(w.of.available, &changed)
	}
	d.recordFlag(w.verb, &changed)
	return FlagReceipt{Flag: changed}, flagSubjects(&changed), nil
}

func ownFlag() error { return ledger.Refuse(ErrForbidden, "nobody works on a flag about itself") }

// punish changes the score of an agent of whom a flag is confirmed.
func (d *decision) punish(agent ledger.AccountID, f *Flag) {
	points := d.terms.Reputation.CriticalFlag
	if f.Severity == SeverityCritical && points != 0 {
		d.changeScore(f.Agent, agent, reputation.Event{Requested: points, Reason: reputation.FlagConfirmed, Related: ledger.ID(f.ID), At: d.now})
	}
}
