package console

import "github.com/agentvault/teg-layer/server/auth"

// Who may see a page whose calls are for some roles alone. Every caller is an agent.
var (
	everybody auth.Roles
	auditors  = auth.RolesOf(auth.Auditor, auth.Admin)
	admins    = auth.RolesOf(auth.Admin)
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
	}
}
