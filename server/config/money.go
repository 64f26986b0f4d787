package config

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Percent is a rate that is written in percent.
type Percent struct{ amount.Rate }

// UnmarshalText reads a percentage, 0 to 100.
func (p *Percent) UnmarshalText(text []byte) error {
	rate, err := amount.ParsePercent(string(text))
	if err != nil {
		return problem("must be a percentage from 0 to 100 such as 2.5, with at most 4 decimals")
	}
	p.Rate = rate
	return nil
}

// FeeSplit says which part of each fee goes where. The parts sum to 1; what
// rounding leaves is the treasury's.
type FeeSplit struct {
	Treasury, Rewards, Burn amount.Rate
}

// badSplit is a constant, and says all that FEE_SPLIT may be.
const badSplit problem = "must give fractions to treasury, rewards and burn that sum to 1, such as treasury=0.5,rewards=0.3,burn=0.2"

// UnmarshalText reads the parts by name. A part that is not named is 0, the
// treasury's what the others leave.
func (s *FeeSplit) UnmarshalText(text []byte) error {
	read, err := ledger.ParseSplit(string(text))
	if err != nil {
		return badSplit
	}
	rest, _ := read.Treasury()
	*s = FeeSplit{Treasury: rest, Rewards: read.Rewards, Burn: read.Burn}
	return nil
}
