package teg

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// MaxFlagged is how many transactions a flag names at most.
const MaxFlagged = auditor.MaxTransactions

// RaiseFlagParams asks to flag an agent by hand.
type RaiseFlagParams struct {
	By           DID
	Agent        DID
	Code         RuleCode // a rule's, or one of the caller's own: capital letters, digits and underscores
	Reason       string   // at most 500 characters
	Severity     Severity
	Transactions []TransactionID // that it is about, at most [MaxFlagged]
	Key          string          // idempotency key, 1 to 255 visible ASCII characters
	DryRun       bool
}

// FlagReceipt is a flag as it was right after an act upon it.
type FlagReceipt struct {
	Flag
	Replayed bool
}

// RaiseFlag flags an agent by hand, as many times as is asked; without a key, twice
// where it is called twice.
//
// Errors: [ErrInvalidInput], [ErrSuspended] for the one who acts, [ErrNotFound] for an
// agent or a transaction, [ErrKeyReused].
func (e *Engine) RaiseFlag(ctx context.Context, p RaiseFlagParams) (FlagReceipt, error) {
	if err := p.check(); err != nil {
		return FlagReceipt{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbRaiseFlag, p.DryRun)
	if err != nil {
		return FlagReceipt{}, err
	}
	if op.parties, err = e.parties(ctx, p.Agent); err != nil {
		return FlagReceipt{}, err
	}
	p.Transactions = distinctBy(slices.Clone(p.Transactions), compareIDs[TransactionID])
	found, err := e.reader().Transactions(ctx, p.Transactions...)
	if err != nil {
		return FlagReceipt{}, outward(err)
	}
	op.intend(Intent{Agent: p.Agent, Name: string(p.Code), Value: p.Severity.String()})
	op.mark = markKey(p.By, store.VerbRaiseFlag, p.Key, p.Agent.String(), string(p.Code), p.Reason, p.Severity.String(), fmt.Sprint(p.Transactions))
	return perform(e, op, func(d *decision) (FlagReceipt, []ledger.ID, error) {
		if len(found) < len(p.Transactions) {
			return FlagReceipt{}, nil, &Refusal{Reason: ErrNotFound, Field: "related_transaction_ids", Message: "one of these transactions does not exist"}
		}
		return d.raise(op.parties[0], Flag{
			ID: FlagID(d.core.newID()), Agent: p.Agent, Code: p.Code, Reason: p.Reason, Severity: p.Severity, Status: FlagNew,
			Transactions: p.Transactions, RaisedBy: p.By, Steps: 1, CreatedAt: d.now, UpdatedAt: d.now,
		})
	}, func(r store.Record) (FlagReceipt, error) { return e.recallFlag(ctx, r) })
}

func (p *RaiseFlagParams) check() error {
	err := check(checkKey(p.Key), named("by", p.By), named("flagged_agent_did", p.Agent), auditor.CheckCode(p.Code), requiredText("flag_reason", p.Reason, MaxReason))
	switch {
	case err != nil:
		return err
	case !p.Severity.Valid():
		return ledger.Invalid("severity", "must be LOW, MEDIUM, HIGH or CRITICAL")
	case len(p.Transactions) > MaxFlagged:
		return ledger.Invalid("related_transaction_ids", "at most %d", MaxFlagged)
	}
	return nil
}

// raise takes a new flag in.
func (d *decision) raise(of party, f Flag) (FlagReceipt, []ledger.ID, error) {
	if _, err := d.party("flagged_agent_did", f.Agent, of); err != nil {
		return FlagReceipt{}, nil, err
	}
	d.flags.Raise(f)
	d.recordFlag(store.VerbRaiseFlag, &f)
	return FlagReceipt{Flag: f}, flagSubjects(&f), nil
}

// flagSubjects are what a flag was after a step: which flag, and how many steps.
func flagSubjects(f *Flag) []ledger.ID {
	return []ledger.ID{ledger.ID(f.ID), idOf(ledger.AccountID(f.Steps))}
}

// recallFlag is a flag as it was after the step that an earlier operation made.
func (e *Engine) recallFlag(ctx context.Context, r store.Record) (FlagReceipt, error) {
	if len(r.Subjects) != 2 {
		return FlagReceipt{}, ErrInternal
	}
	flag, err := e.Flag(ctx, FlagID(r.Subjects[0]))
	if err != nil {
		return FlagReceipt{}, err
	}
	steps, err := e.FlagHistory(ctx, flag.ID)
	if err != nil {
		return FlagReceipt{}, err
	}
	flag.Notes, flag.Steps = "", int64(accountOf(r.Subjects[1]))
	for _, step := range steps[:min(int(flag.Steps), len(steps))] {
		flag.Status, flag.Severity, flag.UpdatedAt = step.Status, step.Severity, step.At
		flag.Notes = cmp.Or(step.Notes, flag.Notes)
	}
	return FlagReceipt{Flag: flag, Replayed: true}, nil
}

func (d *decision) recordFlag(verb store.Verb, f *Flag) {
	d.record(act{
		action: verb.String(), agent: f.Agent, reason: string(f.Code), reference: flagTerms(f), referenceID: f.ID.String(), status: f.Status.String(),
		value: f.Severity.String(),
	})
}

// flagTerms stand in the log for what of a flag never changes. Its words are left out:
// they may have to be erased one day.
func flagTerms(f *Flag) string {
	fields := []string{f.Agent.String(), string(f.Code), f.RaisedBy.String(), f.WindowStart.UTC().Format(time.RFC3339Nano), strconv.FormatBool(f.Shadow)}
	for _, id := range f.Transactions {
		fields = append(fields, id.String())
	}
	sum := digest(fields...)
	return hex.EncodeToString(sum[:16])
}

// raiseFinding flags what a rule has found: once for each rule, agent and window,
// whoever finds it and however often.
func (e *Engine) raiseFinding(ctx context.Context, finding auditor.Finding) error {
	of, err := e.parties(ctx, finding.Agent)
	if err != nil {
		return err
	}
	named, err := e.transactionsAt(ctx, finding.Events)
	if err != nil {
		return err
	}
	key := findingKey(&finding)
	op := &operation{
		ctx: ctx, verb: store.VerbRaiseFlag, request: requestID(ctx), parties: of, need: needs{references: []store.Key{key}},
	}
	_, err = perform(e, op, func(d *decision) (FlagReceipt, []ledger.ID, error) {
		if d.references[key] {
			return FlagReceipt{}, nil, ledger.Refuse(ErrAlreadyExists, "this has been found before")
		}
		flag := auditor.FlagOf(finding, named, FlagID(d.core.newID()), d.now)
		d.useReference(key, ledger.ID(flag.ID))
		return d.raise(of[0], flag)
	}, func(store.Record) (FlagReceipt, error) { return FlagReceipt{}, ErrInternal })
	return err
}

// findingKey makes the flag of a finding unique for ever.
func findingKey(f *auditor.Finding) store.Key {
	window := f.WindowStart.UTC().Format(time.RFC3339Nano)
	return referenceKey(f.Agent, store.VerbRaiseFlag, string(f.Code)+" "+window+" "+strconv.FormatBool(f.Shadow))
}
