package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/console"
	"github.com/agentvault/teg-layer/teg"
)

var (
	all       = []auth.Role{auth.Agent, auth.Auditor, auth.Arbitrator, auth.Admin, auth.System}
	overseers = []auth.Role{auth.Auditor, auth.Admin}
	arbiters  = []auth.Role{auth.Arbitrator, auth.Admin}
	admins    = []auth.Role{auth.Admin}
)

// everyPage is who may see what; ids stand for those of the stand.
var everyPage = []struct {
	pattern, path string
	may           []auth.Role
}{
	{"", "", all},
	{"/live", "/live", all},
	{"/agents", "/agents", overseers},
	{"/agents/{id}", "/agents/ALICE", all},
	{"/transactions", "/transactions", all},
	{"/transactions/{id}", "/transactions/PAID", all},
	{"/flags", "/flags", overseers}, {"/flags/{id}", "/flags/FLAG", overseers},
	{"/rules", "/rules", overseers}, {"/rules/{id}", "/rules/HIGH_VELOCITY_TRANSFERS", overseers},
	{"/disputes", "/disputes", all}, {"/disputes/{id}", "/disputes/DISPUTE", all},
	{"/policies", "/policies", all}, {"/policies/{id}", "/policies/POLICY", all},
	{"/acts", "/acts", all}, {"/treasury", "/treasury", admins}, {"/system", "/system", overseers},
	{"/webhooks", "/webhooks", all}, {"/webhooks/{id}", "/webhooks/HOOK", all},
	{"/audit-log", "/audit-log", admins}, {"/audit-log/{id}", "/audit-log/ENTRY", overseers},
	{"/staking", "/staking", all},
	{"/reputation", "/reputation", all},
}

// everyAct is who may do what.
var everyAct = map[string][]auth.Role{
	"pay": all, "refund": all, "signal": all, "stake": all, "unstake": all, "delegate": all, "undelegate": all, "claim": all,
	"issue": admins, "burn": admins, "adjust": admins, "suspend": admins, "reactivate": admins, "roles": admins, "reward-cycle": admins, "slash": admins,
	"flag-review": overseers, "flag-escalate": overseers, "flags-review": overseers, "flag-raise": overseers, "rule-set": admins,
	"dispute-file": all, "dispute-evidence": all, "dispute-respond": all, "dispute-withdraw": all, "dispute-move": arbiters, "dispute-resolve": arbiters,
	"panel-commit": all, "panel-reveal": all,
	"policy-make": admins, "policy-change": admins, "policy-end": admins, "give": all,
	"webhook-make": all, "webhook-change": all, "webhook-pause": all, "webhook-resume": all, "webhook-rotate": all, "webhook-test": all,
	"webhook-resend": all, "webhook-end": all,
}

func (s *stand) filled(path string) string {
	return strings.NewReplacer("PAID", s.paid.String(), "ALICE", url.PathEscape(s.alice.String()), "FLAG", s.flag.String(),
		"DISPUTE", s.dispute.String(), "POLICY", s.policy.String(), "ENTRY", s.entry.String(), "HOOK", s.webhook.String()).Replace(path)
}

// Each page, with each role, and with none.
func TestEveryPageWithEveryRole(t *testing.T) {
	var listed []string
	for _, p := range everyPage {
		listed = append(listed, p.pattern)
	}
	require.ElementsMatch(t, console.Paths(), listed, "each page has a line here")
	eachStand(t, func(s *stand) {
		for _, p := range everyPage {
			path := "/console" + s.filled(p.path)
			r := s.browser().get(path)
			require.Equal(s.t, http.StatusSeeOther, r.status, path)
			to, err := url.Parse(r.header.Get("Location"))
			require.NoError(s.t, err)
			require.Equal(s.t, "/console/login", to.Path)
			for _, role := range all {
				r := s.loggedIn(s.alice, role).get(path)
				require.Equal(s.t, may(p.may, role), r.status, "%s as %s: %s", path, role, r.text)
				s.safe(r)
			}
		}
	})
}

func may(who []auth.Role, role auth.Role) int {
	if auth.RolesOf(who...).Has(role) {
		return http.StatusOK
	}
	return http.StatusForbidden
}

// safe is what every page must be.
func (s *stand) safe(r page) {
	s.t.Helper()
	policy := r.header.Get("Content-Security-Policy")
	require.Contains(s.t, policy, "default-src 'none'")
	require.Contains(s.t, policy, "frame-ancestors 'none'")
	require.NotContains(s.t, policy, "unsafe")
	require.Equal(s.t, "DENY", r.header.Get("X-Frame-Options"))
	require.Equal(s.t, "nosniff", r.header.Get("X-Content-Type-Options"))
	require.Equal(s.t, "no-store", r.header.Get("Cache-Control"))
	require.NotRegexp(s.t, `(?i)<[^>]+\s(style|on[a-z]+)=`, r.text, "nothing is inline")
	require.NotRegexp(s.t, `<script>|javascript:`, r.text)
	require.Contains(s.t, r.text, `<html lang="en">`)
}

// Each act, with each role: its form, what it would do, and no more without a role.
func TestEveryActWithEveryRole(t *testing.T) {
	var listed []string
	for name := range everyAct {
		listed = append(listed, name)
	}
	var names []string
	for _, a := range console.Acts() {
		names = append(names, a.Name)
	}
	require.ElementsMatch(t, names, listed, "each act has a line here")
	eachStand(t, func(s *stand) {
		for name, who := range everyAct {
			require.Equal(s.t, http.StatusSeeOther, s.browser().post("/console/acts/"+name, url.Values{}).status)
			for _, role := range all {
				b := s.loggedIn(s.alice, role)
				require.Equal(s.t, may(who, role), b.get("/console/acts/"+name).status, "%s as %s", name, role)
				if may(who, role) != http.StatusOK {
					require.Equal(s.t, http.StatusForbidden, b.post("/console/acts/"+name, url.Values{"step": {"do"}}).status)
				}
			}
		}
	})
}

// An act is shown before it is done, and done once, however often it is confirmed.
func TestActsAreShownAndDoneOnce(t *testing.T) {
	eachStand(t, func(s *stand) {
		b := s.loggedIn(s.alice)
		b.shows(b.get("/console/acts/pay?receiver_agent_id=did:example:bob"), `value="did:example:bob"`)
		r := b.post("/console/acts/pay", url.Values{"receiver_agent_id": {"did:example:bob"}})
		require.Equal(s.t, http.StatusUnprocessableEntity, r.status)
		require.Contains(s.t, r.text, "is needed")
		given := url.Values{"receiver_agent_id": {"did:example:bob"}, "amount": {"7"}, "message": {"it's \"thanks\""}}
		r = b.post("/console/acts/pay", given)
		b.shows(r, "This is what will be done", "/api/v1/token/transfer", "Idempotency-Key: ", `'{"amount":"7","message":"it'\''s \"thanks\"","receiver_agent_id":"did:example:bob"}'`)
		require.Equal(s.t, "15", s.available(s.bob), "nothing was done yet")
		key := between(r.text, `name="key" value="`, `"`)
		given.Set("step", "do")
		given.Set("key", key)
		b.shows(b.post("/console/acts/pay", given), "Done.", "tx_")
		b.shows(b.post("/console/acts/pay", given), "Done.", "tx_")
		require.Equal(s.t, "22", s.available(s.bob), "once")
		given.Set("amount", "100000")
		given.Set("key", "another")
		r = b.post("/console/acts/pay", given)
		require.Equal(s.t, http.StatusBadRequest, r.status)
		require.Contains(s.t, r.text, `value="100000"`, "the form is kept")
	})
}

func (s *stand) available(id teg.DID) string {
	b, err := s.engine.Balance(s.t.Context(), id)
	require.NoError(s.t, err)
	return b.Available.String()
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}

func TestOverview(t *testing.T) {
	eachStand(t, func(s *stand) {
		b := s.loggedIn(s.alice, auth.Admin)
		b.shows(b.get("/console"), "Where the supply lies", "1,010", "for a search", "994.999", "/api/v1/admin/metrics")
		require.NotContains(s.t, s.loggedIn(s.alice).get("/console").text, "Where the supply lies")
	})
}

func TestTransactions(t *testing.T) {
	eachStand(t, func(s *stand) {
		b := s.loggedIn(s.bob)
		b.shows(b.get("/console/transactions?counterparty=did:example:alice&transaction_type=transfer"), s.paid.String(), "for a search")
		b.shows(b.get("/console/transactions?counterparty=nobody"), "that is no DID")
		auditor := s.loggedIn(teg.Agent("did:example:auditor"), auth.Auditor)
		auditor.shows(auditor.get("/console/transactions"), "for a search", "issuance")
		auditor.shows(auditor.get("/console/transactions?agent_id=did:example:bob&counterparty=did:example:alice"), "for a search")
		auditor.shows(auditor.get("/console/transactions?counterparty=did:example:alice"), "name the agent, too")
		auditor.shows(auditor.get("/console/transactions?min_amount=x"), "that is no amount")
		auditor.shows(auditor.get("/console/transactions/"+s.paid.String()), "They sum to zero", "994.999", "+5")
		b.shows(b.get("/console/transactions?start_date=yesterday"), "that is no date")
		r := b.get("/console/transactions/" + s.paid.String())
		b.shows(r, "for a search", "Refund it", "/token/transactions/"+s.paid.String())
		require.Equal(s.t, http.StatusNotFound, b.get("/console/transactions/tx_0").status)
		require.Equal(s.t, http.StatusNotFound, s.loggedIn(teg.Agent("did:example:carol")).get("/console/transactions/"+s.paid.String()).status, "it is none of hers")
	})
}

func TestStaticFiles(t *testing.T) {
	s := newStand(t, storeForOne(t))
	b := s.browser()
	text := b.get("/console/login").text
	for _, name := range []string{"console.css", "console.js", "theme.js", "htmx.min.js", "uPlot.min.js", "uplot.css", "icon.svg"} {
		path := "/console/static/" + name + between(text, "/console/static/"+name, `"`)
		require.Contains(t, path, "?v=")
		r := b.get(path)
		require.Equal(t, http.StatusOK, r.status)
		require.Contains(t, r.header.Get("Cache-Control"), "immutable")
		require.NotEmpty(t, r.text)
		require.Equal(t, "no-store", b.get("/console/static/"+name).header.Get("Cache-Control"))
	}
	r := b.get("/console/static/htmx.min.js", "Accept-Encoding", "br, gzip")
	require.Equal(t, "gzip", r.header.Get("Content-Encoding"))
	require.Equal(t, http.StatusNotFound, b.get("/console/static/..%2Fdoc.go").status)
	require.Equal(t, http.StatusNotFound, b.get("/console/static/nothing").status)
}
