package console

// The fields that policies have when they are made and when they are changed.
var (
	thatPolicy       = field{name: "policy_id", label: "Policy", kind: fixedField, required: true}
	policyParameters = field{name: "parameters", label: "Parameters, as JSON", kind: jsonField, hint: "the type says what may be in them"}
	policyReward     = field{name: "reward_amount", label: "Reward in AVT", kind: amountField, hint: "of an attestation"}
	policyCircuit    = field{name: "circuit_identifier", label: "Circuit", hint: "that a proof has to be for"}
	policyLevels     = []string{"mandatory", "advisory"}
)

// policyActs are those upon policies.
var policyActs = []act{
	{
		name: "policy-make", title: "Make a policy", about: "It is in force for whatever is committed after it, in every process, and never for the past.", roles: admins,
		method: "POST", path: "/governance/policies", back: "/policies", submit: "Make it",
		fields: []field{
			{name: "policy_code", label: "Code", hint: "its name for programs, for ever", required: true},
			{name: "policy_name", label: "Name", required: true},
			{name: "policy_type", label: "About", kind: choiceField, choices: []string{"economic", "attestation", "auditor", "dispute"}, required: true},
			{name: "enforcement_level", label: "Enforcement", kind: choiceField, choices: policyLevels, hint: "advisory ones are only shown", required: true},
			{name: "description", label: "What it is for", kind: longField}, policyParameters, policyReward, policyCircuit,
		},
	},
	{
		name: "policy-change", title: "Change a policy", about: "Makes another version. What is left empty stays as it is; parameters are replaced as a whole.", roles: admins,
		method: "PUT", path: "/governance/policies/{policy_id}", back: "/policies/{policy_id}", submit: "Change it",
		fields: []field{
			thatPolicy, {name: "policy_name", label: "Name"}, {name: "enforcement_level", label: "Enforcement", kind: choiceField, choices: policyLevels},
			{name: "description", label: "What it is for", kind: longField}, policyParameters, policyReward, policyCircuit,
			{name: "is_active", label: "In force", kind: flagField},
		},
	},
	{
		name: "policy-end", title: "Deactivate a policy", about: "It sets nothing any more. It can be made active again.", roles: admins,
		method: "DELETE", path: "/governance/policies/{policy_id}", back: "/policies/{policy_id}", submit: "Deactivate it", fields: []field{thatPolicy},
	},
}
