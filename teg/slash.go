package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// SlashParams asks to take value from a validator for what it did.
type SlashParams struct {
	By          DID // the administrator who acts
	Validator   DID
	Percentage  Rate   // of its own stakes; more than zero
	Delegations *Rate  // of what is delegated to it; nil: the same
	Evidence    string // for which it is slashed, once; at most 128 characters
	Reason      string // required, at most 500 characters
	Key         string // idempotency key
	DryRun      bool
}

// SlashReceipt is what was taken.
type SlashReceipt struct {
	Validator      DID
	Self           Amount // of its own, on its way out or not
	Delegated      Amount // of what was delegated to it
	TransactionIDs []TransactionID
	At             time.Time
	Replayed       bool
}

// Slash takes a percentage of a validator's stakes and, where
// StakingTerms.SlashDelegated is set, of what is delegated to it, what is on its
// way out of either included, and gives it to the treasury. However many stakes
// it hits, it touches none of them: their shares are worth less. What waited long
// enough to leave a pool of the validator's is released first, and is not taken; a
// dry run leaves that out.
//
// Errors: [ErrInvalidInput], [ErrSuspended] for the one who acts, [ErrKeyReused],
// [ErrNotFound], [ErrInvalidState] while StakingTerms.Slashing is off,
// [ErrAlreadyExists] for evidence that was used.
func (e *Engine) Slash(ctx context.Context, p SlashParams) (SlashReceipt, error) {
	if err := check(named("by", p.By), named("validator_agent_id", p.Validator), requiredText("evidence_id", p.Evidence, MaxReference),
		requiredText("reason", p.Reason, MaxReason), checkKey(p.Key)); err != nil {
		return SlashReceipt{}, err
	}
	if p.Percentage.IsZero() {
		return SlashReceipt{}, ledger.Invalid("percentage", "must be more than zero")
	}
	if p.Delegations == nil {
		p.Delegations = &p.Percentage
	}
	op, err := e.administrative(ctx, p.By, store.VerbSlash, p.DryRun)
	if err != nil {
		return SlashReceipt{}, err
	}
	if err := e.permitBefore(op.intend(Intent{Agent: p.Validator, Rate: &p.Percentage, Name: p.Evidence})); err != nil { // before what waited long enough is released
		return SlashReceipt{}, err
	}
	found, err := e.parties(ctx, p.Validator)
	if err != nil {
		return SlashReceipt{}, err
	}
	if found[0].known() && !p.DryRun && !e.dry {
		if err := e.releaseFrom(ctx, found[0].available); err != nil {
			return SlashReceipt{}, err
		}
	}
	op.parties = found
	op.need.owners = []DID{p.Validator}
	op.need.references = []store.Key{evidenceKey(p.Evidence)}
	op.need.staking = staking.Need{Total: true}
	if found[0].known() {
		op.need.staking.PoolsOf = []ledger.AccountID{found[0].available}
	}
	op.mark = markKey(p.By, store.VerbSlash, p.Key, p.Validator.String(), p.Percentage.String(), p.Delegations.String(), p.Evidence, p.Reason)
	return perform(e, op, func(d *decision) (SlashReceipt, []ledger.ID, error) { return decideSlash(d, p) },
		func(r store.Record) (SlashReceipt, error) { return e.recallSlash(ctx, p, r) })
}

// evidenceKey makes evidence unique for ever, whoever brings it.
func evidenceKey(evidence string) store.Key { return referenceKey(DID{}, store.VerbSlash, evidence) }

func decideSlash(d *decision, p SlashParams) (SlashReceipt, []ledger.ID, error) {
	validator, err := d.agentRow("validator_agent_id", p.Validator)
	if err != nil {
		return SlashReceipt{}, nil, err
	}
	key := evidenceKey(p.Evidence)
	if d.references[key] {
		return SlashReceipt{}, nil, &Refusal{Reason: ErrAlreadyExists, Field: "evidence_id", Message: "somebody was slashed for this evidence before"}
	}
	if err := d.beginStaking(); err != nil {
		return SlashReceipt{}, nil, err
	}
	taken, err := d.stakes.Slash(staking.SlashRule{
		Agent: validator.ID, Self: p.Percentage, Delegations: *p.Delegations, Treasury: d.book.Collectors().Treasury,
		Notes: ledger.Notes{Reason: p.Reason, ReferenceID: p.Evidence},
	})
	if err != nil {
		return SlashReceipt{}, nil, err
	}
	if err := d.postAll(taken.Postings...); err != nil {
		return SlashReceipt{}, nil, err
	}
	id, at := d.core.newID(), d.stakes.Total().At // what ended or was released before it did so at no later time
	d.useReference(key, id)
	d.changes.Slashes = append(d.changes.Slashes, staking.Slash{
		ID: staking.SlashID(id), Agent: validator.ID, Evidence: p.Evidence, Reason: p.Reason, SelfRate: p.Percentage,
		DelegationsRate: *p.Delegations, Self: taken.Self, Delegated: taken.Delegated, At: at,
	})
	sum, err := sums(taken.Self, taken.Delegated)
	if err != nil {
		return SlashReceipt{}, nil, err
	}
	d.record(act{action: "slash", sender: p.Validator, amount: sum, reason: p.Reason, reference: p.Evidence, rate: &p.Percentage})
	return SlashReceipt{
		Validator: p.Validator, Self: taken.Self, Delegated: taken.Delegated, TransactionIDs: d.posted, At: at,
	}, d.subjectsOf(id), nil
}

func (e *Engine) recallSlash(ctx context.Context, p SlashParams, r store.Record) (SlashReceipt, error) {
	found, err := e.parties(ctx, p.Validator)
	if err != nil {
		return SlashReceipt{}, err
	}
	about, ids := subjects(&r)
	slashes, err := e.reader().Slashes(ctx, staking.SlashQuery{Agent: found[0].available, ID: staking.SlashID(about), Limit: 1})
	if err != nil {
		return SlashReceipt{}, outward(err)
	}
	if len(slashes) == 0 {
		return SlashReceipt{}, ErrInternal
	}
	return SlashReceipt{
		Validator: p.Validator, Self: slashes[0].Self, Delegated: slashes[0].Delegated, TransactionIDs: ids, At: slashes[0].At, Replayed: true,
	}, nil
}
