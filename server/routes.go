package server

import "slices"

// routes is the whole API: method, path, who may call it, whether it takes an
// idempotency key, and what answers.
func (s *Server) routes() []route {
	p := s.config.Prefix
	return slices.Concat(loginRoutes(p), tokenRoutes(p), agentRoutes(p), reputationRoutes(p), policyRoutes(p), attestationRoutes(p), disputeRoutes(p), panelRoutes(p),
		treeRoutes(p), adminRoutes(p), auditorRoutes(p), onboardingRoutes(p), webhookRoutes(p), []route{
			{"GET", "/", anyone, false, withoutBody(getService)},
			{"GET", "/health", anyone, false, withoutBody(getHealth)},
			{"GET", "/health/live", anyone, false, withoutBody(getLive)},
			{"GET", "/health/ready", anyone, false, withoutBody(getReady)},
			{"GET", "/openapi.json", anyone, false, withoutBody(getDocumentJSON)},
			{"GET", "/openapi.yaml", anyone, false, withoutBody(getDocumentYAML)},
			{"GET", "/docs", anyone, false, withoutBody(getDocs)},
			{"GET", "/docs/{file}", anyone, false, withoutBody(getDocsFile)},
		}, s.metricsRoutes())
}

// metricsRoutes is the page of metrics, where there is one.
func (s *Server) metricsRoutes() []route {
	if s.config.MetricsPage == nil {
		return nil
	}
	return []route{{"GET", "/metrics", anyone, false, withoutBody(getMetricsPage)}}
}

// loginRoutes are those by which agents get tokens of this server's.
func loginRoutes(p string) []route {
	return []route{
		{"POST", p + "/auth/challenge", anyone, false, withBody(postChallenge)},
		{"POST", p + "/auth/token", anyone, false, withBody(postLogin)},
		{"POST", p + "/auth/refresh", anyone, false, withBody(postRefresh)},
		{"POST", p + "/auth/revoke", anyone, false, withBody(postRevoke)},
	}
}

// tokenRoutes are those of balances, payments and holds.
func tokenRoutes(p string) []route {
	return []route{
		{"GET", p + "/token/balance", agents, false, withoutBody(getBalance)},
		{"POST", p + "/token/transfer", agents, true, withBody(postTransfer)},
		{"POST", p + "/token/transfer/to-system", agents, true, withBody(postSystemTransfer)},
		{"POST", p + "/token/transfer/bulk", agents, true, postBulk},
		{"GET", p + "/token/transactions", agents, false, getTransactions},
		{"GET", p + "/token/transactions/{transaction_id}", agents, false, withoutBody(getTransaction)},
		{"POST", p + "/token/transactions/{transaction_id}/refund", agents, true, withBody(postRefund)},
		{"GET", p + "/token/transactions/{transaction_id}/proof", agents, false, getTransactionProof},
		{"GET", p + "/token/operations/{key}", agents, false, getOperation},
		{"GET", p + "/token/fees/config", anyone, false, withoutBody(getFeeConfig)},
		{"GET", p + "/token/fees/calculate", anyone, false, getFee},
		{"POST", p + "/token/holds", agents, true, withBody(postHold)},
		{"GET", p + "/token/holds", agents, false, getHolds},
		{"POST", p + "/token/holds/{hold_id}/capture", agents, true, withBody(postCapture)},
		{"POST", p + "/token/holds/{hold_id}/void", agents, true, withBody(postVoid)},
		{"POST", p + "/token/{transaction_id}/reputation-signal", agents, false, withBody(postSignal)},
	}
}

// agentRoutes are those of what an agent is, and has at work.
func agentRoutes(p string) []route {
	return []route{
		{"GET", p + "/agent/profile", agents, false, withoutBody(getProfile)},
		{"POST", p + "/agent/deactivate", agents, false, withBody(postDeactivate)},
		{"POST", p + "/agent/stake", agents, true, withBody(postStake)},
		{"POST", p + "/agent/unstake", agents, true, withBody(postUnstake)},
		{"GET", p + "/agent/stakes", agents, false, getStakes},
		{"POST", p + "/agent/delegate", agents, true, withBody(postDelegate)},
		{"POST", p + "/agent/undelegate", agents, true, withBody(postUndelegate)},
		{"GET", p + "/agent/delegations", agents, false, getDelegations},
		{"GET", p + "/agent/slashes", agents, false, getSlashes},
		{"GET", p + "/agent/debts", agents, false, getDebts},
		{"POST", p + "/agent/rewards/claim", agents, true, withBody(postClaim)},
		{"GET", p + "/agent/entries", agents, false, getEntries},
		{"GET", p + "/agent/reward-cycles", agents, false, getRewardCycles},
		{"GET", p + "/agent/validators", agents, false, getValidators},
		{"GET", p + "/agent/validators/{agent_id}", agents, false, withoutBody(getValidator)},
	}
}

// reputationRoutes are those of conduct and what it adds up to.
func reputationRoutes(p string) []route {
	return []route{
		{"GET", p + "/reputation/rankings", anyone, false, getRankings},
		{"GET", p + "/reputation/distribution", anyone, false, withoutBody(getDistribution)},
		{"GET", p + "/reputation/history/{agent_id}", anyone, false, getReputationHistory},
		{"GET", p + "/reputation/{agent_id}", anyone, false, withoutBody(getReputation)},
		{"GET", p + "/reputation/{agent_id}/trust", anyone, false, getTrust},
		{"POST", p + "/avtp/report-transaction", agents, false, withBody(postReport)},
	}
}

// adminRoutes are those of who runs the economy.
func adminRoutes(p string) []route {
	return []route{
		{"POST", p + "/admin/tokens/issue", admins, true, withBody(postIssue)},
		{"POST", p + "/admin/tokens/burn", admins, true, postBurn},
		{"POST", p + "/admin/tokens/adjust", admins, true, withBody(postAdjust)},
		{"POST", p + "/admin/accounts/suspend", admins, false, withBody(postSuspend)},
		{"POST", p + "/admin/accounts/reactivate", admins, false, withBody(postReactivate)},
		{"PUT", p + "/admin/accounts/roles", admins, false, withBody(putRoles)},
		{"POST", p + "/admin/staking/trigger-reward-cycle", admins, true, withBody(postRewardCycle)},
		{"POST", p + "/admin/staking/slash", admins, true, withBody(postSlash)},
		{"GET", p + "/admin/agents", auditors, false, getAgents},
		{"GET", p + "/admin/agents/{agent_id}", auditors, false, withoutBody(getAgent)},
		{"GET", p + "/admin/transactions", auditors, false, getAllTransactions},
		{"GET", p + "/admin/transactions/{transaction_id}/legs", auditors, false, withoutBody(getLegs)},
		{"GET", p + "/admin/activity", auditors, false, getActivity},
		{"GET", p + "/admin/metrics", auditors, false, withoutBody(getMetrics)},
		{"GET", p + "/admin/treasury", admins, false, withoutBody(getTreasury)},
		{"GET", p + "/admin/audit-log", admins, false, getAuditLog},
		{"GET", p + "/admin/audit-log/proof", auditors, false, getEntryProof},
		{"GET", p + "/admin/system", auditors, false, withoutBody(getSystem)},
	}
}

// treeRoutes are those of the tree over the log. Its hashes tell nobody anything; what
// they are of does, so that leaves are for those who oversee it. They stand before tiles,
// whose path would take theirs.
func treeRoutes(p string) []route {
	return []route{
		{"GET", p + "/log/checkpoint", anyone, false, withoutBody(getCheckpoint)},
		{"GET", p + "/log/consistency", anyone, false, getConsistency},
		{"GET", p + "/log/tile/entries/{bundle:.+}", auditors, false, withoutBody(getLeaves)},
		{"GET", p + "/log/tile/{tile:.+}", anyone, false, withoutBody(getTile)},
	}
}

// auditorRoutes are those of flags, and of the rules that raise them.
func auditorRoutes(p string) []route {
	return []route{
		{"POST", p + "/auditor/flag", auditors, true, withBody(postFlag)},
		{"GET", p + "/admin/auditor/flags", auditors, false, getFlags},
		{"POST", p + "/admin/auditor/flags/bulk-update", auditors, true, withBody(postBulkReview)},
		{"GET", p + "/admin/auditor/flags/{flag_id}", auditors, false, withoutBody(getFlag)},
		{"PUT", p + "/admin/auditor/flags/{flag_id}", auditors, true, withBody(putFlag)},
		{"POST", p + "/admin/auditor/flags/{flag_id}/escalate", auditors, true, withBody(postEscalate)},
		{"GET", p + "/admin/auditor/rules", auditors, false, getRules},
		{"PUT", p + "/admin/auditor/rules", admins, true, withBody(putRules)},
		{"POST", p + "/admin/auditor/rules/trial", auditors, false, withBody(postTrial)},
		{"GET", p + "/admin/auditor/metrics", auditors, false, withoutBody(getAuditorMetrics)},
	}
}

// webhookRoutes are those of addresses that are told of events.
func webhookRoutes(p string) []route {
	return []route{
		{"POST", p + "/webhooks", agents, false, withBody(postWebhook)},
		{"GET", p + "/webhooks", agents, false, getWebhooks},
		{"GET", p + "/webhooks/{webhook_id}", agents, false, withoutBody(getWebhook)},
		{"PUT", p + "/webhooks/{webhook_id}", agents, false, withBody(putWebhook)},
		{"DELETE", p + "/webhooks/{webhook_id}", agents, false, withoutBody(deleteWebhook)},
		{"POST", p + "/webhooks/{webhook_id}/pause", agents, false, withBody(postPause)},
		{"POST", p + "/webhooks/{webhook_id}/resume", agents, false, withBody(postResume)},
		{"POST", p + "/webhooks/{webhook_id}/rotate-secret", agents, false, withBody(postRotation)},
		{"POST", p + "/webhooks/{webhook_id}/test", agents, false, withBody(postWebhookTest)},
		{"POST", p + "/webhooks/{webhook_id}/resend", agents, false, withBody(postResend)},
		{"GET", p + "/webhooks/{webhook_id}/deliveries", agents, false, getDeliveries},
	}
}

// policyRoutes are those about policies.
func policyRoutes(p string) []route {
	return []route{
		{"GET", p + "/attestation/policies", anyone, false, getAttestationPolicies},
		{"GET", p + "/governance/policies", anyone, false, getPolicies},
		{"POST", p + "/governance/policies", admins, true, withBody(postPolicy)},
		{"GET", p + "/governance/policies/{policy_id}", anyone, false, withoutBody(getPolicy)},
		{"PUT", p + "/governance/policies/{policy_id}", admins, true, withBody(putPolicy)},
		{"DELETE", p + "/governance/policies/{policy_id}", admins, true, withoutBody(deletePolicy)},
		{"GET", p + "/governance/terms", anyone, false, getTerms},
	}
}

// disputeRoutes are those of disputes.
func disputeRoutes(p string) []route {
	return []route{
		{"POST", p + "/dispute/file", agents, true, withBody(postDispute)},
		{"GET", p + "/dispute/my-disputes", agents, false, getMyDisputes},
		{"GET", p + "/dispute/{dispute_id}", agents, false, withoutBody(getDispute)},
		{"POST", p + "/dispute/{dispute_id}/evidence", agents, false, withBody(postEvidence)},
		{"POST", p + "/dispute/{dispute_id}/respond", agents, false, withBody(postResponse)},
		{"POST", p + "/dispute/{dispute_id}/withdraw", agents, false, withBody(postWithdraw)},

		{"GET", p + "/admin/disputes", arbitrators, false, getDisputes},
		{"PUT", p + "/admin/disputes/{dispute_id}/status", arbitrators, false, withBody(putDisputeStatus)},
		{"PUT", p + "/admin/disputes/{dispute_id}/resolve", arbitrators, false, withBody(putResolution)},
	}
}

// attestationRoutes are those about what agents attest.
func attestationRoutes(p string) []route {
	return []route{
		{"POST", p + "/attestation/submit", agents, true, withBody(postAttestation)},
		{"GET", p + "/attestation/submissions", agents, false, getSubmissions},
		{"GET", p + "/attestation/submissions/{submission_id}", agents, false, withoutBody(getSubmission)},
		{"GET", p + "/admin/attestations", auditors, false, getAllSubmissions},
		{"PUT", p + "/admin/attestations/{submission_id}", auditors, true, withBody(putSubmission)},
		{"POST", p + "/admin/circuits", admins, false, withBody(postCircuit)},
		{"GET", p + "/admin/circuits", admins, false, getCircuits},
	}
}

// panelRoutes are those of panels that judge disputes.
func panelRoutes(p string) []route {
	return []route{
		{"GET", p + "/dispute/panels", agents, false, getPanels},
		{"GET", p + "/dispute/{dispute_id}/panel", agents, false, withoutBody(getPanel)},
		{"POST", p + "/dispute/{dispute_id}/panel/commit", agents, false, withBody(postCommit)},
		{"POST", p + "/dispute/{dispute_id}/panel/reveal", agents, false, withBody(postReveal)},
	}
}

// onboardingRoutes are those by which agents come here. Who registers proves its DID, so
// that the route needs no token, and yet is not for anyone.
func onboardingRoutes(p string) []route {
	return []route{
		{"POST", p + "/admin/bootstrap-tokens/generate", admins, false, withBody(postInvitation)},
		{"POST", p + "/onboarding/validate-token", anyone, false, withBody(postValidate)},
		{"POST", p + "/onboarding/register", anyone, false, postRegister},
	}
}
