package console

import (
	"errors"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/client"
)

// agentPage is what is known of an agent. What is nil is not for the visitor, or there is none.
type agentPage struct {
	ID           did.DID
	Own          bool // whether it is the visitor
	Sees         bool // what is for itself and those who oversee it
	Profile      *client.Profile
	Entries      []client.Entry
	Pager        pager
	Reputation   *client.Reputation
	History      []client.ReputationChange // newest first
	Course       []client.ReputationChange // the same, oldest first, for the picture
	Trust        *client.TrustExplained
	Validator    *client.Validator
	Stakes       *client.StakesPage
	Given, Taken *client.DelegationsPage
	Debts        *client.DebtsPage
	Flags        *client.FlagsPage
	Disputes     *client.DisputesPage
}

// few is how many items a part of an agent's page shows.
const few = 10

func agent(v *visit) (any, error) {
	id, err := did.Parse(v.r.PathValue("id"))
	if err != nil {
		return nil, errNoPage
	}
	page := &agentPage{ID: id, Own: id == v.who.Agent}
	page.Sees = page.Own || v.may(auth.Auditor, auth.Admin)
	for _, part := range []func(*visit) error{page.conduct, page.purse, page.work, page.trouble} {
		if err := part(v); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// conduct is what everybody may know.
func (p *agentPage) conduct(v *visit) (err error) {
	ctx := v.r.Context()
	if p.Reputation, err = v.api.GetReputation(ctx, p.ID); err != nil {
		return err
	}
	history, err := v.api.ListReputationHistory(ctx, p.ID, client.ListReputationHistoryQuery{Days: 365, Limit: 100})
	if err != nil {
		return err
	}
	p.History = history.History[:min(len(history.History), few)]
	for i := range history.History {
		p.Course = append(p.Course, history.History[len(history.History)-1-i])
	}
	if p.Trust, err = v.api.GetTrust(ctx, p.ID, client.GetTrustQuery{Limit: few}); err != nil {
		return err
	}
	p.Validator, err = v.api.GetValidator(ctx, p.ID)
	return err
}

// purse is what the agent has, and how it came about.
func (p *agentPage) purse(v *visit) (err error) {
	if !p.Sees {
		return nil
	}
	if p.Own {
		p.Profile, err = v.api.GetProfile(v.r.Context())
	} else {
		p.Profile, err = v.api.GetAgent(v.r.Context(), p.ID)
	}
	if err != nil {
		return err
	}
	f := v.filter()
	found, err := v.api.ListEntries(v.r.Context(), client.ListEntriesQuery{AgentID: p.ID, Limit: 20, Cursor: f.Cursor})
	if err == nil {
		p.Entries, p.Pager = found.Entries, f.pager(found.Page)
	}
	return err
}

// work is what the agent has at work.
func (p *agentPage) work(v *visit) (err error) {
	if !p.Sees {
		return nil
	}
	ctx := v.r.Context()
	if p.Stakes, err = v.api.ListStakes(ctx, client.ListStakesQuery{AgentID: p.ID, Limit: few}); err != nil {
		return err
	}
	if p.Given, err = v.api.ListDelegations(ctx, client.ListDelegationsQuery{AgentID: p.ID, Limit: few}); err != nil {
		return err
	}
	p.Taken, err = v.api.ListDelegations(ctx, client.ListDelegationsQuery{AgentID: p.ID, Role: client.DelegationRoleValidator, Limit: few})
	return err
}

// trouble is what was held against the agent. Of disputes an auditor is told nothing but of
// its own.
func (p *agentPage) trouble(v *visit) (err error) {
	ctx := v.r.Context()
	if p.Sees {
		if p.Debts, err = v.api.ListDebts(ctx, client.ListDebtsQuery{AgentID: p.ID, Limit: few}); err != nil {
			return err
		}
	}
	if v.may(auth.Auditor, auth.Admin) {
		if p.Flags, err = v.api.ListFlags(ctx, client.ListFlagsQuery{AgentID: p.ID, Limit: few}); err != nil {
			return err
		}
	}
	switch {
	case v.may(auth.Arbitrator, auth.Admin):
		p.Disputes, err = v.api.ListDisputes(ctx, client.ListDisputesQuery{AgentID: p.ID, Limit: few})
	case p.Own:
		p.Disputes, err = v.api.ListMyDisputes(ctx, client.ListMyDisputesQuery{Limit: few})
	}
	if errors.Is(err, client.ErrEntityNotFound) {
		err = nil
	}
	return err
}
