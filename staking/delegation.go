package staking

import (
	"cmp"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Delegation is a part of a stake that lies in a validator's pool. It earns for
// the delegator, less the validator's share, and can be slashed with the
// validator.
type Delegation struct {
	ID        DelegationID
	Stake     StakeID
	Delegator ledger.AccountID // available row
	Validator ledger.AccountID // available row
	Pool      PoolID           // the validator's
	Shares    Number
	Share     amount.Rate   // of what it earns, for the validator
	Position                // the delegator's part
	Amount    amount.Amount // what was delegated; of an ended one, what came out
	Started   time.Time
	Ended     time.Time // zero while active
}

// Active reports whether the delegation has not ended.
func (d *Delegation) Active() bool { return d.Ended.IsZero() }

// DelegateRule is what the decision about a delegation looks at.
type DelegateRule struct {
	ID        DelegationID
	Stake     StakeID
	Owner     *ledger.Account // available row of the delegator
	Validator *ledger.Account // available row
	Amount    amount.Amount   // zero: all that is not delegated yet
	Share     amount.Rate     // for the validator
}

// Delegate moves a part of a stake into the validator's pool, which is open. The
// owner has one more position then.
func (b *Book) Delegate(r DelegateRule) (Delegation, ledger.Posting, error) {
	if r.Validator.ID == r.Owner.ID {
		return Delegation{}, ledger.Posting{}, ledger.Invalid("validator_agent_id", "an agent cannot delegate to itself")
	}
	s, p, err := b.active(r.Stake, r.Owner.ID)
	if err != nil {
		return Delegation{}, ledger.Posting{}, err
	}
	if err := cmp.Or(b.canValidate(r.Validator), room(r.Owner), b.mayLeave(r.Owner.ID)); err != nil {
		return Delegation{}, ledger.Posting{}, err
	}
	free := p.Worth(s.Shares)
	if r.Amount.IsZero() {
		r.Amount = free
	}
	if free.Less(r.Amount) || r.Amount.IsZero() {
		return Delegation{}, ledger.Posting{}, &ledger.InsufficientBalanceError{Available: free, Needed: r.Amount, Highest: p.loose(free)}
	}
	if err := p.loosen(r.Amount); err != nil {
		return Delegation{}, ledger.Posting{}, err
	}
	return b.delegate(r, s, p)
}

// mayLeave refuses a validator who would step out of a slash by moving its own
// value into another's pool, which takes no time.
func (b *Book) mayLeave(owner ledger.AccountID) error {
	if p := b.Pool(owner, DelegatedPool); b.terms.Slashing && p != nil && !p.Tokens.IsZero() {
		return ledger.Refuse(ledger.ErrInvalidState, "others have delegated to the agent: what it has staked itself answers for it and cannot be delegated").
			By("delegation.answers", ledger.Sum("delegated_to_you", p.Tokens)).
			Unless(ledger.Do("Wait until nobody delegates to you any more."))
	}
	return nil
}

// canValidate refuses a validator that may not get new delegations.
func (b *Book) canValidate(validator *ledger.Account) error {
	if status := validator.StatusAt(b.Total().At); status != ledger.Active {
		return ledger.Refuse(ledger.ErrInvalidState, "the validator is %s", status).
			By("validator.active", ledger.Word("validator", validator.Owner.String()), ledger.Word("state", status.String())).
			Unless(ledger.Word("state", ledger.Active.String()).Needs("state", ledger.Is, "Name another validator, or wait until this one is active."))
	}
	return nil
}

func (b *Book) delegate(r DelegateRule, s *Stake, p *Pool) (Delegation, ledger.Posting, error) {
	to := b.own(r.Validator.ID, DelegatedPool)
	out := b.leave(s, p, r.Amount)
	d := Delegation{
		ID: r.ID, Stake: s.ID, Delegator: s.Owner, Validator: r.Validator.ID, Pool: to.ID, Share: r.Share,
		Position: to.join(), Amount: out, Started: b.Total().At,
	}
	var err error
	if d.Shares, err = to.deposit(out); err != nil {
		return Delegation{}, ledger.Posting{}, err
	}
	kept := d.Share.Complement()
	d.add(to, d.Shares.times(whole(int64(kept.PPM()))))
	to.Commission.add(to, d.Shares.times(whole(int64(d.Share.PPM()))))
	b.addDelegation(d)
	s.Out++
	t := b.changeTotal()
	t.Delegations++
	if t.Tokens, err = t.Tokens.Add(out); err != nil {
		return Delegation{}, ledger.Posting{}, err
	}
	return d, ledger.Move(ledger.TypeDelegationMove, p.Account, to.Account, out, ledger.Notes{ReferenceID: d.ID.String()}), nil
}

// UndelegateRule is what the decision about the end of a delegation looks at.
type UndelegateRule struct {
	Delegation DelegationID
	Owner      *ledger.Account // available row of the delegator
	Unbonding  UnbondingID     // for what has to wait
}

// Undelegate ends a delegation. What it is worth goes back into the stake or,
// where there is an unstaking period, into the validator's pool for what is on
// its way out, which is then open. The owner has one position less.
func (b *Book) Undelegate(r UndelegateRule) (Delegation, []ledger.Posting, error) {
	d := b.delegations.get(r.Delegation)
	if d == nil || d.Delegator != r.Owner.ID {
		return Delegation{}, nil, ledger.Refuse(ledger.ErrNotFound, "no such delegation")
	}
	if !d.Active() {
		return Delegation{}, nil, ledger.Refuse(ledger.ErrInvalidState, "the delegation ended at %s", d.Ended.UTC().Format(time.RFC3339)).
			By("delegation.active", ledger.Word("delegation", d.ID.String()), ledger.Moment("ended_at", d.Ended))
	}
	d = b.delegations.change(d.ID)
	p := b.touch(d.Pool)
	s := b.stakes.change(d.Stake)
	b.touch(s.Pool)
	out := b.end(d, p, s)
	postings, err := b.comeBack(r, d, p, s, out)
	return *d, postings, err
}

// end takes a delegation out of its pool and leaves what it earned to its stake.
func (b *Book) end(d *Delegation, p *Pool, s *Stake) amount.Amount {
	d.settle(p, b.cycles)
	b.settle(s)
	out, cost := p.withdraw(p.Worth(d.Shares), d.Shares)
	d.add(p, d.Weight.neg())
	p.Commission.add(p, cost.times(whole(int64(d.Share.PPM()))).neg())
	s.Left.Earned, s.Left.Debt = s.Left.Earned.plus(d.Earned), s.Left.Debt.plus(d.Debt)
	d.Earned, d.Debt = Number{}, Number{}
	d.Shares, d.Amount, d.Ended = Number{}, out, b.Total().At
	s.Out--
	t := b.changeTotal()
	t.Delegations--
	t.Tokens = less(t.Tokens, out)
	return out
}

func (b *Book) comeBack(r UndelegateRule, d *Delegation, p *Pool, s *Stake, out amount.Amount) ([]ledger.Posting, error) {
	if out.IsZero() {
		return nil, nil
	}
	notes := ledger.Notes{ReferenceID: d.ID.String()}
	if b.terms.UnstakingPeriod == 0 {
		own, err := b.rejoin(s, out)
		if err != nil {
			return nil, err
		}
		return []ledger.Posting{ledger.Move(ledger.TypeDelegationMove, p.Account, own.Account, out, notes)}, nil
	}
	through := b.own(d.Validator, UnbondingDelegatedPool)
	if _, err := b.unbond(r.Unbonding, s, through, out, true); err != nil {
		return nil, err
	}
	s.Out++
	return []ledger.Posting{ledger.Move(ledger.TypeDelegationMove, p.Account, through.Account, out, notes)}, nil
}

// rejoin puts value back into a stake. Where the pool of its shares was closed,
// these are worth nothing, and the stake goes on in its owner's present pool.
func (b *Book) rejoin(s *Stake, value amount.Amount) (*Pool, error) {
	p := b.touch(s.Pool)
	b.settle(s)
	if p.Closed {
		s.Own.add(p, s.Own.Weight.neg())
		s.Left.Earned, s.Left.Debt = s.Left.Earned.plus(s.Own.Earned), s.Left.Debt.plus(s.Own.Debt)
		p = b.own(s.Owner, SelfPool)
		s.Pool, s.Shares, s.Own = p.ID, Number{}, p.join()
	}
	return p, b.enter(s, p, value)
}
