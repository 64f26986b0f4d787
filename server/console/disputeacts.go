package console

// thatDispute says which dispute an act is upon.
var thatDispute = field{name: "dispute_id", label: "Dispute", kind: fixedField, required: true}

// disputeActs are those of parties to a dispute, and of who decides it.
var disputeActs = []act{
	{
		name: "dispute-file", title: "Dispute a transaction", method: "POST", path: "/dispute/file", back: "/disputes", submit: "File it",
		about: "Has somebody decide about a payment, a hold or an AVTP transaction between you and another agent. A hold that is active is frozen. Fee and bond are set aside.",
		fields: []field{
			{name: "defendant_agent_id", label: "Against", kind: agentField, required: true},
			{name: "transaction_id", label: "Transaction", hint: "or an AVTP transaction"},
			{name: "avtp_transaction_id", label: "AVTP transaction"},
			{name: "reason_code", label: "Reason, for programs", hint: "such as NOT_DELIVERED", required: true},
			{name: "brief_description", label: "What happened", kind: longField, required: true},
			{name: "evidence_pointer", label: "Evidence", hint: "ipfs://…"},
			{name: "dispute_reason_category", label: "Kind of reason"},
		},
	},
	{
		name: "dispute-evidence", keyless: true, title: "Bring evidence", about: "The other party and whoever decides can see it.", method: "POST",
		path: "/dispute/{dispute_id}/evidence", back: "/disputes/{dispute_id}", submit: "Bring it",
		fields: []field{thatDispute, {name: "evidence_pointer", label: "Where it lies", hint: "ipfs://…", required: true}, {name: "description", label: "What it is", kind: longField}},
	},
	{
		name: "dispute-respond", keyless: true, title: "Respond to a dispute", about: "What you say stays as you said it; it is said once.", method: "POST",
		path: "/dispute/{dispute_id}/respond", back: "/disputes/{dispute_id}", submit: "Respond",
		fields: []field{thatDispute, {name: "response", label: "Your response", kind: longField, required: true}},
	},
	{
		name: "dispute-withdraw", keyless: true, title: "Withdraw a dispute", about: "Ends it. After a response its fee is the defendant's.", method: "POST",
		path: "/dispute/{dispute_id}/withdraw", back: "/disputes/{dispute_id}", submit: "Withdraw it", fields: []field{thatDispute},
	},
	{
		name: "dispute-move", keyless: true, title: "Move a dispute on", roles: arbitrators, method: "PUT", path: "/admin/disputes/{dispute_id}/status",
		back: "/disputes/{dispute_id}", submit: "Move it on", about: "Rejecting it ends it. From its review on stake of the defendant is pinned.",
		fields: []field{
			thatDispute,
			{name: "status", label: "To", kind: choiceField, choices: []string{"UNDER_REVIEW", "AWAITING_ARBITRATION", "REJECTED"}, required: true},
			{name: "note", label: "Note", kind: longField},
			{name: "frivolous", label: "Without any reason", kind: flagField, hint: "with a rejection alone: fee and bond are the treasury's"},
		},
	},
	{
		name: "dispute-resolve", keyless: true, title: "Decide a dispute", roles: arbitrators, method: "PUT", path: "/admin/disputes/{dispute_id}/resolve",
		back: "/disputes/{dispute_id}", submit: "Decide it so", about: "Moves money, hold, stake and scores at once. It cannot be taken back.",
		fields: []field{
			thatDispute,
			{name: "resolution_status", label: "Ruling", kind: choiceField, choices: []string{"RESOLVED_FAVOR_CLAIMANT", "RESOLVED_FAVOR_DEFENDANT", "RESOLVED_SPLIT"}, required: true},
			{name: "resolution_notes", label: "Why", kind: longField, required: true},
			{name: "hold", label: "The frozen hold", kind: choiceField, choices: []string{"capture", "void"}, hint: "it is active again where nothing is said"},
			{name: "penalties.token_penalty", label: "Penalty in AVT", kind: amountField, hint: "from who loses to who wins"},
			{name: "penalties.reputation_adjustment", label: "Points of who loses", kind: wholeField, hint: "from −1000 to 1000; the usual ones when empty"},
		},
	},
}
