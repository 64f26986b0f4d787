package staking

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Slash is what was taken from a validator, as it is kept. It is never changed.
type Slash struct {
	ID              SlashID
	Agent           ledger.AccountID // available row
	Evidence        string           // for which it was taken, once
	Reason          string
	SelfRate        amount.Rate
	DelegationsRate amount.Rate
	Self, Delegated amount.Amount
	At              time.Time
}

// DelegationSlash is a slash that took something of a delegation: of what it was
// worth or, after its end, of what was still on its way back from it. One slash
// hits each delegation once at most.
type DelegationSlash struct {
	Slash
	ValidatorID did.DID
	Delegation  DelegationID
	Transaction ledger.TransactionID // that took it, with what lay in the same pool
	Seq         int64                // the delegation's place in the chain of the pool's account
}

// SlashRule is what the decision about a slash looks at.
type SlashRule struct {
	Agent       ledger.AccountID // available row of the validator
	Self        amount.Rate      // of its own value
	Delegations amount.Rate      // of what is delegated to it, where the terms say that this is slashed
	Treasury    ledger.AccountID // the row that gets it
	Notes       ledger.Notes
}

// Slashed is what was taken.
type Slashed struct {
	Self, Delegated amount.Amount
	Postings        []ledger.Posting // one for each pool
}

// lose takes a cut off the totals.
func (b *Book) lose(kind PoolKind, cut amount.Amount) {
	t := b.changeTotal()
	if kind.Earns() {
		t.Tokens = less(t.Tokens, cut)
	} else {
		t.Unbonding = less(t.Unbonding, cut)
	}
}

// Slash takes parts of an agent's pools, of what is on its way out of them too.
// It touches no stake and no delegation: their shares are worth less.
func (b *Book) Slash(r SlashRule) (Slashed, error) {
	if !b.terms.Slashing {
		return Slashed{}, ledger.Refuse(ledger.ErrInvalidState, "slashing is off; see SLASHING_ENABLED").
			By("slash.enabled", ledger.Word("SLASHING_ENABLED", "false")).Unless(ledger.Word("on", "true").Needs("SLASHING_ENABLED", ledger.Is, "Turn slashing on, in the settings or by a policy."))
	}
	var s Slashed
	for kind := SelfPool; kind.Valid(); kind++ {
		part, sum := r.Self, &s.Self
		if kind == DelegatedPool || kind == UnbondingDelegatedPool {
			part, sum = r.Delegations, &s.Delegated
			if !b.terms.SlashDelegated {
				continue
			}
		}
		if b.Pool(r.Agent, kind) == nil {
			continue
		}
		p := b.own(r.Agent, kind)
		cut := p.slash(part)
		if cut.IsZero() {
			continue
		}
		var err error
		if *sum, err = sum.Add(cut); err != nil {
			return Slashed{}, err
		}
		b.lose(kind, cut)
		s.Postings = append(s.Postings, ledger.Move(ledger.TypeSlash, p.Account, r.Treasury, cut, r.Notes))
	}
	return s, nil
}
