package teg

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// RolesParams asks to strip an agent of roles, or to give them back.
type RolesParams struct {
	Agent   DID
	By      DID    // an administrator
	Revoked Roles  // all that the agent is to lack from now on, whatever its tokens say; empty gives all back
	Reason  string // required, at most 500 characters
	DryRun  bool
}

// RevokedRoles is what an agent lacks after a change.
type RevokedRoles struct {
	Agent   DID
	Revoked Roles
	Reason  string
}

// SetRoles says which roles an agent lacks, whatever its tokens say: a face of the
// engine takes them away from those that a token gives, at once, as
// [Engine.RolesInForce] tells. The role agent cannot be taken: who is to start nothing
// is suspended. Nor can an administrator take admin from itself, lest the last one
// locks itself out.
//
// Errors: [ErrInvalidInput], [ErrSuspended] for the one who acts, [ErrNotFound].
func (e *Engine) SetRoles(ctx context.Context, p RolesParams) (RevokedRoles, error) {
	if err := p.check(); err != nil {
		return RevokedRoles{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbSetRoles, p.DryRun)
	if err != nil {
		return RevokedRoles{}, err
	}
	found, err := e.parties(ctx, p.Agent)
	if err != nil {
		return RevokedRoles{}, err
	}
	op.parties = found
	op.intend(Intent{Agent: p.Agent, Value: p.Revoked.String()})
	return perform(e, op, func(d *decision) (RevokedRoles, []ledger.ID, error) {
		if _, err := d.party("agent_id", p.Agent, found[0]); err != nil {
			return RevokedRoles{}, nil, err
		}
		d.changes.Roles = append(d.changes.Roles, store.RolesChange{Agent: p.Agent, Revoked: p.Revoked})
		d.record(act{action: store.VerbSetRoles.String(), agent: p.Agent, reason: p.Reason, revoked: p.Revoked.String()})
		return RevokedRoles{Agent: p.Agent, Revoked: p.Revoked, Reason: p.Reason}, nil, nil
	}, func(store.Record) (RevokedRoles, error) { return RevokedRoles{}, ErrInternal })
}

func (p *RolesParams) check() error {
	if err := check(named("by", p.By), named("agent_id", p.Agent), requiredText("reason", p.Reason, MaxReason)); err != nil {
		return err
	}
	switch {
	case !p.Revoked.Valid():
		return ledger.Invalid("revoked_roles", "the roles are %s", ledger.AllRoles())
	case p.Revoked.Has(RoleAgent):
		return ledger.Invalid("revoked_roles", "agent is every caller's; to keep an agent from starting anything, suspend it")
	case p.By == p.Agent && p.Revoked.Has(RoleAdmin):
		return ledger.Invalid("revoked_roles", "nobody strips itself of admin, lest nobody is left who could give it back; let another admin do it")
	}
	return nil
}

// RolesInForce are the roles that an agent has at the moment.
type RolesInForce struct {
	Roles Roles
	// Resting are those that it was not stripped of and does not have while it is
	// suspended: all but agent.
	Resting   Roles
	Suspended *SuspendedError // nil: it is not
}

// RolesInForce tells which of the roles that a token gives an agent it has at the
// moment, as the database says and no cache: those that it was not stripped of and,
// while it is suspended or deactivated, agent alone. Of an agent without a profile all
// are in force.
func (e *Engine) RolesInForce(ctx context.Context, agent DID, given Roles) (RolesInForce, error) {
	plain := RolesOf(RoleAgent)
	if given.Without(plain) == 0 { // which nobody can be stripped of
		return RolesInForce{Roles: given}, nil
	}
	found, err := e.reader().Agents(ctx, agent)
	if err != nil || len(found) == 0 {
		return RolesInForce{Roles: given}, outward(err)
	}
	rows, err := e.reader().AccountsOf(ctx, agent)
	if err != nil {
		return RolesInForce{}, outward(err)
	}
	left := given.Without(found[0].Revoked)
	row, _ := pick(rows)
	if row == nil {
		return RolesInForce{}, unregistered(agent)
	}
	switch row.StatusAt(e.clock.now()) {
	case StatusActive:
		return RolesInForce{Roles: left}, nil
	case StatusSuspended:
		why := &SuspendedError{Until: row.SuspendedUntil, Reason: found[0].SuspensionReason}
		return RolesInForce{Roles: left.Only(plain), Resting: left.Without(plain), Suspended: why}, nil
	}
	return RolesInForce{Roles: left.Only(plain)}, nil
}
