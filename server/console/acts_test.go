package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/console"
)

// The page of all acts has each that the visitor may do, and no other.
func TestListOfActs(t *testing.T) {
	s := newStand(t, storeForOne(t))
	for _, role := range all {
		text := s.loggedIn(s.alice, role).get("/console/acts").text
		for _, a := range console.Acts() {
			listed := strings.Contains(text, `"/console/acts/`+a.Name+`"`)
			require.Equal(t, auth.RolesOf(everyAct[a.Name]...).Has(role), listed, "%s for %s", a.Name, role)
		}
	}
}

// Whoever leaves a form comes to a page, also where the form was of nothing in particular.
func TestFormsAreLeft(t *testing.T) {
	s := newStand(t, storeForOne(t))
	for _, role := range all {
		b := s.loggedIn(s.alice, role)
		for name, who := range everyAct {
			if may(who, role) != http.StatusOK {
				continue
			}
			form, _, found := strings.Cut(b.get("/console/acts/"+name).text, `">Leave it`)
			require.True(t, found, name)
			to := form[strings.LastIndex(form, `href="`)+len(`href="`):]
			require.Equal(t, http.StatusOK, b.get(to).status, "%s as %s leads to %s", name, role, to)
		}
	}
}

// What can be done to one's own things is offered beside them.
func TestActsAreOffered(t *testing.T) {
	s := newStand(t, storeForOne(t))
	b := s.loggedIn(s.alice)
	b.done("stake", map[string][]string{"amount": {"10"}})
	stake := between(b.get("/console/staking").text, "/console/acts/unstake?stake_id=", `"`)
	require.NotEmpty(t, stake)
	b.done("delegate", map[string][]string{"stake_id": {stake}, "validator_agent_id": {"did:example:bob"}, "amount": {"4"}})
	r := b.get("/console/staking")
	b.shows(r, "/console/acts/undelegate?delegation_id=del", "/console/acts/delegate?stake_id="+stake, "/console/acts/claim?stake_id="+stake)
	require.NotContains(t, r.text, "acts/reward-cycle", "that is for admins")
	admin := s.loggedIn(s.bob, auth.Admin)
	admin.shows(admin.get("/console/staking"), "/console/acts/reward-cycle")
	require.NotContains(t, admin.get("/console/agents/did:example:alice").text, "acts/unstake", "they are not its own")
	b.shows(b.get("/console/transactions/"+s.paid.String()), "/console/acts/dispute-file?transaction_id="+s.paid.String()+"&defendant_agent_id=did%3aexample%3abob")
}
