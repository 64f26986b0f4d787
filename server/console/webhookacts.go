package console

// The fields of more than one act upon webhooks.
var (
	thatWebhook  = field{name: "webhook_id", label: "Webhook", kind: fixedField, required: true}
	webhookKinds = field{name: "event_types", label: "Kinds of events", kind: listField, hint: "one a line, such as transfer; all that it may be told when empty"}
)

// webhookActs are those upon webhooks.
var webhookActs = []act{
	{
		name: "webhook-make", keyless: true, title: "Have an address told of events", method: "POST", path: "/webhooks", back: "/webhooks", submit: "Make it",
		about: "Each event is sent at least once, signed. The secret to check signatures with is shown once, when it was made.",
		fields: []field{
			{name: "url", label: "Address", hint: "https://…", required: true}, webhookKinds,
			{name: "scope", label: "Of the events", kind: choiceField, choices: []string{"own", "all"}, hint: "all of them are for admins"},
			{name: "agent_id", label: "Only of this agent", kind: agentField, hint: "with all"},
			{name: "description", label: "What to say of it"},
		},
	},
	{
		name: "webhook-change", keyless: true, title: "Change a webhook", about: "What is left empty stays as it is. A message that failed is tried again at once.",
		method: "PUT", path: "/webhooks/{webhook_id}", back: "/webhooks/{webhook_id}", submit: "Change it",
		fields: []field{thatWebhook, {name: "url", label: "Address"}, webhookKinds, {name: "description", label: "What to say of it"}},
	},
	{
		name: "webhook-pause", keyless: true, title: "Pause a webhook", about: "Nothing is sent until it is resumed. It keeps its place.",
		method: "POST", path: "/webhooks/{webhook_id}/pause", back: "/webhooks/{webhook_id}", submit: "Pause it",
		fields: []field{thatWebhook, {name: "reason", label: "Reason"}},
	},
	{
		name: "webhook-resume", keyless: true, title: "Resume a webhook", about: "It goes on where it was paused.",
		method: "POST", path: "/webhooks/{webhook_id}/resume", back: "/webhooks/{webhook_id}", submit: "Resume it",
		fields: []field{thatWebhook, {name: "from_now", label: "Leave out what has happened meanwhile", kind: flagField}},
	},
	{
		name: "webhook-rotate", keyless: true, title: "Make another secret", about: "It is shown once. Messages are signed with the one before, too, for a while.",
		method: "POST", path: "/webhooks/{webhook_id}/rotate-secret", back: "/webhooks/{webhook_id}", submit: "Make it",
		fields: []field{thatWebhook, {name: "overlap_hours", label: "Hours with both", kind: wholeField, hint: "24 when empty"}},
	},
	{
		name: "webhook-test", keyless: true, title: "Send a test", about: "A message that tells of nothing, sent once, at once.",
		method: "POST", path: "/webhooks/{webhook_id}/test", back: "/webhooks/{webhook_id}", submit: "Send it",
		fields: []field{thatWebhook, {name: "note", label: "Note", hint: "comes with it"}},
	},
	{
		name: "webhook-resend", keyless: true, title: "Send a message again", about: "Once, at once, under its id. The order of others does not change.",
		method: "POST", path: "/webhooks/{webhook_id}/resend", back: "/webhooks/{webhook_id}", submit: "Send it",
		fields: []field{thatWebhook, {name: "message_id", label: "Message", kind: fixedField, required: true}},
	},
	{
		name: "webhook-end", keyless: true, title: "End a webhook", about: "For good: what it has not been told it will not be told.",
		method: "DELETE", path: "/webhooks/{webhook_id}", back: "/webhooks/{webhook_id}", submit: "End it", fields: []field{thatWebhook},
	},
}
