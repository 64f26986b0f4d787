package config

import "time"

// checkArbitration sees to who decides disputes.
func (c *collector) checkArbitration(config *Config) {
	const day = 24 * time.Hour
	url := c.endpoint("ARBITRATOR_URL", config.ArbitratorURL, "https://court.example/v1")
	c.require(url == nil || isPrivateWay(url), "must begin with https:// unless it is this machine: whoever is on the way could rule", "ARBITRATOR_URL")
	c.require(url != nil || config.ArbitratorToken.IsZero(), "is for the service at ARBITRATOR_URL, which is not set", "ARBITRATOR_TOKEN", "ARBITRATOR_URL")
	c.require(url == nil || !config.PanelEnabled, "must be false where ARBITRATOR_URL is set: one of the two decides", "PANEL_ENABLED", "ARBITRATOR_URL")
	c.within(config.ArbitratorTimeout, 100*time.Millisecond, 10*time.Second, "must be from 100ms to 10s", "ARBITRATOR_TIMEOUT")
	c.within(config.ArbitratorPoll, time.Second, day, "must be from 1s to 24h", "ARBITRATOR_POLL_INTERVAL")
	c.require(config.ArbitratorDID != config.TreasuryDID, "must be another than TEG_SYSTEM_TREASURY_DID", "ARBITRATOR_DID", "TEG_SYSTEM_TREASURY_DID")

	c.require(1 <= config.PanelSeats && config.PanelSeats <= 21 && config.PanelSeats%2 == 1, "must be an odd number from 1 to 21", "PANEL_SEATS")
	c.within(config.PanelCommitWindow, time.Minute, 30*day, "must be from 1m to 30d", "PANEL_COMMIT_WINDOW")
	c.within(config.PanelRevealWindow, time.Minute, 30*day, "must be from 1m to 30d", "PANEL_REVEAL_WINDOW")
	c.require(!config.PanelEnabled || 2*(config.PanelCommitWindow+config.PanelRevealWindow) <= config.DisputeArbitration,
		"is too long: two rounds, each with PANEL_REVEAL_WINDOW, must fit into DISPUTE_ARBITRATION_PERIOD", "PANEL_COMMIT_WINDOW", "PANEL_REVEAL_WINDOW", "DISPUTE_ARBITRATION_PERIOD")
	c.require(-1000 <= config.PanelMinReputation && config.PanelMinReputation <= 1000, "must be from -1000 to 1000", "PANEL_MIN_REPUTATION")
	c.require(!config.PanelSeatStake.IsZero(), "must be more than 0", "PANEL_SEAT_STAKE")
	c.require(!config.PanelMinStake.Less(config.PanelSeatStake), "must be at least PANEL_SEAT_STAKE, which is pinned of it", "PANEL_MIN_STAKE", "PANEL_SEAT_STAKE")
	c.require(!config.PanelSeatStake.Less(config.PanelPenalty), "must be at most PANEL_SEAT_STAKE, out of which it is taken", "PANEL_PENALTY", "PANEL_SEAT_STAKE")
}
