package mcp

import (
	"sync"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/client"
)

// spending is what a wallet has spent, within its bounds. Zero bounds are none.
type spending struct {
	each, all amount.Amount

	mu      sync.Mutex
	spent   amount.Amount
	charges map[string]*charge // by what was asked for, where the sum is bounded
}

// charge is a payment that is counted. What is asked for again under the same key is the
// same payment: while a call is under way, and for as long as any server remembers a key.
type charge struct {
	at      time.Time // when it was counted
	running int       // calls that ask for it
	made    bool      // or it is not known that it was not
	before  bool      // it was counted an earlier time, too
}

// boundError is the refusal of a bound of this wallet.
type boundError struct {
	rule         string
	asked, bound amount.Amount
	left         amount.Amount // that would pass
}

// Error says what the bound is.
func (e *boundError) Error() string {
	return "this wallet's own bound " + e.rule + " is " + e.bound.String() + " AVT, and its owner alone changes it"
}

// pay lets a payment be made under a key, within the bounds. It is counted once for its
// verb, its key and its sum, which together are one payment for the server, unless it was
// certainly not made. One that was made before counts too: it may have been made by this very
// call, which HTTP sent again by itself.
func (s *spending) pay(c *calling, verb, key string, sum, fee amount.Amount, pay func() (again bool, err error)) error {
	total, err := sum.Add(fee)
	if err != nil {
		return &inputError{"amount", "is too large"}
	}
	if !s.each.IsZero() && s.each.Less(sum) {
		return &boundError{"max_payment", sum, s.each, s.each}
	}
	name := verb + " " + total.String() + " " + key
	if err := s.reserve(name, total, c.wallet.now(), c.dry != nil); err != nil {
		return err
	}
	again, err := pay()
	if c.dry == nil {
		attempt, sent := client.AttemptOf(err)
		s.settle(name, total, again, err == nil || sent && attempt.InDoubt)
	}
	return err
}

// reserve counts a payment, unless it has been counted or is none.
func (s *spending) reserve(name string, total amount.Amount, now time.Time, dry bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all.IsZero() {
		return nil
	}
	known := s.charges[name]
	if known != nil && (known.running > 0 || now.Sub(known.at) < keyWindow) {
		if !dry {
			known.running++
		}
		return nil
	}
	spent, err := s.spent.Add(total)
	if err != nil || s.all.Less(spent) {
		left, _ := s.all.Sub(s.spent) // which is never more
		return &boundError{"max_total", total, s.all, left}
	}
	if dry {
		return nil
	}
	if s.charges == nil {
		s.charges = map[string]*charge{}
	}
	s.spent, s.charges[name] = spent, &charge{at: now, running: 1, before: known != nil}
	return nil
}

// settle notes what came of a call. Once none is under way that asks for a payment which none
// has made, it is not counted any more. That it was made again is believed where it was
// counted an earlier time.
func (s *spending) settle(name string, total amount.Amount, again, made bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.charges[name]
	if known == nil {
		return
	}
	known.running--
	known.made = known.made || made && (!again || !known.before)
	if known.running > 0 || known.made {
		return
	}
	s.spent, _ = s.spent.Sub(total) // it was added before
	if known.before {
		known.at = time.Time{}
	} else {
		delete(s.charges, name)
	}
}

// bounds are what a model is told of them; empty where there are none.
func (s *spending) bounds() (each, all, left string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.each.IsZero() {
		each = s.each.String()
	}
	if !s.all.IsZero() {
		rest, _ := s.all.Sub(s.spent) // which is never more
		all, left = s.all.String(), rest.String()
	}
	return each, all, left
}
