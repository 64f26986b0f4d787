package policy

import (
	"errors"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Edit says what of a policy is to be. What is nil stays, and is the zero value in a
// new one.
type Edit struct {
	Name        *string
	Description *string
	Parameters  *string // a JSON object, which replaces all parameters
	Reward      *amount.Amount
	Circuit     *string
	Level       *Level
	Active      *bool
}

// New makes the first version of a policy. Errors are those of [Policy.Check] and
// [ParseParameters].
func New(id ID, code string, of Type, e Edit, by did.DID, at time.Time) (Policy, error) {
	p := Policy{ID: id, Code: code, Type: of, Parameters: "{}", Active: true, CreatedAt: at}
	return p.edited(e, by, at)
}

// Edited returns the next version of a policy. An active one is edited, and one that is
// not only together with making it active again: else [ledger.ErrInvalidState].
func (p Policy) Edited(e Edit, by did.DID, at time.Time) (Policy, error) {
	if !p.Active && (e.Active == nil || !*e.Active) {
		return p, ledger.Refuse(ledger.ErrInvalidState, "the policy %s is deactivated; make it active with the change, or create another", p.Code).
			By("policy.active", ledger.Word("policy", p.Code), ledger.Word("is_active", "false")).
			Unless(ledger.Word("active", "true").Needs("is_active", ledger.Is, "Make it active with the change, or create another."))
	}
	return p.edited(e, by, at)
}

// Deactivated returns the version in which a policy ends; once more it is
// [ledger.ErrInvalidState].
func (p Policy) Deactivated(by did.DID, at time.Time) (Policy, error) {
	if !p.Active {
		return p, ledger.Refuse(ledger.ErrInvalidState, "the policy %s is deactivated already", p.Code)
	}
	inactive := false
	return p.edited(Edit{Active: &inactive}, by, at)
}

func (p Policy) edited(e Edit, by did.DID, at time.Time) (Policy, error) {
	p, faults := p.with(e)
	p.By, p.UpdatedAt = by, at
	for _, fault := range faults {
		return p, fault
	}
	return p, nil
}

// with makes the edit, and returns all that is wrong with what comes of it.
func (p Policy) with(e Edit) (Policy, []*ledger.Refusal) {
	replace(&p.Name, e.Name)
	replace(&p.Description, e.Description)
	replace(&p.Reward, e.Reward)
	replace(&p.Circuit, e.Circuit)
	replace(&p.Level, e.Level)
	replace(&p.Active, e.Active)
	faults := p.Faults()
	if e.Parameters == nil || !p.Type.Valid() {
		return p, faults
	}
	parameters, err := ParseParameters(p.Type, []byte(*e.Parameters))
	if err == nil {
		p.Parameters = parameters
		if _, failed := p.Rules(); failed != nil {
			err = ledger.Invalid("parameters.rules", "%v", failed)
		}
	}
	var refusal *ledger.Refusal
	if errors.As(err, &refusal) {
		faults = append(faults, refusal)
	}
	return p, faults
}

// Faults are all that is wrong with a new policy, each with the Field under which the
// HTTP API takes it.
func Faults(code string, of Type, e Edit) []*ledger.Refusal {
	_, faults := Policy{Code: code, Type: of, Parameters: "{}"}.with(e)
	return faults
}

func replace[T any](place, with *T) {
	if with != nil {
		*place = *with
	}
}
