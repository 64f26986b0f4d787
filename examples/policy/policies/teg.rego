# Who may do what in this economy, beside the economy's own rules.
#
# The engine asks data.teg.decision, and hands over a list of acts, also where there is
# one: an act that is in a batch is judged like any other. Whatever is not denied here is
# allowed; a policy that allows only what it names begins at verdict_of instead.
package teg

# The largest payment that somebody may start, in AVT, by its highest role.
limits := {"agent": 1000, "auditor": 1000, "arbitrator": 1000, "system": 50000, "admin": 1000000}

# Whom nobody may pay.
embargoed := {"did:example:mallory", "did:web:sanctioned.example"}

# The acts by which value goes to somebody else.
payments := {"transfer", "transfer_to_system", "hold", "capture", "issue", "adjust", "refund"}

decision := [verdict_of(i) | some i, _ in input.acts]

verdict_of(i) := {"allow": true} if not denied[i]

verdict_of(i) := {"allow": false, "reason": concat("; ", sort(denied[i]))} if denied[i]

denied[i] contains sprintf("%s AVT are more than the %d that you may move at once", [act.amount, limit(act)]) if {
	some i, act in input.acts
	act.verb in payments
	to_number(act.amount) > limit(act)
}

denied[i] contains "payments to this agent are not allowed" if {
	some i, act in input.acts
	act.receiver in embargoed
}

# Who asks for all that there is names no amount: the most that it can be is told where
# it is known, and where it is not, only an admin may.
denied[i] contains "name an amount" if {
	some i, act in input.acts
	act.verb in payments
	act.all
	not act.amount
	not "admin" in act.roles
}

# Two administrators at least: nobody suspends itself, and nobody lifts its own suspension.
denied[i] contains "somebody else has to do this" if {
	some i, act in input.acts
	act.verb in {"suspend_agent", "reactivate_agent"}
	act.by == act.agent
}

# Without a role, as in a program that names none, the smallest limit counts.
limit(act) := max({limits.agent} | {limits[role] | some role in act.roles})
