package teg

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// PutPolicyParams asks for a policy, or for another version of one.
type PutPolicyParams struct {
	By   DID
	ID   PolicyID   // of the one that changes; zero: a new one
	Code string     // of a new one; of another, empty or the same
	Type PolicyType // of a new one; of another, zero or the same
	PolicyEdit
	Key    string // idempotency key
	DryRun bool
}

// PolicyReceipt is a policy as it was right after an act upon it.
type PolicyReceipt struct {
	Policy
	Replayed bool
}

// PutPolicy makes a policy, or another version of one. It is in force for whatever is
// committed after it, in every process, and never for the past: whatever stands behind
// its event in the log was decided by it. What a host's transaction decided before it,
// and commits after it, goes by what was in force when it was decided. A reward cycle
// goes by what is in force at its end or, where it could not be paid then, once it can.
//
// How a policy of type auditor sets rules is in its event, as with [Engine.SetRules];
// it takes effect with each version, and whoever sets rules later has the last word.
//
// Errors: [ErrInvalidInput], also for terms that contradict each other, taken together;
// [ErrSuspended] for the one who acts, [ErrKeyReused], [ErrNotFound] for a policy,
// [ErrAlreadyExists] for a code that was used, for what another policy in force sets,
// and for an attestation type that has a policy, [ErrInvalidState] for one that was
// deactivated, unless the edit makes it active again, and beyond 1,000 policies. In a
// host's transaction it is refused with [ErrInvalidState].
func (e *Engine) PutPolicy(ctx context.Context, p PutPolicyParams) (PolicyReceipt, error) {
	if err := check(e.ownTransactions(), checkKey(p.Key), named("by", p.By)); err != nil {
		return PolicyReceipt{}, err
	}
	if err := e.completePolicy(ctx, &p); err != nil {
		return PolicyReceipt{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbPutPolicy, p.DryRun)
	if err != nil {
		return PolicyReceipt{}, err
	}
	op.alone = true
	op.intend(Intent{Policy: p.ID, Name: p.Code, Value: p.Type.String()})
	op.mark = markKey(p.By, store.VerbPutPolicy, p.Key, p.told()...)
	return perform(e, op, func(d *decision) (PolicyReceipt, []ledger.ID, error) {
		next, err := p.decide(d)
		if err != nil {
			return PolicyReceipt{}, nil, err
		}
		return d.putPolicy(store.VerbPutPolicy, next)
	}, func(r store.Record) (PolicyReceipt, error) { return e.recallPolicy(ctx, r) })
}

// completePolicy fills in what of a policy never changes, where it exists, and refuses
// what depends on nothing else.
func (e *Engine) completePolicy(ctx context.Context, p *PutPolicyParams) error {
	if p.Active != nil && !*p.Active {
		return ledger.Invalid("is_active", "a policy is put in force here, and ended by DeactivatePolicy")
	}
	if p.ID.IsZero() {
		_, err := policy.New(p.ID, p.Code, p.Type, p.PolicyEdit, p.By, time.Time{})
		return check(err, checkDataSchema(p))
	}
	first, err := e.reader().PolicyVersions(ctx, policy.VersionQuery{Policy: p.ID, Limit: 1})
	if err != nil || len(first) == 0 {
		return outward(err)
	}
	switch {
	case p.Code != "" && p.Code != first[0].Code:
		return ledger.Invalid("policy_code", "the code of a policy never changes")
	case p.Type != 0 && p.Type != first[0].Type:
		return ledger.Invalid("policy_type", "the type of a policy never changes")
	}
	p.Code, p.Type = first[0].Code, first[0].Type
	if p.Parameters != nil {
		_, err = policy.ParseParameters(p.Type, []byte(*p.Parameters))
	}
	return check(err, checkDataSchema(p))
}

// told are the canonical values of the request.
func (p *PutPolicyParams) told() []string {
	list := []string{p.ID.String(), p.Code, p.Type.String()}
	for _, text := range []*string{p.Name, p.Description, p.canonicalParameters(), textOrNil(p.Reward), p.Circuit, textOrNil(p.Level)} {
		if text == nil {
			list = append(list, "")
			continue
		}
		list = append(list, "="+*text)
	}
	return append(list, strconv.FormatBool(p.Active != nil))
}

func (p *PutPolicyParams) canonicalParameters() *string {
	if p.Parameters == nil {
		return nil
	}
	text, _ := policy.ParseParameters(p.Type, []byte(*p.Parameters)) // they have been, unless there is no such policy
	return &text
}

func textOrNil[T fmt.Stringer](v *T) *string {
	if v == nil {
		return nil
	}
	text := (*v).String()
	return &text
}

// decide makes the version that is asked for.
func (p *PutPolicyParams) decide(d *decision) (Policy, error) {
	if p.ID.IsZero() {
		return policy.New(PolicyID(d.core.newID()), p.Code, p.Type, p.PolicyEdit, p.By, d.now)
	}
	before, found := d.policies.Policy(p.ID)
	if !found {
		return Policy{}, ledger.Refuse(ErrNotFound, "no such policy")
	}
	return before.Edited(p.PolicyEdit, p.By, d.now)
}

// DeactivatePolicyParams asks to end a policy.
type DeactivatePolicyParams struct {
	By     DID
	ID     PolicyID
	Key    string // idempotency key
	DryRun bool
}

// DeactivatePolicy makes the version of a policy in which it sets nothing. What it said
// of rules stays as it was set.
//
// Errors: [ErrInvalidInput] also where the terms contradict each other without it,
// [ErrSuspended] for the one who acts, [ErrKeyReused], [ErrNotFound], [ErrInvalidState]
// for one that was deactivated before, and in a host's transaction.
func (e *Engine) DeactivatePolicy(ctx context.Context, p DeactivatePolicyParams) (PolicyReceipt, error) {
	if err := check(e.ownTransactions(), checkKey(p.Key), named("by", p.By)); err != nil {
		return PolicyReceipt{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbDeactivatePolicy, p.DryRun)
	if err != nil {
		return PolicyReceipt{}, err
	}
	op.alone = true
	op.intend(Intent{Policy: p.ID})
	op.mark = markKey(p.By, store.VerbDeactivatePolicy, p.Key, p.ID.String())
	return perform(e, op, func(d *decision) (PolicyReceipt, []ledger.ID, error) {
		before, found := d.policies.Policy(p.ID)
		if !found {
			return PolicyReceipt{}, nil, ledger.Refuse(ErrNotFound, "no such policy")
		}
		next, err := before.Deactivated(p.By, d.now)
		if err != nil {
			return PolicyReceipt{}, nil, err
		}
		return d.putPolicy(store.VerbDeactivatePolicy, next)
	}, func(r store.Record) (PolicyReceipt, error) { return e.recallPolicy(ctx, r) })
}

// putPolicy takes a version of a policy in, which is the only act of its group.
func (d *decision) putPolicy(verb store.Verb, p Policy) (PolicyReceipt, []ledger.ID, error) {
	book, p, err := d.policies.Put(p)
	if err != nil {
		return PolicyReceipt{}, nil, err
	}
	next := d.core.snapshotOf(book)
	if err := consistent(next.terms.Check()); err != nil {
		return PolicyReceipt{}, nil, err
	}
	if err := d.closeBefore(&next.terms); err != nil {
		return PolicyReceipt{}, nil, err
	}
	c := &d.changes.Policies
	before := *c
	d.next, d.undo = next, append(d.undo, func() { d.next, *c = nil, before })
	if c.Versions = append(c.Versions, p); p.Version == 1 {
		c.Created = append(c.Created, p)
	} else {
		c.Changed = append(c.Changed, p)
	}
	return PolicyReceipt{Policy: p}, []ledger.ID{ledger.ID(p.ID), idOf(ledger.AccountID(p.Version))}, d.recordPolicy(verb, &p)
}

// consistent names the parameter that contradicts others, as policies do.
func consistent(err error) error {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return ledger.Invalid("parameters."+strings.ToLower(refusal.Field), "%s", refusal.Message)
	}
	return err
}

// closeBefore closes reward cycles that are over before terms are in force by which they
// would be paid otherwise.
func (d *decision) closeBefore(next *TermsInForce) error {
	same := d.terms.Staking.RewardRate == next.Staking.RewardRate && d.terms.Staking.IssueRewards == next.Staking.IssueRewards
	if same || d.core.config.RewardInterval == 0 {
		return nil
	}
	if d.stakes == nil {
		return errMore{cycleNeeds()}
	}
	return d.beginStaking()
}

// recordPolicy tells of a policy all that it says, so that the log alone tells which
// terms were in force where.
func (d *decision) recordPolicy(verb store.Verb, p *Policy) error {
	a := act{action: verb.String(), referenceID: p.ID.String(), policy: p}
	if verb == store.VerbPutPolicy && p.Enforced() {
		var err error
		if a.rules, err = p.Rules(); err != nil {
			return err
		}
	}
	d.record(a)
	return nil
}

// encodePolicy writes the canonical form of a policy in an event.
func encodePolicy(p *Policy) []byte {
	w := canonical{}
	w.truth("active", p.Active)
	w.number("change", p.Change)
	w.text("circuit", p.Circuit)
	w.text("code", p.Code)
	w.text("description", p.Description)
	w.text("level", p.Level.String())
	w.text("name", p.Name)
	w.text("parameters", p.Parameters)
	w.amount("reward", p.Reward)
	w.text("type", p.Type.String())
	w.number("version", p.Version)
	return append(w.b, '}')
}

// recallPolicy is a policy as it was after the act that an earlier operation made.
func (e *Engine) recallPolicy(ctx context.Context, r store.Record) (PolicyReceipt, error) {
	if len(r.Subjects) != 2 {
		return PolicyReceipt{}, ErrInternal
	}
	versions, err := e.policyVersions(ctx, PolicyID(r.Subjects[0]))
	if err != nil {
		return PolicyReceipt{}, err
	}
	at := slices.IndexFunc(versions, func(p Policy) bool { return p.Version == int64(accountOf(r.Subjects[1])) })
	if at < 0 {
		return PolicyReceipt{}, ErrInternal
	}
	return PolicyReceipt{Policy: versions[at], Replayed: true}, nil
}

// PolicyFaults are all that is wrong with a new policy, whatever else there is: each an
// [ErrInvalidInput] with the field under which the HTTP API takes it.
func PolicyFaults(code string, of PolicyType, edit PolicyEdit) []*Refusal {
	return policy.Faults(code, of, edit)
}
