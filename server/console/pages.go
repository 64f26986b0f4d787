package console

import "github.com/agentvault/teg-layer/server/auth"

// Who may see a page whose calls are for some roles alone. Every caller is an agent.
var (
	everybody   auth.Roles
	auditors    = auth.RolesOf(auth.Auditor, auth.Admin)
	arbitrators = auth.RolesOf(auth.Arbitrator, auth.Admin)
	admins      = auth.RolesOf(auth.Admin)
)

// pages is the console's table, in the order of the navigation: what is looked at first
// comes first.
func pages() []page {
	return []page{
		{"overview", "", "Overview", "o", everybody, overview},
		{"live", "/live", "Live", "l", everybody, live},
		{"agents", "/agents", "Agents", "a", auditors, agents},
		{"agent", "/agents/{id}", "Agent", "", everybody, agent},
		{"transactions", "/transactions", "Transactions", "t", everybody, transactions},
		{"transaction", "/transactions/{id}", "Transaction", "", everybody, transaction},
		{"staking", "/staking", "Staking", "s", everybody, staking},
		{"reputation", "/reputation", "Reputation", "r", everybody, reputation},
		{"flags", "/flags", "Auditor", "f", auditors, flags},
		{"flag", "/flags/{id}", "Flag", "", auditors, flag},
		{"rules", "/rules", "Rules of the auditor", "", auditors, rules},
		{"rule", "/rules/{id}", "Rule of the auditor", "", auditors, rule},
		{"disputes", "/disputes", "Disputes", "d", everybody, disputes},
		{"dispute", "/disputes/{id}", "Dispute", "", everybody, oneDispute},
		{"acts", "/acts", "What can be done", "c", everybody, actsPage},
		{"policies", "/policies", "Policies", "p", everybody, policies},
		{"policy", "/policies/{id}", "Policy", "", everybody, onePolicy},
		{"treasury", "/treasury", "Treasury", "m", admins, treasury},
		{"auditlog", "/audit-log", "Audit log", "e", admins, auditLog},
		{"webhooks", "/webhooks", "Webhooks", "w", everybody, webhooks},
		{"webhook", "/webhooks/{id}", "Webhook", "", everybody, webhook},
		{"system", "/system", "System", "h", auditors, system},
		{"entry", "/audit-log/{id}", "Entry of the audit log", "", auditors, entry},
	}
}
