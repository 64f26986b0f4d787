package mcp

import (
	"sync"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/client"
)

// spending is what a wallet has spent, within its bounds. Zero bounds are none.
type spending struct {
	each, all amount.Amount

	mu      sync.Mutex
	spent   amount.Amount
	counted map[string]bool // keys of what was spent, where the sum is bounded
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
// key, unless it was certainly not made. One that was made before counts too: it may have
// been made by this very call, which HTTP sent again by itself.
func (s *spending) pay(c *calling, key string, sum, fee amount.Amount, pay func() error) error {
	total, err := sum.Add(fee)
	if err != nil {
		return &inputError{"amount", "is too large"}
	}
	if !s.each.IsZero() && s.each.Less(sum) {
		return &boundError{"max_payment", sum, s.each, s.each}
	}
	reserved, err := s.reserve(key, total, c.dry != nil)
	if err != nil {
		return err
	}
	err = pay()
	if attempt, sent := client.AttemptOf(err); reserved && err != nil && (!sent || !attempt.InDoubt) {
		s.release(key, total)
	}
	return err
}

// reserve counts a payment, unless it has been counted or is none.
func (s *spending) reserve(key string, total amount.Amount, dry bool) (reserved bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all.IsZero() || s.counted[key] {
		return false, nil
	}
	spent, err := s.spent.Add(total)
	if err != nil || s.all.Less(spent) {
		left, _ := s.all.Sub(s.spent) // which is never more
		return false, &boundError{"max_total", total, s.all, left}
	}
	if dry {
		return false, nil
	}
	if s.counted == nil {
		s.counted = map[string]bool{}
	}
	s.spent, s.counted[key] = spent, true
	return true, nil
}

func (s *spending) release(key string, total amount.Amount) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spent, _ = s.spent.Sub(total) // it was added before
	delete(s.counted, key)
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
