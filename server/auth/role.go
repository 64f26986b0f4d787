package auth

import "github.com/agentvault/teg-layer/ledger"

// The roles are the ledger's, as profiles can be stripped of them.
type (
	// Role is a kind of right. The zero Role is none.
	Role = ledger.Role
	// Roles is a set of roles. It is comparable; the zero value is the empty set.
	Roles = ledger.Roles
)

// The roles.
const (
	Agent      = ledger.RoleAgent      // every caller
	Auditor    = ledger.RoleAuditor    // reads flags, rules and metrics, works flags
	Arbitrator = ledger.RoleArbitrator // decides disputes
	Admin      = ledger.RoleAdmin      // runs the economy
	System     = ledger.RoleSystem     // another program of the operator, which reports outcomes
)

// ParseRole returns the role of that name.
func ParseRole(name string) (Role, error) { return ledger.ParseRole(name) }

// RolesOf returns the set of the given roles.
func RolesOf(roles ...Role) Roles { return ledger.RolesOf(roles...) }

// AllRoles returns the set of all roles.
func AllRoles() Roles { return ledger.AllRoles() }

// ParseRoles returns the set of the roles that are named. Every name has to be
// known; tokens are read more leniently.
func ParseRoles(names ...string) (Roles, error) { return ledger.ParseRoles(names...) }
