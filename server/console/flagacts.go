package console

// flagActs are those upon flags, and upon the rules that raise them.
var flagActs = []act{
	{
		name: "flag-review", title: "Move a flag on", roles: auditors, method: "PUT", path: "/admin/auditor/flags/{flag_id}", back: "/flags/{flag_id}", submit: "Move it on",
		about: "A new flag is looked at first, and then confirmed or found to be false. A critical flag that is confirmed costs its agent reputation.",
		fields: []field{
			{name: "flag_id", label: "Flag", kind: fixedField, required: true},
			{name: "status", label: "To", kind: choiceField, choices: []string{"UNDER_REVIEW", "RESOLVED", "FALSE_POSITIVE"}, hint: "RESOLVED confirms it", required: true},
			{name: "resolution_notes", label: "Notes", kind: longField},
		},
	},
	{
		name: "flag-escalate", title: "Escalate a flag", roles: auditors, method: "POST", path: "/admin/auditor/flags/{flag_id}/escalate", back: "/flags/{flag_id}", submit: "Escalate",
		about: "Raises its severity by one. It stays where it is in its review.",
		fields: []field{
			{name: "flag_id", label: "Flag", kind: fixedField, required: true},
			{name: "reason", label: "Reason", kind: longField, required: true},
		},
	},
	{
		name: "flags-review", title: "Move flags on together", roles: auditors, method: "POST", path: "/admin/auditor/flags/bulk-update", back: "/flags", submit: "Move them on",
		about: "Each of them is moved on by itself: one that cannot be does not hold up the others.",
		fields: []field{
			{name: "flag_ids", label: "Flags", kind: listField, hint: "one a line", required: true},
			{name: "status", label: "To", kind: choiceField, choices: []string{"UNDER_REVIEW", "RESOLVED", "FALSE_POSITIVE"}, required: true},
			{name: "resolution_notes", label: "Notes", kind: longField},
		},
	},
	{
		name: "flag-raise", title: "Raise a flag", about: "Has somebody look at what an agent does.", roles: auditors,
		method: "POST", path: "/auditor/flag", back: "/flags", submit: "Raise it",
		fields: []field{
			{name: "flagged_agent_did", label: "Agent", kind: agentField, required: true},
			{name: "rule_violated_code", label: "What it is called", hint: "in capitals, such as MANUAL_REVIEW", required: true},
			{name: "flag_reason", label: "What was seen", kind: longField, required: true},
			{name: "severity", label: "Severity", kind: choiceField, choices: severityNames(), required: true},
			{name: "related_transaction_ids", label: "Transactions", kind: listField, hint: "one a line"},
		},
	},
	{
		name: "rule-set", title: "Set a rule", about: "Takes effect at once, for what is committed from now on.", roles: admins,
		method: "PUT", path: "/admin/auditor/rules", back: "/rules/{code}", submit: "Set it", list: "rules",
		fields: []field{
			{name: "code", label: "Rule", kind: fixedField, required: true},
			{name: "enabled", label: "At work", kind: flagField},
			{name: "shadow", label: "In shadow", kind: flagField, hint: "its findings are counted, and not worked on"},
			{name: "severity", label: "Severity of its flags", kind: choiceField, choices: severityNames()},
			{name: "thresholds", label: "Thresholds, as JSON", kind: jsonField, hint: "those that are to be different"},
		},
	},
}

func severityNames() []string {
	return texts([]any{severities[3], severities[2], severities[1], severities[0]})
}
