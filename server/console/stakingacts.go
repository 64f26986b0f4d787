package console

// stakingActs are what can be done about stakes and rewards.
var stakingActs = []act{
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
