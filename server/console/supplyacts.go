package console

// supplyActs are what changes the supply, or where it lies.
var supplyActs = []act{
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
		name: "give", title: "Pay to the treasury", about: "Moves value of yours to the treasury, without a fee.",
		method: "POST", path: "/token/transfer/to-system", submit: "Pay",
		fields: []field{
			{name: "system_account_type", label: "To", kind: choiceField, choices: []string{"treasury"}, required: true},
			{name: "amount", label: "Amount in AVT", kind: amountField, required: true},
			{name: "purpose", label: "Purpose"},
		},
	},
}
