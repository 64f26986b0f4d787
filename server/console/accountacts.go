package console

// accountActs are what decides what agents may do.
var accountActs = []act{
	{
		name: "suspend", keyless: true, title: "Suspend an agent", about: "The agent can start nothing until the suspension ends. It still receives and earns.", roles: admins,
		method: "POST", path: "/admin/accounts/suspend", submit: "Suspend",
		fields: []field{
			{name: "agent_id", label: "Agent", kind: agentField, required: true},
			{name: "reason", label: "Reason", hint: "the agent is told", required: true},
			{name: "duration_days", label: "Days", kind: wholeField, hint: "until somebody ends it when empty"},
		},
	},
	{
		name: "reactivate", keyless: true, title: "End a suspension", about: "The agent can act again at once.", roles: admins,
		method: "POST", path: "/admin/accounts/reactivate", submit: "Reactivate",
		fields: []field{{name: "agent_id", label: "Agent", kind: agentField, required: true}, {name: "reason", label: "Reason", required: true}},
	},
	{
		name: "roles", keyless: true, title: "Take roles from an agent", about: "Whatever its tokens say, it lacks these roles from now on. With none of them it lacks none.", roles: admins,
		method: "PUT", path: "/admin/accounts/roles", submit: "Set",
		fields: []field{
			{name: "agent_id", label: "Agent", kind: agentField, required: true},
			{name: "revoked_roles", label: "Roles that it is to lack", kind: listField, hint: "auditor, arbitrator, admin or system, one a line", always: true},
			{name: "reason", label: "Reason", required: true},
		},
	},
}
