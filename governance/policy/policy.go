package policy

import (
	"time"
	"unicode/utf8"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// ID names a policy; its text form is "pol_" and 32 hex digits.
type ID ledger.ID

const idPrefix = "pol_"

// String returns the text form, empty for the zero value.
func (id ID) String() string { return ledger.FormatID(idPrefix, ledger.ID(id)) }

// IsZero reports whether the id names no policy.
func (id ID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseID reads the text form; anything else is [ledger.ErrNotFound], for an id that
// cannot exist names nothing.
func ParseID(text string) (ID, error) {
	id, err := ledger.ParseID(idPrefix, text)
	return ID(id), err
}

// Limits of what a policy says, in characters; of parameters in bytes.
const (
	MaxCode        = 64
	MaxName        = 200
	MaxDescription = 2000
	MaxCircuit     = 64
	MaxParameters  = 16 << 10
)

// MaxPolicies is how many policies there can be, with those that were deactivated.
const MaxPolicies = 1000

// Policy is a policy in one of its versions.
type Policy struct {
	ID          ID
	Code        string // nobody else's, for ever; 1 to [MaxCode] of letters, digits, and . _ : -
	Name        string
	Type        Type
	Description string
	Parameters  string        // a JSON object in the form that [ParseParameters] returns
	Reward      amount.Amount // for an attestation; zero for the other types
	Circuit     string        // that an attestation's proof is for; empty: none is wanted
	Level       Level
	Active      bool
	Version     int64 // from 1, without gaps; deactivation is one
	Change      int64 // its place among the changes of all policies, from 1, without gaps
	By          did.DID
	CreatedAt   time.Time // of the first version
	UpdatedAt   time.Time // of this one
}

// Enforced reports whether the policy sets anything: it is active, and mandatory.
func (p *Policy) Enforced() bool { return p.Active && p.Level == Mandatory }

// Check says what a policy cannot be: the first of its [Policy.Faults], or nil.
func (p *Policy) Check() error {
	for _, fault := range p.Faults() {
		return fault
	}
	return nil
}

// Faults are all that a policy cannot be, each with the Field under which the HTTP API
// takes it. Parameters are taken to have been parsed.
func (p *Policy) Faults() (faults []*ledger.Refusal) {
	add := func(wrong bool, field, format string, args ...any) {
		if wrong {
			faults = append(faults, ledger.Invalid(field, format, args...))
		}
	}
	add(!validCode(p.Code), "policy_code", "must be 1 to %d letters, digits, and any of . _ : -, beginning with a letter or digit", MaxCode)
	add(!p.Type.Valid(), "policy_type", "must be attestation, economic, auditor or dispute")
	add(!p.Level.Valid(), "enforcement_level", "must be advisory or mandatory")
	add(!text(p.Name, 1, MaxName), "policy_name", "must have 1 to %d characters", MaxName)
	add(!text(p.Description, 0, MaxDescription), "description", "must have at most %d characters", MaxDescription)
	add(p.Circuit != "" && !validCircuit(p.Circuit), "circuit_identifier", "must be 1 to %d letters, digits, and any of . _ : -", MaxCircuit)
	if other := p.Type.Valid() && p.Type != Attestation; other {
		add(!p.Reward.IsZero(), "reward_amount", "only a policy of type attestation has a reward")
		add(p.Circuit != "", "circuit_identifier", "only a policy of type attestation has a circuit")
	}
	return faults
}

func text(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	if n < least || n > most || !utf8.ValidString(s) {
		return false
	}
	for i := range len(s) {
		if s[i] == 0 {
			return false
		}
	}
	return true
}

// validCode reports whether a text can be a policy's code, or the type of an
// attestation.
func validCode(s string) bool { return len(s) <= MaxCode && token(s) }

func validCircuit(s string) bool { return len(s) <= MaxCircuit && token(s) }

func token(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		mark := c == '.' || c == '_' || c == ':' || c == '-'
		if !letter && (i == 0 || !mark) {
			return false
		}
	}
	return s != ""
}
