package console

import "slices"

// acts is the table of what can be done in the console. Each is one call of the API.
func acts() []act {
	return slices.Concat(agentActs(), flagActs(), disputeActs(), policyActs(), supplyActs(), webhookActs())
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
				{name: "reason", label: "Reason"},
			},
		},
		{
			name: "issue", title: "Issue tokens", about: "Makes new value. It raises the supply of the whole economy.", roles: admins,
			method: "POST", path: "/admin/tokens/issue", submit: "Issue",
			fields: []field{
				{name: "recipient_agent_id", label: "Recipient", kind: agentField, required: true},
				{name: "amount", label: "Amount in AVT", kind: amountField, required: true},
				{name: "reason", label: "Reason", required: true},
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
			fields: []field{{name: "agent_id", label: "Agent", kind: agentField, required: true}, {name: "reason", label: "Reason"}},
		},
	}
}
