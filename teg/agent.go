package teg

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/staking"
	"github.com/agentvault/teg-layer/store"
)

// RegisterParams asks to make an agent.
type RegisterParams struct {
	Agent    DID
	By       DID             // who acts, where that is not the agent
	Origin   Origin          // zero means [FromRegistry]
	Metadata json.RawMessage // a JSON object of at most 16 KiB, or nothing
	Grant    Amount          // from the treasury, not for an agent that made itself
	// BootstrapToken is used up by the registration, where one is given: the agent's
	// origin is then [FromBootstrap], and what it gets is what the token says.
	BootstrapToken string
	DryRun         bool
}

// Profile is what is known about an agent.
type Profile struct {
	ID               DID
	Status           Status
	SuspendedUntil   time.Time // zero: not suspended, or until it is reactivated
	SuspensionReason string
	Origin           Origin
	Balance          Balance
	Revoked          Roles // what it is stripped of, whatever its tokens say
	Reputation       int
	Tier             string
	CreatedAt        time.Time
	Metadata         json.RawMessage
}

// RegisterAgent makes an agent's profile and accounts, pays its grant and uses its
// bootstrap token up, in one commit: a token that is refused, for whatever reason, can
// still be used.
//
// Errors: [ErrInvalidInput], [ErrUnknownToken], [ErrAlreadyExists] for an agent that
// has a profile or a system account's DID, also where its token has been used,
// [ErrTokenUsed], [ErrExpired] for a token whose time is over, [ErrForbidden] for a
// grant to an agent that made itself, [*InsufficientBalanceError] where the treasury
// has less than the grant.
func (e *Engine) RegisterAgent(ctx context.Context, p RegisterParams) (Profile, error) {
	if err := p.complete(); err != nil {
		return Profile{}, err
	}
	op, err := e.administrative(ctx, p.By, store.VerbRegisterAgent, p.DryRun)
	if err != nil {
		return Profile{}, err
	}
	op.intend(Intent{Agent: p.Agent, Amount: p.Grant, Value: p.Origin.String()})
	op.need.owners = []DID{p.Agent}
	if !p.Grant.IsZero() {
		op.need.accounts = []ledger.AccountID{e.system.rows[ledger.Treasury][0]}
	}
	var token BootstrapID
	if p.BootstrapToken != "" {
		if token, err = e.needBootstrapToken(ctx, op, p.BootstrapToken); err != nil {
			return Profile{}, err
		}
	}
	decide := func(d *decision) (Profile, []ledger.ID, error) { return decideRegistration(d, p, token) }
	return perform(e, op, decide, func(store.Record) (Profile, error) { return e.Profile(ctx, p.Agent) })
}

// complete fills in what was left out, and refuses what depends on nothing else.
func (p *RegisterParams) complete() error {
	if p.BootstrapToken != "" {
		if p.Origin != 0 && p.Origin != FromBootstrap {
			return ledger.Invalid("origin", "an agent that registers with a bootstrap token comes by it")
		}
		if !p.Grant.IsZero() {
			return ledger.Invalid("grant", "what an agent gets that registers with a bootstrap token is for the token to say")
		}
		p.Origin = FromBootstrap
	}
	if p.Origin == 0 {
		p.Origin = FromRegistry
	}
	if p.By.IsZero() {
		p.By = p.Agent
	}
	if err := check(named("agent_did", p.Agent), validMetadata("metadata", p.Metadata)); err != nil {
		return err
	}
	if !p.Origin.Valid() {
		return ledger.Invalid("origin", "must be bootstrap, registry or self")
	}
	return nil
}

func decideRegistration(d *decision, p RegisterParams, token BootstrapID) (Profile, []ledger.ID, error) {
	if d.core.reserved(p.Agent) {
		return Profile{}, nil, ledger.Refuse(ErrAlreadyExists, "%s is a system account", p.Agent)
	}
	if d.agents[p.Agent].known() {
		return Profile{}, nil, ledger.Refuse(ErrAlreadyExists, "%s is registered already", p.Agent)
	}
	if !p.Grant.IsZero() && p.Origin == FromSelf {
		return Profile{}, nil, ledger.Refuse(ErrForbidden, "an agent that made itself gets no grant")
	}
	told := act{action: store.VerbRegisterAgent.String(), agent: p.Agent, reason: p.Origin.String()}
	if !token.IsZero() {
		used, err := d.useBootstrapToken(token, p.Agent)
		if err != nil {
			return Profile{}, nil, err
		}
		p.Grant = used.GrantBy(d.terms.Ledger)
		told.reference, told.referenceID = bootstrapTerms(&used), used.ID.String()
	}
	made := d.agent(p.Agent, ledger.Agent{Origin: p.Origin, Metadata: p.Metadata})
	if !p.Grant.IsZero() {
		if err := d.grant(made, p.Grant); err != nil {
			return Profile{}, nil, err
		}
	}
	told.amount = p.Grant
	d.record(told)
	return Profile{
		ID: p.Agent, Status: StatusActive, Origin: p.Origin, Tier: reputation.Tier(0), CreatedAt: d.now, Metadata: p.Metadata,
		Balance: Balance{Agent: p.Agent, Available: p.Grant, Total: p.Grant},
	}, nil, nil
}

// grant pays an agent from the treasury.
func (d *decision) grant(to party, sum Amount) error {
	legs, err := d.payFromTreasury(sum)
	if err != nil {
		return err
	}
	_, err = d.postAs(ledger.Posting{
		Type: ledger.TypeGrant, Sender: d.treasuryRow(0), Receiver: to.available, Amount: sum,
		Legs: append(legs, ledger.Leg{Account: to.available, Amount: sum.Signed()}),
	})
	return err
}

// StandingParams asks to change what an agent may do.
type StandingParams struct {
	Agent    DID
	By       DID           // who acts: an administrator, or, to deactivate, the agent itself
	Reason   string        // required to suspend, at most 500 characters
	Duration time.Duration // of a suspension; zero: until the agent is reactivated
	DryRun   bool
}

// MaxSuspension is the longest timed suspension.
const MaxSuspension = 100 * 365 * 24 * time.Hour

// Standing is what an agent may do after a change.
type Standing struct {
	Agent          DID
	Status         Status
	SuspendedUntil time.Time // zero: none, or until reactivated
	Reason         string
}

// SuspendAgent keeps an agent from starting anything, for a time or for good.
// It can still be paid, and read what is its own. Suspending again replaces
// reason and end.
//
// Errors: [ErrInvalidInput], [ErrSuspended] for the one who acts, [ErrNotFound],
// [ErrInvalidState] for a deactivated agent.
func (e *Engine) SuspendAgent(ctx context.Context, p StandingParams) (Standing, error) {
	if err := requiredText("reason", p.Reason, MaxReason); err != nil {
		return Standing{}, err
	}
	if p.Duration < 0 || p.Duration > MaxSuspension {
		return Standing{}, ledger.Invalid("duration_days", "from 1 to %d", int(MaxSuspension/(24*time.Hour)))
	}
	return e.changeStanding(ctx, p, store.VerbSuspendAgent, func(d *decision, row *ledger.Account) error {
		if row.Status == StatusDeactivated {
			return ledger.Refuse(ErrInvalidState, "%s is deactivated", p.Agent)
		}
		d.book.Change(row.ID, func(row *ledger.Account) {
			row.Status, row.SuspendedUntil = StatusSuspended, time.Time{}
			if p.Duration > 0 {
				row.SuspendedUntil = d.now.Add(p.Duration)
			}
		})
		return nil
	})
}

// ReactivateAgent ends a suspension.
//
// Errors: [ErrInvalidInput], [ErrSuspended] for the one who acts, [ErrNotFound],
// [ErrInvalidState] for an agent that is not suspended.
func (e *Engine) ReactivateAgent(ctx context.Context, p StandingParams) (Standing, error) {
	if err := validText("reason", p.Reason, MaxReason); err != nil {
		return Standing{}, err
	}
	return e.changeStanding(ctx, p, store.VerbReactivateAgent, func(d *decision, row *ledger.Account) error {
		if row.StatusAt(d.now) != StatusSuspended {
			return ledger.Refuse(ErrInvalidState, "%s is not suspended", p.Agent)
		}
		d.book.Change(row.ID, func(row *ledger.Account) { row.Status, row.SuspendedUntil = StatusActive, time.Time{} })
		return nil
	})
}

// DeactivateAgent ends an agent's part in the economy: it can start nothing and
// receives nothing any more.
//
// Errors: [ErrInvalidInput], [ErrSuspended], [ErrNotFound], [ErrInvalidState]
// for an agent that has value left, staked or earned or on its way out included,
// that owes some, or that is deactivated already. What others delegated to it
// stays theirs, to be undelegated; what it would earn by that is not paid.
func (e *Engine) DeactivateAgent(ctx context.Context, p StandingParams) (Standing, error) {
	if p.By.IsZero() {
		p.By = p.Agent
	}
	if err := validText("reason", p.Reason, MaxReason); err != nil {
		return Standing{}, err
	}
	return e.changeStanding(ctx, p, store.VerbDeactivateAgent, func(d *decision, row *ledger.Account) error {
		if err := d.releaseDue(row.ID); err != nil {
			return err
		}
		if row.Status == StatusDeactivated {
			return ledger.Refuse(ErrInvalidState, "%s is deactivated already", p.Agent)
		}
		if !row.Balance.IsZero() || row.OpenHolds > 0 || row.Positions > 0 || !row.Owes.IsZero() {
			return ledger.Refuse(ErrInvalidState, "%s still has or owes something; pay it out first", p.Agent).By("agent.empty", leftOf(row)...).
				Unless(ledger.Do("Pay out the balance, end the holds, the stakes and the delegations, and pay what is owed."))
		}
		if of, open := d.disputes.OpenOf(p.Agent); open {
			return ledger.Refuse(ErrInvalidState, "%s is a party to %s, which is open; wait for its end", p.Agent, of.ID).
				By("agent.undisputed", ledger.Word("dispute", of.ID.String())).Unless(ledger.Do("Wait for the end of the dispute, or withdraw it if it is yours."))
		}
		if err := d.nothingStaked(row.ID); err != nil {
			return err
		}
		d.book.Change(row.ID, func(row *ledger.Account) { row.Status, row.SuspendedUntil = StatusDeactivated, time.Time{} })
		return nil
	})
}

// changeStanding carries out a change of what an agent may do.
func (e *Engine) changeStanding(ctx context.Context, p StandingParams, verb store.Verb, change func(*decision, *ledger.Account) error) (Standing, error) {
	if err := check(named("by", p.By), named("agent_id", p.Agent)); err != nil {
		return Standing{}, err
	}
	op, err := e.administrative(ctx, p.By, verb, p.DryRun)
	if err != nil {
		return Standing{}, err
	}
	found, err := e.parties(ctx, p.Agent)
	if err != nil {
		return Standing{}, err
	}
	op.intend(Intent{Agent: p.Agent})
	op.parties = found
	if verb == store.VerbDeactivateAgent && found[0].known() {
		own := []ledger.AccountID{found[0].available}
		op.need.staking = staking.Need{Total: true, LiveOf: own, PoolsOf: own}
		op.need.disputes.OpenOf = []DID{p.Agent}
	}
	return perform(e, op, func(d *decision) (Standing, []ledger.ID, error) {
		row, err := d.party("agent_id", p.Agent, found[0])
		if err != nil {
			return Standing{}, nil, err
		}
		if err := change(d, row); err != nil {
			return Standing{}, nil, err
		}
		kept := ""
		if row.Status == StatusSuspended {
			kept = p.Reason
		}
		d.changes.Profiles = append(d.changes.Profiles, store.ProfileChange{Agent: p.Agent, SuspensionReason: kept})
		d.record(act{action: verb.String(), agent: p.Agent, reason: p.Reason, until: row.SuspendedUntil})
		return Standing{Agent: p.Agent, Status: row.Status, SuspendedUntil: row.SuspendedUntil, Reason: p.Reason}, nil, nil
	}, func(store.Record) (Standing, error) { return Standing{}, ErrInternal })
}

// Profile returns what is known about an agent; [ErrNotFound] for one that is
// not registered.
func (e *Engine) Profile(ctx context.Context, id DID) (Profile, error) {
	balance, row, err := e.balance(ctx, id)
	if err != nil {
		return Profile{}, err
	}
	agents, err := e.reader().Agents(ctx, id)
	if err != nil {
		return Profile{}, outward(err)
	}
	if len(agents) == 0 {
		return Profile{}, unregistered(id)
	}
	a := agents[0]
	p := Profile{
		ID: id, Status: row.StatusAt(e.clock.now()), Origin: a.Origin, Balance: balance, Revoked: a.Revoked, Reputation: a.Reputation,
		Tier: reputation.Tier(a.Reputation), CreatedAt: a.CreatedAt, Metadata: a.Metadata,
	}
	if p.Status == StatusSuspended {
		p.SuspendedUntil, p.SuspensionReason = row.SuspendedUntil, a.SuspensionReason
	}
	return p, nil
}

func unregistered(id DID) error {
	return ledger.Refuse(ErrNotFound, "no agent %s is registered", id)
}

// explainSuspension adds the reason, which the rules do not know.
func (e *Engine) explainSuspension(ctx context.Context, by DID, err error) error {
	var suspended *SuspendedError
	if !errors.As(err, &suspended) || suspended.Reason != "" {
		return err
	}
	agents, failed := e.reader().Agents(ctx, by)
	if failed != nil || len(agents) == 0 {
		return err
	}
	return &SuspendedError{Until: suspended.Until, Reason: agents[0].SuspensionReason}
}

// leftOf are what a row still has or owes, for a refusal.
func leftOf(row *ledger.Account) []ledger.Figure {
	return []ledger.Figure{
		{Name: "balance", Value: row.Balance.String(), Unit: ledger.UnitAVT}, ledger.Count("open_holds", row.OpenHolds),
		ledger.Count("positions", row.Positions), ledger.Sum("owes", row.Owes),
	}
}
