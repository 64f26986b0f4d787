package policy

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// AttestationTerms are what a policy of type attestation asks, and gives.
type AttestationTerms struct {
	AttestationType string        // under which attestations name it besides its code; empty: none
	DataSchema      []byte        // JSON Schema of the data, an object; nil: anything goes
	StorageRequired bool          // a pointer to evidence has to come with it
	ReviewRequired  bool          // nothing is accepted before somebody has looked at it
	Cooldown        time.Duration // between two of one agent
	DailyLimit      int           // of one agent

	// What may be paid in a day, and ever; nil: without limit.
	BudgetPerDay, BudgetTotal *amount.Amount

	Reward  amount.Amount // for each
	Circuit string        // that the proof has to be for; empty: none is wanted
}

// What a policy means that says nothing of it.
const (
	DefaultCooldown   = 24 * time.Hour
	DefaultDailyLimit = 10
)

// The largest values that a policy can ask for.
const (
	MaxCooldown   = 365 * 24 * time.Hour
	MaxDailyLimit = 10_000
)

var attestationParameters = []parameter{
	kind("attestation_type"),
	schema("data_schema"),
	truth("storage_required", func(s *settings) *bool { return &s.attestation.StorageRequired }),
	truth("review_required", func(s *settings) *bool { return &s.attestation.ReviewRequired }),
	seconds("cooldown_seconds", MaxCooldown, func(s *settings) *time.Duration { return &s.attestation.Cooldown }),
	whole("daily_limit", 1, MaxDailyLimit, func(s *settings) *int { return &s.attestation.DailyLimit }),
	budget("reward_budget_per_day", func(s *settings) **amount.Amount { return &s.attestation.BudgetPerDay }),
	budget("reward_budget_total", func(s *settings) **amount.Amount { return &s.attestation.BudgetTotal }),
}

// AttestationTerms returns what the policy asks and gives. The error says that it is
// of another type; parameters that were parsed are always understood.
func (p *Policy) AttestationTerms() (AttestationTerms, error) {
	terms := AttestationTerms{Cooldown: DefaultCooldown, DailyLimit: DefaultDailyLimit, Reward: p.Reward, Circuit: p.Circuit}
	if p.Type != Attestation {
		return AttestationTerms{}, ledger.Invalid("policy_type", "%s is a policy of type %s", p.Code, p.Type)
	}
	_, set, err := readParameters(Attestation, []byte(p.Parameters))
	if err != nil {
		return AttestationTerms{}, err
	}
	for _, apply := range set {
		apply(&settings{attestation: &terms})
	}
	return terms, nil
}

func kind(name string) parameter {
	return parameter{name, "a name like a policy_code", func(raw json.RawMessage) (any, func(*settings), bool) {
		text, ok := quoted(raw)
		return text, func(s *settings) { s.attestation.AttestationType = text }, ok && validCode(text)
	}, nil}
}

// schema takes any object; whether it is a JSON Schema is for those to say who use it.
func schema(name string) parameter {
	return parameter{name, "a JSON Schema, as an object", func(raw json.RawMessage) (any, func(*settings), bool) {
		var object map[string]any
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if err := d.Decode(&object); err != nil || object == nil {
			return nil, nil, false
		}
		text, err := write(object)
		return json.RawMessage(text), func(s *settings) { s.attestation.DataSchema = text }, err == nil
	}, nil}
}

func seconds(name string, most time.Duration, place func(*settings) *time.Duration) parameter {
	count := whole(name, 0, int(most/time.Second), nil)
	return parameter{name, count.want, func(raw json.RawMessage) (any, func(*settings), bool) {
		value, _, ok := count.read(raw)
		n, _ := value.(int)
		return value, func(s *settings) { *place(s) = time.Duration(n) * time.Second }, ok
	}, nil}
}

func budget(name string, place func(*settings) **amount.Amount) parameter {
	return parameter{name, wantAmount, func(raw json.RawMessage) (any, func(*settings), bool) {
		text, ok := literal(raw)
		value, err := amount.Parse(text)
		return value, func(s *settings) { *place(s) = &value }, ok && err == nil
	}, nil}
}
