package console

// paymentActs are what can be done about payments.
var paymentActs = []act{
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
		name: "signal", keyless: true, title: "Praise, or complain", about: "Says how a payment of yours went. It changes the reputation of whom you paid, once.",
		method: "POST", path: "/token/{transaction_id}/reputation-signal", submit: "Say it",
		fields: []field{
			{name: "transaction_id", label: "Transaction", required: true},
			{name: "signal_value", label: "What you say", kind: wholeField, choices: []string{"1", "-1"}, hint: "1 is praise, -1 a complaint", required: true},
		},
	},
}
