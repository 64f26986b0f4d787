package main

import (
	"context"
	"errors"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/arbiter"
)

// decideBy says who decides disputes: an outside service, panels of agents, or, where
// the configuration names neither, administrators and arbitrators by hand.
func decideBy(c *config.Config, engine *teg.Config) error {
	engine.ArbitratorDID, engine.ArbitratorPause = c.ArbitratorDID, c.ArbitratorPoll
	if c.PanelEnabled {
		engine.Panel = &teg.PanelTerms{
			Seats: c.PanelSeats, CommitWindow: c.PanelCommitWindow, RevealWindow: c.PanelRevealWindow, MinReputation: c.PanelMinReputation,
			MinStake: c.PanelMinStake, SeatStake: c.PanelSeatStake, Penalty: c.PanelPenalty, Reward: c.PanelReward,
		}
	}
	if c.ArbitratorURL == "" {
		return nil
	}
	service, err := arbiter.New(arbiter.Config{URL: c.ArbitratorURL, Token: string(c.ArbitratorToken.Reveal()), Timeout: c.ArbitratorTimeout})
	if err != nil {
		return err
	}
	engine.Arbitrator = service
	return nil
}

// checkArbitrator tells what came of the last time that the arbitrator was needed.
func (b *books) checkArbitrator(context.Context) error {
	if fault := b.ArbitratorHealth().Fault; fault != "" {
		return errors.New(fault)
	}
	return nil
}
