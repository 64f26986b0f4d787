package console

// policyActs are those upon policies.
func policyActs() []act {
	which := field{name: "policy_id", label: "Policy", kind: fixedField, required: true}
	level := field{name: "enforcement_level", label: "Enforcement", kind: choiceField, choices: []string{"mandatory", "advisory"}, hint: "advisory ones are only shown"}
	parameters := field{name: "parameters", label: "Parameters, as JSON", kind: jsonField, hint: "the type says what may be in them"}
	reward := field{name: "reward_amount", label: "Reward in AVT", kind: amountField, hint: "of an attestation"}
	circuit := field{name: "circuit_identifier", label: "Circuit", hint: "that a proof has to be for"}
	first := level
	first.required = true
	return []act{
		{
			name: "policy-make", title: "Make a policy", about: "It is in force for whatever is committed after it, in every process, and never for the past.", roles: admins,
			method: "POST", path: "/governance/policies", back: "/policies", submit: "Make it",
			fields: []field{
				{name: "policy_code", label: "Code", hint: "its name for programs, for ever", required: true},
				{name: "policy_name", label: "Name", required: true},
				{name: "policy_type", label: "About", kind: choiceField, choices: []string{"economic", "attestation", "auditor", "dispute"}, required: true},
				first, {name: "description", label: "What it is for", kind: longField}, parameters, reward, circuit,
			},
		},
		{
			name: "policy-change", title: "Change a policy", about: "Makes another version. What is left empty stays as it is; parameters are replaced as a whole.", roles: admins,
			method: "PUT", path: "/governance/policies/{policy_id}", back: "/policies/{policy_id}", submit: "Change it",
			fields: []field{
				which, {name: "policy_name", label: "Name"}, level, {name: "description", label: "What it is for", kind: longField}, parameters, reward, circuit,
				{name: "is_active", label: "In force", kind: flagField},
			},
		},
		{
			name: "policy-end", title: "Deactivate a policy", about: "It sets nothing any more. It can be made active again.", roles: admins,
			method: "DELETE", path: "/governance/policies/{policy_id}", back: "/policies/{policy_id}", submit: "Deactivate it", fields: []field{which},
		},
	}
}
