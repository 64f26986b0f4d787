package teg

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// clockSlack is how far the clocks of those who forget tokens may be ahead.
const clockSlack = time.Hour

// bootstraps checks that of each token that was used there is the one profile that was
// made with it. What was issued and used is compared with the log; of what nobody used,
// as long as it is not forgotten.
func (v *verification) bootstraps() error {
	v.forgotten = dayOf(v.engine.clock.now().Add(clockSlack - BootstrapRetention).UTC().Format(TimeFormat))
	var after BootstrapID
	for {
		page, err := v.engine.reader().AuditBootstrapTokens(v.ctx, after, auditPage)
		if err != nil {
			return err
		}
		var users []DID
		for i := range page {
			v.bootstrap(&page[i])
			if page[i].Used() {
				users = append(users, page[i].UsedBy)
			}
			after = page[i].ID
		}
		if err := v.users(page, users); err != nil {
			return err
		}
		if len(page) < auditPage {
			return nil
		}
	}
}

func (v *verification) bootstrap(t *ledger.BootstrapToken) {
	if dayOf(t.ExpiresAt.UTC().Format(TimeFormat)) > v.forgotten {
		v.issued.kept.add(sumOf(t.ID.String(), bootstrapTerms(t), t.By.String(), t.At.UTC().Format(TimeFormat), t.ExpiresAt.UTC().Format(TimeFormat)))
	}
	if !t.Used() {
		return
	}
	v.boarded.kept.add(sumOf(t.ID.String(), bootstrapTerms(t), t.UsedBy.String(), t.UsedAt.UTC().Format(TimeFormat)))
	if !t.UsedAt.Before(t.ExpiresAt) {
		v.find("bootstrap tokens", t.ID.String(), "was used after it expired")
	}
}

// users checks the profiles of those who registered with the tokens of a page.
func (v *verification) users(page []ledger.BootstrapToken, users []DID) error {
	found, err := v.engine.reader().Agents(v.ctx, users...)
	if err != nil {
		return err
	}
	agents := make(map[DID]*ledger.Agent, len(found))
	for i := range found {
		agents[found[i].ID] = &found[i]
	}
	for i := range page {
		t := &page[i]
		if !t.Used() {
			continue
		}
		a := agents[t.UsedBy]
		if a == nil || a.Origin != FromBootstrap || !a.CreatedAt.Equal(t.UsedAt) {
			v.find("bootstrap tokens", t.ID.String(), "was used by %s, who has no profile that was made with it", t.UsedBy)
		}
	}
	return nil
}

// dayOf is the day of a time, as events write both.
func dayOf(at string) string { return at[:min(len(at), len("2006-01-02"))] }

// tellIssued adds up the tokens that events tell of and that are not forgotten yet.
func (v *verification) tellIssued() {
	for day, told := range v.issuedUntil {
		if day > v.forgotten {
			v.issued.told = v.issued.told.plus(told)
		}
	}
}

// tellBootstrap takes in what an event tells of a token.
func (v *verification) tellBootstrap(a *toldAct) {
	switch a.Action {
	case store.VerbIssueBootstrapToken.String():
		until := v.issuedUntil[dayOf(a.Until)]
		until.add(sumOf(a.ReferenceID, a.Reference, a.Actor, a.At, a.Until))
		v.issuedUntil[dayOf(a.Until)] = until
	case store.VerbRegisterAgent.String():
		if a.ReferenceID != "" {
			v.boarded.told.add(sumOf(a.ReferenceID, a.Reference, a.Agent, a.At))
		}
	}
}

// roles takes in who lacks which roles.
func (v *verification) roles() error {
	found, err := v.engine.reader().Stripped(v.ctx)
	if err != nil {
		return err
	}
	v.stripped = make(map[string]string, len(found))
	for i := range found {
		v.stripped[found[i].ID.String()] = found[i].Revoked.String()
	}
	return nil
}

// tellRoles takes in what an event tells of roles: the last one of an agent counts.
func (v *verification) tellRoles(a *toldAct) {
	if a.Action != store.VerbSetRoles.String() {
		return
	}
	if a.Revoked == "" {
		delete(v.toldStripped, a.Agent)
		return
	}
	v.toldStripped[a.Agent] = a.Revoked
}

// compareRoles compares the two, where nobody wrote meanwhile.
func (v *verification) compareRoles() {
	for agent, told := range v.toldStripped {
		if kept := v.stripped[agent]; kept != told {
			v.find("roles", agent, "lacks %q and should lack %q", kept, told)
		}
	}
	for agent, kept := range v.stripped {
		if _, told := v.toldStripped[agent]; !told {
			v.find("roles", agent, "lacks %q, which nobody took", kept)
		}
	}
}
