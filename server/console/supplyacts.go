package console

// supplyActs are those upon the supply and the treasury.
func supplyActs() []act {
	return []act{
		{
			name: "burn", title: "Burn tokens", about: "Destroys value of the treasury. It lowers the supply of the whole economy.", roles: admins,
			method: "POST", path: "/admin/tokens/burn", back: "/treasury", submit: "Burn",
			fields: []field{
				{name: "amount", label: "Amount in AVT", kind: amountField, required: true},
				{name: "reason", label: "Reason", required: true},
			},
		},
		{
			name: "adjust", title: "Adjust balances", about: "Moves value from one to another without either of them, to mend what went wrong.", roles: admins,
			method: "POST", path: "/admin/tokens/adjust", back: "/treasury", submit: "Adjust",
			fields: []field{
				{name: "from_agent_id", label: "From", kind: agentField, required: true},
				{name: "to_agent_id", label: "To", kind: agentField, required: true},
				{name: "amount", label: "Amount in AVT", kind: amountField, required: true},
				{name: "reason", label: "Reason", required: true},
				{name: "transaction_id", label: "Transaction", hint: "that it mends"},
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
}
