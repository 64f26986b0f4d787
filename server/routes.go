package server

// routes is the whole API: method, path, who may call it, whether it takes an
// idempotency key, and what answers.
func (s *Server) routes() []route {
	p := s.config.Prefix
	return []route{
		{"GET", p + "/token/balance", agents, false, withoutBody(getBalance)},
		{"POST", p + "/token/transfer", agents, true, withBody(postTransfer)},
		{"POST", p + "/token/transfer/to-system", agents, true, withBody(postSystemTransfer)},
		{"POST", p + "/token/transfer/bulk", agents, true, postBulk},
		{"GET", p + "/token/transactions", agents, false, getTransactions},
		{"GET", p + "/token/transactions/{transaction_id}", agents, false, withoutBody(getTransaction)},
		{"POST", p + "/token/transactions/{transaction_id}/refund", agents, true, withBody(postRefund)},
		{"GET", p + "/token/operations/{key}", agents, false, getOperation},
		{"GET", p + "/token/fees/config", anyone, false, withoutBody(getFeeConfig)},
		{"GET", p + "/token/fees/calculate", anyone, false, getFee},
		{"POST", p + "/token/holds", agents, true, withBody(postHold)},
		{"GET", p + "/token/holds", agents, false, getHolds},
		{"POST", p + "/token/holds/{hold_id}/capture", agents, true, withBody(postCapture)},
		{"POST", p + "/token/holds/{hold_id}/void", agents, true, withBody(postVoid)},

		{"GET", p + "/agent/profile", agents, false, withoutBody(getProfile)},
		{"POST", p + "/agent/deactivate", agents, false, withBody(postDeactivate)},
		{"POST", p + "/agent/stake", agents, true, withBody(postStake)},
		{"POST", p + "/agent/unstake", agents, true, withBody(postUnstake)},
		{"GET", p + "/agent/stakes", agents, false, getStakes},
		{"POST", p + "/agent/delegate", agents, true, withBody(postDelegate)},
		{"POST", p + "/agent/undelegate", agents, true, withBody(postUndelegate)},
		{"GET", p + "/agent/delegations", agents, false, getDelegations},
		{"GET", p + "/agent/slashes", agents, false, getSlashes},
		{"POST", p + "/agent/rewards/claim", agents, true, withBody(postClaim)},
		{"GET", p + "/agent/validators/{agent_id}", agents, false, withoutBody(getValidator)},

		{"POST", p + "/admin/tokens/issue", admins, true, withBody(postIssue)},
		{"POST", p + "/admin/tokens/burn", admins, true, postBurn},
		{"POST", p + "/admin/tokens/adjust", admins, true, withBody(postAdjust)},
		{"POST", p + "/admin/accounts/suspend", admins, false, withBody(postSuspend)},
		{"POST", p + "/admin/accounts/reactivate", admins, false, withBody(postReactivate)},
		{"POST", p + "/admin/staking/trigger-reward-cycle", admins, true, withBody(postRewardCycle)},
		{"POST", p + "/admin/staking/slash", admins, true, withBody(postSlash)},
		{"GET", p + "/admin/metrics", auditors, false, withoutBody(getMetrics)},
		{"GET", p + "/admin/treasury", admins, false, withoutBody(getTreasury)},
		{"GET", p + "/admin/audit-log", admins, false, getAuditLog},

		{"GET", "/", anyone, false, withoutBody(getService)},
		{"GET", "/health", anyone, false, withoutBody(getHealth)},
		{"GET", "/health/live", anyone, false, withoutBody(getLive)},
		{"GET", "/health/ready", anyone, false, withoutBody(getReady)},
	}
}
