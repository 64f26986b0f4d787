package console

// treasuryActs are those upon the treasury that everybody has.
func treasuryActs() []act {
	return []act{
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
