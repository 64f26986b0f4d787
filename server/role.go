package server

import (
	"fmt"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

// admitRole lets those through whose roles in force are what the route needs. They are
// read at each such request, so that who is stripped of a role, or suspended, lacks it
// at once, on every server. A suspension is told later, when the shape of the request
// is known to be right.
func (c *call) admitRole() error {
	needed := c.route.access.roles
	if c.caller.Roles.Only(needed) == 0 {
		return errRole
	}
	if needed.Has(auth.Agent) { // which nobody is stripped of
		return nil
	}
	in, err := c.inForce()
	switch {
	case err != nil:
		return err
	case in.Roles.Only(needed) != 0:
		return nil
	case in.Suspended != nil && in.Resting.Only(needed) != 0:
		c.resting = in.Suspended
		return nil
	}
	return errRole
}

// tellRoles tells the engine in which roles the caller acts, where policies are asked:
// those in force. An agent without any other is not looked up.
func (c *call) tellRoles() error {
	if !c.engine().AsksPolicies() {
		return nil
	}
	roles := c.caller.Roles
	if roles != auth.RolesOf(auth.Agent) {
		in, err := c.inForce()
		if err != nil {
			return err
		}
		roles = in.Roles
	}
	c.ctx = teg.WithRoles(c.ctx, roles.Names()...)
	return nil
}

// inForce are the caller's roles in force, read once for the request.
func (c *call) inForce() (teg.RolesInForce, error) {
	if c.roles != nil {
		return *c.roles, nil
	}
	in, err := c.engine().RolesInForce(c.ctx, c.caller.Agent, c.caller.Roles)
	if err == nil {
		c.roles = &in
	}
	return in, err
}

// may reports whether the caller has one of some roles in force. It asks nothing of
// those whose token gives none of them, as most do.
func (c *call) may(roles auth.Roles) (bool, error) {
	if c.caller.Roles.Only(roles) == 0 {
		return false, nil
	}
	in, err := c.inForce()
	return in.Roles.Only(roles) != 0, err
}

// actsAs reports whether the caller does something in a role, on a route that is open to
// others too; the error tells of a suspension for which it may not.
func (c *call) actsAs(role auth.Role) (bool, error) {
	does, err := c.may(auth.RolesOf(role))
	if err == nil && !does && c.roles != nil && c.roles.Resting.Has(role) {
		err = c.roles.Suspended
	}
	return does, err
}

// viewer is the caller, or nobody in particular where it has one of the roles that see
// what others only see who are party to it.
func (c *call) viewer(roles auth.Roles) (teg.DID, error) {
	all, err := c.may(roles)
	if err != nil || all {
		return teg.DID{}, err
	}
	return c.caller.Agent, nil
}

type rolesRequest api.RolesRequest

func (in *rolesRequest) check(f *faults) {
	f.filled("reason", in.Reason, teg.MaxReason)
	seen := map[string]bool{}
	for i, name := range in.RevokedRoles {
		field := fmt.Sprintf("revoked_roles[%d]", i)
		role, err := auth.ParseRole(name)
		switch {
		case err != nil:
			f.add(field, "must be auditor, arbitrator, admin or system", &in.RevokedRoles[i])
		case role == auth.Agent:
			f.add(field, "agent is every caller's; to keep an agent from starting anything, suspend it", &in.RevokedRoles[i])
		case seen[name]:
			f.add(field, "is given twice", &in.RevokedRoles[i])
		}
		seen[name] = true
	}
}

func putRoles(c *call, in *rolesRequest) (answer, error) {
	revoked, _ := auth.ParseRoles(in.RevokedRoles...) // they have been checked
	r, err := c.engine().SetRoles(c.ctx, teg.RolesParams{Agent: in.AgentID, By: c.caller.Agent, Revoked: revoked, Reason: in.Reason})
	return answer{body: api.Roles{AgentID: r.Agent, RevokedRoles: r.Revoked.Names(), Reason: r.Reason}}, err
}
