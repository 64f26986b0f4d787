package policy_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

var (
	admin = did.MustParse("did:example:admin")
	start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func at[T any](v T) *T { return &v }

func field(t *testing.T, err error, reason *ledger.Reason) string {
	t.Helper()
	require.ErrorIs(t, err, reason)
	var refusal *ledger.Refusal
	require.ErrorAs(t, err, &refusal)
	return refusal.Field
}

func TestParametersHaveOneForm(t *testing.T) {
	for _, c := range []struct {
		of          policy.Type
		given, kept string
	}{
		{policy.Economic, ``, `{}`},
		{policy.Economic, ` { "transfer_fee_percentage" : 2.50, "transfer_fee": 0.10 } `, `{"transfer_fee":"0.1","transfer_fee_percentage":"2.5"}`},
		{policy.Economic, `{"transfer_fee":"0.10","transfer_fee_max":null}`, `{"transfer_fee":"0.1","transfer_fee_max":null}`},
		{policy.Economic, `{"reward_min_reputation":null,"max_transfer_amount":null}`, `{"max_transfer_amount":null,"reward_min_reputation":null}`},
		{policy.Economic, `{"fee_split":"burn=0.2, rewards=0.30"}`, `{"fee_split":"treasury=0.5,rewards=0.3,burn=0.2"}`},
		{policy.Economic, `{"unstaking_period":"7d","slashing_enabled":true,"staking_reward_rate":0.07}`,
			`{"slashing_enabled":true,"staking_reward_rate":"0.07","unstaking_period":"168h0m0s"}`},
		{policy.Economic, `{"unstaking_period":"168h0m0s","reputation_critical_flag":-60}`, `{"reputation_critical_flag":-60,"unstaking_period":"168h0m0s"}`},
		{policy.Economic, `{"unstaking_period":604800}`, `{"unstaking_period":"168h0m0s"}`},
		{policy.Dispute, `{"dispute_bond":1,"dispute_window":"60d"}`, `{"dispute_bond":"1","dispute_window":"1440h0m0s"}`},
		{policy.Auditor, `{"rules":[{"thresholds":{"window_seconds":"60","max_transfers":10},"code":"HIGH_VELOCITY_TRANSFERS"}]}`,
			`{"rules":[{"code":"HIGH_VELOCITY_TRANSFERS","thresholds":{"max_transfers":"10","window_seconds":"60"}}]}`},
		{policy.Attestation, `{"data_schema":{"type":"object","b":[1.50,"<"],"a":{}},"attestation_type":"sla","daily_limit":3,"cooldown_seconds":0,
			"reward_budget_per_day":100,"reward_budget_total":"1e"}`, ``},
		{policy.Attestation, `{"data_schema":{"type":"object","b":[1.50,"<"],"a":{}},"attestation_type":"sla","daily_limit":3,"cooldown_seconds":0,
			"reward_budget_per_day":100.0}`,
			`{"attestation_type":"sla","cooldown_seconds":0,"daily_limit":3,"data_schema":{"a":{},"b":[1.50,"<"],"type":"object"},"reward_budget_per_day":"100"}`},
	} {
		kept, err := policy.ParseParameters(c.of, []byte(c.given))
		if c.kept == "" {
			require.ErrorIs(t, err, ledger.ErrInvalidInput, c.given)
			continue
		}
		require.NoError(t, err, c.given)
		require.Equal(t, c.kept, kept)
		again, err := policy.ParseParameters(c.of, []byte(kept))
		require.NoError(t, err)
		require.Equal(t, kept, again)
	}
}

func TestParametersThatNoPolicyHas(t *testing.T) {
	for _, c := range []struct {
		of           policy.Type
		given, field string
	}{
		{policy.Economic, `[]`, "parameters"},
		{policy.Economic, `null`, "parameters"},
		{policy.Economic, `{} {}`, "parameters"},
		{policy.Economic, `{"dispute_bond":"1"}`, "parameters.dispute_bond"},
		{policy.Economic, `{"Transfer_Fee":"1"}`, "parameters.Transfer_Fee"},
		{policy.Economic, `{"transfer_fee":-1}`, "parameters.transfer_fee"},
		{policy.Economic, `{"transfer_fee":1e3}`, "parameters.transfer_fee"},
		{policy.Economic, `{"transfer_fee":null}`, "parameters.transfer_fee"},
		{policy.Economic, `{"max_transfer_amount":0.00}`, "parameters.max_transfer_amount"},
		{policy.Economic, `{"transfer_fee":["1"]}`, "parameters.transfer_fee"},
		{policy.Economic, `{"transfer_fee_percentage":100.1}`, "parameters.transfer_fee_percentage"},
		{policy.Economic, `{"staking_reward_rate":"5"}`, "parameters.staking_reward_rate"},
		{policy.Economic, `{"slashing_enabled":"true"}`, "parameters.slashing_enabled"},
		{policy.Economic, `{"unstaking_period":-1}`, "parameters.unstaking_period"},
		{policy.Economic, `{"unstaking_period":"604800"}`, "parameters.unstaking_period"},
		{policy.Economic, `{"unstaking_period":"1ns"}`, "parameters.unstaking_period"},
		{policy.Economic, `{"unstaking_period":"366d"}`, "parameters.unstaking_period"},
		{policy.Economic, `{"reputation_signal":0}`, "parameters.reputation_signal"},
		{policy.Economic, `{"reputation_signal":1.0}`, "parameters.reputation_signal"},
		{policy.Economic, `{"reputation_critical_flag":1}`, "parameters.reputation_critical_flag"},
		{policy.Economic, `{"fee_split":"treasury=0.5"}`, "parameters.fee_split"},
		{policy.Dispute, `{"dispute_window":"0s"}`, "parameters.dispute_window"},
		{policy.Dispute, `{"transfer_fee":"1"}`, "parameters.transfer_fee"},
		{policy.Attestation, `{"cooldown":1}`, "parameters.cooldown"},
		{policy.Attestation, `{"cooldown_seconds":"1"}`, "parameters.cooldown_seconds"},
		{policy.Attestation, `{"daily_limit":0}`, "parameters.daily_limit"},
		{policy.Attestation, `{"data_schema":true}`, "parameters.data_schema"},
		{policy.Attestation, `{"attestation_type":""}`, "parameters.attestation_type"},
		{policy.Auditor, `{"rules":{}}`, "parameters.rules"},
		{policy.Auditor, `{"rules":[{"code":"LARGE_TRANSFER","extra":1}]}`, "parameters.rules"},
		{policy.Auditor, `{"rules":[{"code":"LARGE_TRANSFER","severity":"EXTREME"}]}`, "parameters.rules"},
	} {
		_, err := policy.ParseParameters(c.of, []byte(c.given))
		require.Equal(t, c.field, field(t, err, ledger.ErrInvalidInput), c.given)
	}
}

func TestWhatAnAttestationPolicyAsks(t *testing.T) {
	p := created(t, 1, "fair_markup", policy.Attestation, policy.Edit{
		Reward: at(amount.MustParse("5")), Circuit: at("fair_markup"), Level: at(policy.Mandatory),
		Parameters: at(`{"attestation_type":"pricing","review_required":true,"reward_budget_total":"50","data_schema":{"type":"object"}}`),
	})
	terms, err := p.AttestationTerms()
	require.NoError(t, err)
	require.Equal(t, policy.AttestationTerms{
		AttestationType: "pricing", DataSchema: []byte(`{"type":"object"}`), ReviewRequired: true, Cooldown: 24 * time.Hour, DailyLimit: 10,
		BudgetTotal: at(amount.MustParse("50")), Reward: amount.MustParse("5"), Circuit: "fair_markup",
	}, terms)
	economic := created(t, 2, "fees", policy.Economic, policy.Edit{Level: at(policy.Mandatory)})
	_, err = economic.AttestationTerms()
	require.ErrorIs(t, err, ledger.ErrInvalidInput)
}

func created(t *testing.T, n byte, code string, of policy.Type, e policy.Edit) policy.Policy {
	t.Helper()
	if e.Name == nil {
		e.Name = at("a policy")
	}
	p, err := policy.New(policy.ID{n}, code, of, e, admin, start.Add(time.Duration(n)*time.Minute))
	require.NoError(t, err)
	return p
}

func TestWhatNoPolicyIs(t *testing.T) {
	good := policy.Edit{Name: at("n"), Level: at(policy.Mandatory)}
	for _, c := range []struct {
		code  string
		of    policy.Type
		edit  policy.Edit
		field string
	}{
		{"", policy.Economic, good, "policy_code"},
		{"-a", policy.Economic, good, "policy_code"},
		{"a b", policy.Economic, good, "policy_code"},
		{"a", 0, good, "policy_type"},
		{"a", policy.Economic, policy.Edit{Name: at("n")}, "enforcement_level"},
		{"a", policy.Economic, policy.Edit{Level: at(policy.Advisory)}, "policy_name"},
		{"a", policy.Economic, policy.Edit{Name: at("n\x00"), Level: at(policy.Advisory)}, "policy_name"},
		{"a", policy.Economic, policy.Edit{Name: at("n"), Level: at(policy.Advisory), Reward: at(amount.MustParse("1"))}, "reward_amount"},
		{"a", policy.Dispute, policy.Edit{Name: at("n"), Level: at(policy.Advisory), Circuit: at("c")}, "circuit_identifier"},
		{"a", policy.Attestation, policy.Edit{Name: at("n"), Level: at(policy.Advisory), Circuit: at("c c")}, "circuit_identifier"},
		{"a", policy.Economic, policy.Edit{Name: at("n"), Level: at(policy.Advisory), Parameters: at(`{"x":1}`)}, "parameters.x"},
		{"a", policy.Auditor, policy.Edit{Name: at("n"), Level: at(policy.Advisory), Parameters: at(`{"rules":[{"code":"NO_SUCH"}]}`)}, "parameters.rules"},
	} {
		_, err := policy.New(policy.ID{1}, c.code, c.of, c.edit, admin, start)
		require.Equal(t, c.field, field(t, err, ledger.ErrInvalidInput))
	}
}

// A policy is edited while it is active, deactivated once, and made active again only
// by an edit that says so.
func TestTheLifeOfAPolicy(t *testing.T) {
	p := created(t, 1, "fees", policy.Economic, policy.Edit{Level: at(policy.Mandatory), Parameters: at(`{"transfer_fee":1}`)})
	later := start.Add(time.Hour)
	p, err := p.Edited(policy.Edit{Description: at("why")}, admin, later)
	require.NoError(t, err)
	require.Equal(t, `{"transfer_fee":"1"}`, p.Parameters)
	require.Equal(t, "why", p.Description)
	require.Equal(t, later, p.UpdatedAt)
	require.Equal(t, start.Add(time.Minute), p.CreatedAt)
	require.Equal(t, []string{"transfer_fee"}, p.Sets())
	off, err := p.Deactivated(admin, later)
	require.NoError(t, err)
	require.Empty(t, off.Sets())
	_, err = off.Deactivated(admin, later)
	require.ErrorIs(t, err, ledger.ErrInvalidState)
	_, err = off.Edited(policy.Edit{Name: at("x")}, admin, later)
	require.ErrorIs(t, err, ledger.ErrInvalidState)
	on, err := off.Edited(policy.Edit{Active: at(true)}, admin, later)
	require.NoError(t, err)
	require.Equal(t, p, on)
}

func TestTextForms(t *testing.T) {
	for v := range uint8(6) {
		kind, level := policy.Type(v), policy.Level(v)
		text, err := kind.MarshalText()
		require.Equal(t, kind.Valid(), err == nil)
		if err == nil {
			var back policy.Type
			require.NoError(t, back.UnmarshalText(text))
			require.Equal(t, kind, back)
		}
		text, err = level.MarshalText()
		require.Equal(t, level.Valid(), err == nil)
		if err == nil {
			var back policy.Level
			require.NoError(t, back.UnmarshalText(text))
			require.Equal(t, level, back)
		}
	}
	require.Error(t, at(policy.Type(1)).UnmarshalText([]byte("Economic")))
	id, err := policy.ParseID(policy.ID{7}.String())
	require.NoError(t, err)
	require.Equal(t, policy.ID{7}, id)
	_, err = policy.ParseID("att_07")
	require.True(t, errors.Is(err, ledger.ErrNotFound))
}
