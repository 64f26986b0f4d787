package attestation

import (
	"bytes"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Book is what a group of operations loaded of attestations, and what they changed so
// far. What an operation did can be taken back.
type Book struct {
	submissions map[SubmissionID]*loaded
	scopes      map[ledger.ID][]SubmissionID
	turns       map[Pair]Turn
	budgets     map[policy.ID]*budget
	steps       []Step
	circuits    []Circuit
	undo        []func()
}

type loaded struct {
	now     Submission
	fresh   bool // made by this group
	changed bool
}

type budget struct {
	now            Budget
	fresh, changed bool
}

// NewBook begins with what was loaded.
func NewBook(rows Rows) *Book {
	b := &Book{
		submissions: make(map[SubmissionID]*loaded, len(rows.Submissions)), scopes: make(map[ledger.ID][]SubmissionID, len(rows.Submissions)),
		turns: make(map[Pair]Turn, len(rows.Turns)), budgets: make(map[policy.ID]*budget, len(rows.Budgets)),
	}
	for _, s := range rows.Submissions {
		if b.submissions[s.ID] == nil {
			b.take(&loaded{now: s})
		}
	}
	for _, t := range rows.Turns {
		b.turns[t.Pair] = t
	}
	for _, of := range rows.Budgets {
		b.budgets[of.Policy] = &budget{now: of}
	}
	return b
}

func (b *Book) take(of *loaded) {
	b.submissions[of.now.ID] = of
	b.scopes[of.now.Scope] = append(b.scopes[of.now.Scope], of.now.ID)
}

// Submission returns a submission as it is now, and whether it is known.
func (b *Book) Submission(id SubmissionID) (Submission, bool) {
	of := b.submissions[id]
	if of == nil {
		return Submission{}, false
	}
	return of.now, true
}

// Standing reports whether a submission of the scope stands.
func (b *Book) Standing(scope ledger.ID) bool {
	return slices.ContainsFunc(b.scopes[scope], func(id SubmissionID) bool { return b.submissions[id].now.Status.Stands() })
}

// Turn tells what an agent has handed in lately, which must have been asked for: when
// what stands for the policy was, and how much it was for all policies.
func (b *Book) Turn(of Pair) (Turn, bool) {
	t, known := b.turns[of]
	return t, known
}

// HandIn takes a new submission in.
func (b *Book) HandIn(s Submission, of Pair, step Step) {
	b.take(&loaded{now: s, fresh: true, changed: true})
	b.steps = append(b.steps, step)
	before := map[Pair]Turn{}
	for pair, turn := range b.turns {
		if pair.Agent != of.Agent {
			continue
		}
		before[pair] = turn
		turn.Handed++
		if pair == of && s.Status.Stands() {
			turn.Last = s.SubmittedAt
		}
		b.turns[pair] = turn
	}
	b.undo = append(b.undo, func() {
		delete(b.submissions, s.ID)
		b.scopes[s.Scope] = b.scopes[s.Scope][:len(b.scopes[s.Scope])-1]
		b.steps = b.steps[:len(b.steps)-1]
		for pair, turn := range before {
			b.turns[pair] = turn
		}
	})
}

// Change replaces a submission by what it became in a step.
func (b *Book) Change(s Submission, step Step) {
	of := b.submissions[s.ID]
	before := *of
	of.now, of.changed = s, true
	b.steps = append(b.steps, step)
	b.undo = append(b.undo, func() {
		*of = before
		b.steps = b.steps[:len(b.steps)-1]
	})
}

// Register takes a new circuit in.
func (b *Book) Register(c Circuit) {
	b.circuits = append(b.circuits, c)
	b.undo = append(b.undo, func() { b.circuits = b.circuits[:len(b.circuits)-1] })
}

// Charge takes a reward from a policy's budget, which must have been asked for, and
// reports whether there was enough of it left, and as of when it was taken: where
// another process has begun the next day already, of its beginning.
func (b *Book) Charge(of policy.ID, reward amount.Amount, limits Limits, at time.Time) (charged time.Time, ok bool) {
	before := b.budgetOf(of).now
	if begun := beginning(before.Day); begun.After(at) {
		at = begun
	}
	after, ok := before.charge(reward, limits, at)
	if ok {
		b.setBudget(of, after)
	}
	return at, ok
}

// Release gives a reward that was charged back to the budget.
func (b *Book) Release(of policy.ID, reward amount.Amount, charged time.Time) {
	b.setBudget(of, b.budgetOf(of).now.release(reward, charged))
}

func (b *Book) budgetOf(of policy.ID) *budget {
	if b.budgets[of] == nil {
		b.budgets[of] = &budget{now: Budget{Policy: of}, fresh: true}
	}
	return b.budgets[of]
}

func (b *Book) setBudget(of policy.ID, now Budget) {
	place := b.budgetOf(of)
	before := *place
	place.now, place.changed = now, true
	b.undo = append(b.undo, func() { *place = before })
}

// Mark is a point to which the book can be taken back.
func (b *Book) Mark() int { return len(b.undo) }

// Revert takes back what was done since the mark.
func (b *Book) Revert(mark int) {
	for i := len(b.undo) - 1; i >= mark; i-- {
		b.undo[i]()
	}
	b.undo = b.undo[:mark]
}

// Changed is what is to be written, in the order of its keys.
func (b *Book) Changed() Changes {
	c := Changes{Steps: b.steps, Circuits: b.circuits}
	for _, of := range b.submissions {
		switch {
		case of.fresh:
			c.Made = append(c.Made, of.now)
		case of.changed:
			c.Changed = append(c.Changed, of.now)
		}
	}
	for _, of := range b.budgets {
		switch {
		case !of.changed:
		case of.fresh:
			c.NewBudgets = append(c.NewBudgets, of.now)
		default:
			c.Budgets = append(c.Budgets, of.now)
		}
	}
	byID := func(x, y Submission) int { return bytes.Compare(x.ID[:], y.ID[:]) }
	byPolicy := func(x, y Budget) int { return bytes.Compare(x.Policy[:], y.Policy[:]) }
	slices.SortFunc(c.Made, byID)
	slices.SortFunc(c.Changed, byID)
	slices.SortFunc(c.NewBudgets, byPolicy)
	slices.SortFunc(c.Budgets, byPolicy)
	return c
}
