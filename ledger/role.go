package ledger

import (
	"fmt"
	"strings"
)

// Role is a kind of right that the issuer of a token gives, and that a profile can be
// stripped of. The zero Role is none.
type Role uint8

// The roles. The numbers are stored.
const (
	RoleAgent      Role = iota + 1 // every caller
	RoleAuditor                    // reads flags, rules and metrics, works flags
	RoleArbitrator                 // decides disputes
	RoleAdmin                      // runs the economy
	RoleSystem                     // another program of the operator, which reports outcomes
	lastRole       = RoleSystem
)

var roleNames = [...]string{"", "agent", "auditor", "arbitrator", "admin", "system"}

// ParseRole returns the role of that name.
func ParseRole(name string) (Role, error) {
	for r := RoleAgent; r <= lastRole; r++ {
		if roleNames[r] == name {
			return r, nil
		}
	}
	return 0, fmt.Errorf("%.32q is not a role; the roles are %s", name, AllRoles())
}

// String returns the name of the role, "" for the zero Role.
func (r Role) String() string {
	if r > lastRole {
		return ""
	}
	return roleNames[r]
}

// Roles is a set of roles. It is comparable; the zero value is the empty set.
type Roles uint8

// RolesOf returns the set of the given roles.
func RolesOf(roles ...Role) Roles { return Roles(0).With(roles...) }

// AllRoles returns the set of all roles.
func AllRoles() Roles { return RolesOf(RoleAgent, RoleAuditor, RoleArbitrator, RoleAdmin, RoleSystem) }

// ParseRoles returns the set of the roles that are named. Every name has to be
// known; tokens are read more leniently.
func ParseRoles(names ...string) (Roles, error) {
	var set Roles
	for _, name := range names {
		r, err := ParseRole(name)
		if err != nil {
			return 0, err
		}
		set = set.With(r)
	}
	return set, nil
}

// Valid reports whether the set holds nothing but roles.
func (s Roles) Valid() bool { return s&^AllRoles() == 0 }

// Has reports whether r is in the set.
func (s Roles) Has(r Role) bool { return r != 0 && r <= lastRole && s&(1<<r) != 0 }

// HasAny reports whether one of the roles is in the set.
func (s Roles) HasAny(roles ...Role) bool { return s&RolesOf(roles...) != 0 }

// With returns the set with the given roles added.
func (s Roles) With(roles ...Role) Roles {
	for _, r := range roles {
		if r != 0 && r <= lastRole {
			s |= 1 << r
		}
	}
	return s
}

// Only returns the roles that are in both sets.
func (s Roles) Only(other Roles) Roles { return s & other }

// Without returns the roles that are in the set and not in the other.
func (s Roles) Without(other Roles) Roles { return s &^ other }

// List returns the roles in their order, agent first.
func (s Roles) List() []Role {
	var list []Role
	for r := RoleAgent; r <= lastRole; r++ {
		if s.Has(r) {
			list = append(list, r)
		}
	}
	return list
}

// Names returns the names of the roles in their order, agent first.
func (s Roles) Names() []string {
	names := []string{}
	for _, r := range s.List() {
		names = append(names, r.String())
	}
	return names
}

// String returns the names with commas between them.
func (s Roles) String() string { return strings.Join(s.Names(), ",") }
