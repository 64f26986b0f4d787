package config

import (
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// check holds the settings against their bounds and against each other.
// Settings that could not be parsed are left out: one fault each is enough.
func (c *collector) check(config *Config) {
	c.checkProduction(config)
	c.checkTokens(config)
	c.checkServer(config)
	c.checkLimits(config)
	c.checkCache(config)
	c.checkMoney(config)
	c.checkStaking(config)
	c.checkReputation(config)
	c.checkDisputes(config)
	c.checkEvidence(config)
	c.checkLog(config)
	c.checkArbitration(config)
	c.checkWebhooks(config)
	c.checkPolicies(config)
	c.checkRegistries(config)
	c.checkPeers(config)
	c.checkObservability(config)
}

// require notes a fault of a variable where ok does not hold, unless one of the
// named variables has a fault already.
func (c *collector) require(ok bool, problem string, variable string, others ...string) {
	if ok {
		return
	}
	names := append([]string{variable}, others...)
	if slices.ContainsFunc(c.faults, func(f *Fault) bool { return slices.Contains(names, f.Variable) }) {
		return
	}
	c.wrong(variable, problem)
}

func (c *collector) checkServer(config *Config) {
	c.require(isListenAddr(config.ListenAddr), "must be host:port such as 127.0.0.1:8000 or :8000", "LISTEN_ADDR")
	c.require(isPrefix(config.APIPrefix),
		"must be a path such as /api/v1, without a slash at its end, outside of /health, /metrics, /docs and /openapi", "API_V1_PREFIX")
	c.require(1024 <= config.MaxBodyBytes && config.MaxBodyBytes <= 64<<20, "must be from 1024 to 67108864 bytes", "MAX_BODY_BYTES")
	c.within(config.ReaderTerm, 100*time.Millisecond, time.Hour, "must be from 100ms to 1h", "READER_TERM")
	c.within(config.ShutdownTimeout, time.Second, time.Hour, "must be from 1s to 1h", "SHUTDOWN_TIMEOUT")
}

func (c *collector) within(d, low, high time.Duration, problem, variable string) {
	c.require(low <= d && d <= high, problem, variable)
}

func isListenAddr(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

var prefixForm = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$`)

func isPrefix(text string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(text, "/"), "/")
	taken := []string{"health", "metrics", "docs", "openapi.json", "openapi.yaml"}
	return prefixForm.MatchString(text) && !slices.Contains(taken, first)
}

func (c *collector) checkMoney(config *Config) {
	if config.MaxTransfer != nil {
		c.require(!config.MaxTransfer.Less(config.MinTransfer), "must be at least MIN_TRANSFER_AMOUNT",
			"MAX_TRANSFER_AMOUNT", "MIN_TRANSFER_AMOUNT")
		c.require(!config.MaxTransfer.IsZero(), "must be more than 0; leave it out for no maximum", "MAX_TRANSFER_AMOUNT")
	}
	if config.TransferFeeMax != nil {
		c.require(!config.TransferFeeMax.Less(config.TransferFee), "must be at least TRANSFER_FEE", "TRANSFER_FEE_MAX", "TRANSFER_FEE")
	}
	c.within(config.BootstrapTokenTTL, time.Minute, 365*24*time.Hour, "must be from 1m to 365d", "BOOTSTRAP_TOKEN_TTL")
	c.within(config.IdempotencyTTL, time.Second, 366*24*time.Hour, "must be from 1s to 366d", "IDEMPOTENCY_TTL")
}

func (c *collector) checkStaking(config *Config) {
	const day = 24 * time.Hour
	interval := config.StakingRewardInterval
	c.require(interval == 0 || time.Second <= interval && interval <= 366*day, "must be 0s, or from 1s to 366d", "STAKING_REWARD_INTERVAL")
	c.within(config.UnstakingPeriod, 0, 365*day, "must be from 0s to 365d", "UNSTAKING_PERIOD")
	c.require(!config.SlashingEnabled || config.UnstakingPeriod > 0,
		"must be more than 0s while SLASHING_ENABLED is true, or whoever sees a slash coming steps out of it", "UNSTAKING_PERIOD", "SLASHING_ENABLED")
}

// checkReputation wants points that a score has room for, and of the right sign: a
// failure that pays is a sign that was forgotten.
func (c *collector) checkReputation(config *Config) {
	const most = 1000
	c.require(1 <= config.ReputationSignal && config.ReputationSignal <= most, "must be from 1 to 1000", "REPUTATION_SIGNAL")
	c.require(0 <= config.ReputationSuccess && config.ReputationSuccess <= most, "must be from 0 to 1000", "REPUTATION_AVTP_SUCCESS")
	for variable, points := range map[string]int{
		"REPUTATION_AVTP_FAILURE_PROVIDER": config.ReputationFailureProvider, "REPUTATION_AVTP_FAILURE_CONSUMER": config.ReputationFailureConsumer,
		"REPUTATION_CRITICAL_FLAG": config.ReputationCriticalFlag, "REPUTATION_DISPUTE_LOST": config.ReputationDisputeLost,
	} {
		c.require(-most <= points && points <= 0, "must be from -1000 to 0: a failure or a flag never raises a score", variable)
	}
	c.require(0 <= config.ReputationDisputeWon && config.ReputationDisputeWon <= most, "must be from 0 to 1000", "REPUTATION_DISPUTE_WON")
	c.require(0 <= config.ReputationAttested && config.ReputationAttested <= most, "must be from 0 to 1000", "REPUTATION_ATTESTATION")
	if least := config.RewardMinReputation; least != nil {
		c.require(-most <= *least && *least <= most, "must be from -1000 to 1000", "REWARD_MIN_REPUTATION")
	}
	c.require(0 <= config.SignalPairLimit && config.SignalPairLimit <= 1_000_000, "must be from 0, which is no limit, to 1000000", "SIGNAL_PAIR_LIMIT")
}

// checkDisputes wants times that pass, and that an amount covers fee and bond.
func (c *collector) checkDisputes(config *Config) {
	for variable, term := range map[string]time.Duration{
		"DISPUTE_WINDOW": config.DisputeWindow, "DISPUTE_OPEN_PERIOD": config.DisputeOpen, "DISPUTE_REVIEW_PERIOD": config.DisputeReview,
		"DISPUTE_ARBITRATION_PERIOD": config.DisputeArbitration,
	} {
		c.within(term, time.Second, 3650*24*time.Hour, "must be from 1s to 3650d", variable)
	}
	_, err := config.DisputeFilingFee.Add(config.DisputeBond)
	c.require(err == nil, "together they pass the largest amount there is", "DISPUTE_FILING_FEE", "DISPUTE_BOND")
}
