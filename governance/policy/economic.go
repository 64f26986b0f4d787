package policy

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
)

// maxPairLimit is far more than a pair could give in its window.
const maxPairLimit = 1_000_000

// economicParameters are what of the terms of value, stakes and scores can be changed
// while the economy runs.
var economicParameters = []parameter{
	sum("transfer_fee", func(s *settings) *amount.Amount { return &s.terms.Ledger.Fees.Fixed }),
	percentage("transfer_fee_percentage", func(s *settings) *amount.Rate { return &s.terms.Ledger.Fees.Percentage }),
	ceiling("transfer_fee_max", func(s *settings) (amount.Amount, bool) {
		return s.terms.Ledger.Fees.Max, s.terms.Ledger.Fees.HasMax
	}, func(s *settings, value amount.Amount, limited bool) {
		s.terms.Ledger.Fees.Max, s.terms.Ledger.Fees.HasMax = value, limited
	}),
	split("fee_split"),
	sum("min_transfer_amount", func(s *settings) *amount.Amount { return &s.terms.Ledger.MinTransfer }),
	aboveZero(ceiling("max_transfer_amount", func(s *settings) (amount.Amount, bool) {
		return s.terms.Ledger.MaxTransfer, !s.terms.Ledger.MaxTransfer.IsZero()
	}, func(s *settings, value amount.Amount, _ bool) { s.terms.Ledger.MaxTransfer = value })),
	sum("onboarding_grant", func(s *settings) *amount.Amount { return &s.terms.Ledger.OnboardingGrant }),

	sum("min_stake_amount", func(s *settings) *amount.Amount { return &s.terms.Staking.MinStake }),
	fraction("staking_reward_rate", func(s *settings) *amount.Rate { return &s.terms.Staking.RewardRate }),
	truth("reward_issuance", func(s *settings) *bool { return &s.terms.Staking.IssueRewards }),
	span("unstaking_period", 0, staking.MaxUnstakingPeriod, func(s *settings) *time.Duration { return &s.terms.Staking.UnstakingPeriod }),
	truth("slashing_enabled", func(s *settings) *bool { return &s.terms.Staking.Slashing }),
	truth("slash_delegations", func(s *settings) *bool { return &s.terms.Staking.SlashDelegated }),

	whole("reputation_signal", 1, reputation.MaxScore, func(s *settings) *int { return &s.terms.Reputation.Signal }),
	whole("reputation_avtp_success", 0, reputation.MaxScore, func(s *settings) *int { return &s.terms.Reputation.Success }),
	whole("reputation_avtp_failure_provider", reputation.MinScore, 0, func(s *settings) *int { return &s.terms.Reputation.FailureProvider }),
	whole("reputation_avtp_failure_consumer", reputation.MinScore, 0, func(s *settings) *int { return &s.terms.Reputation.FailureConsumer }),
	whole("reputation_critical_flag", reputation.MinScore, 0, func(s *settings) *int { return &s.terms.Reputation.CriticalFlag }),
	whole("reputation_attestation", 0, reputation.MaxScore, func(s *settings) *int { return &s.terms.Reputation.Attested }),
	score("reward_min_reputation", func(s *settings) **int { return &s.terms.Reputation.RewardFrom }),
	whole("reputation_dispute_lost", reputation.MinScore, 0, func(s *settings) *int { return &s.terms.Reputation.DisputeLost }),
	whole("reputation_dispute_won", 0, reputation.MaxScore, func(s *settings) *int { return &s.terms.Reputation.DisputeWon }),
	whole("signal_pair_limit", 0, maxPairLimit, func(s *settings) *int { return &s.terms.Reputation.SignalPairLimit }),
}

// aboveZero refuses 0 for a limit where that would mean that there is none: who writes
// it may well mean that nothing is to pass.
func aboveZero(p parameter) parameter {
	read := p.read
	p.want = `an amount of AVT above 0 such as "1000", or null for no limit`
	p.read = func(raw json.RawMessage) (any, func(*settings), bool) {
		value, set, ok := read(raw)
		sum, limited := value.(amount.Amount)
		return value, set, ok && (!limited || !sum.IsZero())
	}
	return p
}

// score is one from which on something is so, or null where it is so from none on.
func score(name string, place func(*settings) **int) parameter {
	number := whole(name, reputation.MinScore, reputation.MaxScore, nil)
	return parameter{name, number.want + ", or null for none", func(raw json.RawMessage) (any, func(*settings), bool) {
		if bytes.Equal(raw, unset) {
			return unset, func(s *settings) { *place(s) = nil }, true
		}
		value, _, ok := number.read(raw)
		from, _ := value.(int)
		return value, func(s *settings) { *place(s) = &from }, ok
	}, func(s *settings) any { return *place(s) }} // nil is written as null
}

func split(name string) parameter {
	const want = `fractions for treasury, rewards and burn that sum to 1, such as "treasury=0.5,rewards=0.3,burn=0.2"`
	return parameter{name, want, func(raw json.RawMessage) (any, func(*settings), bool) {
		text, ok := quoted(raw)
		value, err := ledger.ParseSplit(text)
		return value.String(), func(s *settings) { s.terms.Ledger.Fees.Split = value }, ok && err == nil
	}, func(s *settings) any { return s.terms.Ledger.Fees.Split.String() }}
}

// disputeParameters are those of disputes.
var disputeParameters = []parameter{
	span("dispute_window", time.Second, dispute.MaxTerm, func(s *settings) *time.Duration { return &s.terms.Dispute.Window }),
	sum("dispute_filing_fee", func(s *settings) *amount.Amount { return &s.terms.Dispute.FilingFee }),
	sum("dispute_bond", func(s *settings) *amount.Amount { return &s.terms.Dispute.Bond }),
	span("dispute_open_period", time.Second, dispute.MaxTerm, func(s *settings) *time.Duration { return &s.terms.Dispute.Open }),
	span("dispute_review_period", time.Second, dispute.MaxTerm, func(s *settings) *time.Duration { return &s.terms.Dispute.Review }),
	span("dispute_arbitration_period", time.Second, dispute.MaxTerm, func(s *settings) *time.Duration { return &s.terms.Dispute.Arbitration }),
}
