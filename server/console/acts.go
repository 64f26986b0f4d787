package console

import "slices"

// acts is the table of what can be done in the console. Each is one call of the API.
func acts() []act {
	return slices.Concat(agentActs(), flagActs(), disputeActs(), policyActs(), treasuryActs())
}

// agentActs are those of agents, and upon them.
func agentActs() []act {
	return []act{
		{
			name: "pay", title: "Pay an agent", about: "Moves value of yours to another agent, with the fee on top.",
			method: "POST", path: "/token/transfer", submit: "Pay",
			fields: []field{
				{name: "receiver_agent_id", label: "Receiver", kind: agentField, required: true},
				{name: "amount", label: "Amount in AVT", kind: amountField, required: true},
				{name: "message", label: "Message", hint: "up to 500 characters; the receiver sees it"},
			},
		},
		{
			name: "refund", title: "Refund a payment", about: "Gives back what you were paid, or a part of it.",
			method: "POST", path: "/token/transactions/{transaction_id}/refund", submit: "Refund",
			fields: []field{
				{name: "transaction_id", label: "Transaction", required: true},
				{name: "amount", label: "Amount in AVT", kind: amountField, hint: "all that is left of it when empty"},
				{name: "message", label: "Message", hint: "the payer sees it"},
			},
		},
		{
			name: "issue", title: "Issue tokens", about: "Makes new value. It raises the supply of the whole economy.", roles: admins,
			method: "POST", path: "/admin/tokens/issue", back: "/treasury", submit: "Issue",
			fields: []field{
				{name: "recipient_agent_id", label: "Recipient", kind: agentField, required: true},
				{name: "amount", label: "Amount in AVT", kind: amountField, required: true},
				{name: "reason", label: "Reason", required: true},
			},
		},
		{
			name: "burn", title: "Burn tokens", about: "Destroys value of the treasury. It lowers the supply of the whole economy.", roles: admins,
			method: "POST", path: "/admin/tokens/burn", back: "/treasury", submit: "Burn",
			fields: []field{{name: "amount", label: "Amount in AVT", kind: amountField, required: true}, {name: "reason", label: "Reason", required: true}},
		},
		{
			name: "adjust", title: "Correct by a transaction", about: "Moves value from one agent to another, to put right what went wrong.", roles: admins,
			method: "POST", path: "/admin/tokens/adjust", back: "/treasury", submit: "Correct",
			fields: []field{
				{name: "from_agent_id", label: "From", kind: agentField, required: true}, {name: "to_agent_id", label: "To", kind: agentField, required: true},
				{name: "amount", label: "Amount in AVT", kind: amountField, required: true}, {name: "reason", label: "Reason", required: true},
				{name: "transaction_id", label: "Transaction that it corrects"},
			},
		},
		{
			name: "suspend", title: "Suspend an agent", about: "The agent can start nothing until the suspension ends. It still receives and earns.", roles: admins,
			method: "POST", path: "/admin/accounts/suspend", submit: "Suspend",
			fields: []field{
				{name: "agent_id", label: "Agent", kind: agentField, required: true},
				{name: "reason", label: "Reason", hint: "the agent is told", required: true},
				{name: "duration_days", label: "Days", kind: wholeField, hint: "until somebody ends it when empty"},
			},
		},
		{
			name: "reactivate", title: "End a suspension", about: "The agent can act again at once.", roles: admins,
			method: "POST", path: "/admin/accounts/reactivate", submit: "Reactivate",
			fields: []field{{name: "agent_id", label: "Agent", kind: agentField, required: true}, {name: "reason", label: "Reason", required: true}},
		},
		{
			name: "roles", title: "Take roles from an agent", about: "Whatever its tokens say, it lacks these roles from now on. With none of them it lacks none.", roles: admins,
			method: "PUT", path: "/admin/accounts/roles", submit: "Set",
			fields: []field{
				{name: "agent_id", label: "Agent", kind: agentField, required: true},
				{name: "revoked_roles", label: "Roles that it is to lack", kind: listField, hint: "auditor, arbitrator, admin or system, one a line", always: true},
				{name: "reason", label: "Reason", required: true},
			},
		},
		{
			name: "signal", title: "Praise, or complain", about: "Says how a payment of yours went. It changes the reputation of whom you paid, once.",
			method: "POST", path: "/token/{transaction_id}/reputation-signal", submit: "Say it",
			fields: []field{
				{name: "transaction_id", label: "Transaction", required: true},
				{name: "signal_value", label: "What you say", kind: wholeField, choices: []string{"1", "-1"}, hint: "1 is praise, -1 a complaint", required: true},
			},
		},
		{
			name: "stake", title: "Stake", about: "Puts value to work. What is staked cannot be spent until it is taken out.",
			method: "POST", path: "/agent/stake", submit: "Stake",
			fields: []field{
				{name: "amount", label: "Amount in AVT", kind: amountField, required: true},
				{name: "auto_compound", label: "Stake what it earns", kind: flagField},
			},
		},
		{
			name: "unstake", title: "Unstake", about: "Takes value out of a stake, with the rewards that are due.",
			method: "POST", path: "/agent/unstake", submit: "Unstake",
			fields: []field{
				{name: "stake_id", label: "Stake", required: true},
				{name: "amount", label: "Amount in AVT", kind: amountField, hint: "all that is not delegated when empty"},
			},
		},
		{
			name: "delegate", title: "Delegate", about: "Has a part of a stake work for a validator, which can be slashed with it.",
			method: "POST", path: "/agent/delegate", submit: "Delegate",
			fields: []field{
				{name: "stake_id", label: "Stake", required: true},
				{name: "validator_agent_id", label: "Validator", kind: agentField, required: true},
				{name: "amount", label: "Amount in AVT", kind: amountField},
				{name: "reward_share_percentage", label: "Percent that the validator keeps", kind: amountField},
			},
		},
		{
			name: "undelegate", title: "Undelegate", about: "Takes a delegation back.",
			method: "POST", path: "/agent/undelegate", submit: "Undelegate",
			fields: []field{{name: "delegation_id", label: "Delegation", required: true}},
		},
		{
			name: "claim", title: "Claim rewards", about: "Has the rewards paid that are due: those of one stake, or all.",
			method: "POST", path: "/agent/rewards/claim", submit: "Claim",
			fields: []field{{name: "stake_id", label: "Stake"}},
		},
		{
			name: "reward-cycle", title: "Close the reward cycle", about: "Distributes rewards to all that is staked.", roles: admins,
			method: "POST", path: "/admin/staking/trigger-reward-cycle", submit: "Distribute",
			fields: []field{{name: "reward_percentage", label: "Percent of all that is staked", kind: amountField, hint: "as the terms say when empty"}},
		},
		{
			name: "slash", title: "Slash a validator", about: "Takes a part of what works for a validator. It cannot be taken back.", roles: admins,
			method: "POST", path: "/admin/staking/slash", submit: "Slash",
			fields: []field{
				{name: "validator_agent_id", label: "Validator", kind: agentField, required: true},
				{name: "percentage", label: "Percent of its own", kind: amountField, required: true},
				{name: "delegations_percentage", label: "Percent of delegations", kind: amountField},
				{name: "evidence_id", label: "Evidence", required: true}, {name: "reason", label: "Reason", required: true},
			},
		},
	}
}
