package teg_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// mandatory is a new policy that is in force.
func mandatory(code string, of teg.PolicyType, parameters string) teg.PutPolicyParams {
	return teg.PutPolicyParams{
		By: tegtest.Admin, Code: code, Type: of, PolicyEdit: teg.PolicyEdit{Name: ref("policy " + code), Level: ref(teg.PolicyMandatory), Parameters: &parameters},
	}
}

func (c *conduct) govern(code string, of teg.PolicyType, parameters string) teg.Policy {
	r, err := c.eng.PutPolicy(c.ctx, mandatory(code, of, parameters))
	require.NoError(c.t, err)
	return r.Policy
}

// amend puts a version with other parameters.
func (c *conduct) amend(id teg.PolicyID, parameters string) teg.Policy {
	r, err := c.eng.PutPolicy(c.ctx, teg.PutPolicyParams{By: tegtest.Admin, ID: id, PolicyEdit: teg.PolicyEdit{Parameters: &parameters}})
	require.NoError(c.t, err)
	return r.Policy
}

func (c *conduct) end(id teg.PolicyID) teg.Policy {
	r, err := c.eng.DeactivatePolicy(c.ctx, teg.DeactivatePolicyParams{By: tegtest.Admin, ID: id})
	require.NoError(c.t, err)
	return r.Policy
}

func (c *conduct) fee(from, to teg.DID) string {
	r, err := c.eng.Transfer(c.ctx, teg.TransferParams{From: from, To: to, Amount: teg.AVT("1")})
	require.NoError(c.t, err)
	return r.Fee.String()
}

// A policy is in force from its moment to its end, and what was in force can be asked
// for at every instant.
func TestPoliciesAreInForce(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		type moment struct {
			at  time.Time
			fee string
		}
		var moments []moment
		note := func(fee string) {
			require.Equal(t, fee, c.fee(agents[0], agents[1]))
			require.Equal(t, fee, c.eng.Terms().Fees.Of(teg.AVT("1")).String())
			quote, err := c.eng.CalculateFee(teg.AVT("1"))
			require.NoError(t, err)
			require.Equal(t, fee, quote.Fee.String())
			moments = append(moments, moment{c.clock.Now(), fee})
			c.clock.Advance(time.Hour)
		}
		note("0.001")
		created := c.clock.Now()
		p := c.govern("fees", teg.PolicyEconomic, `{"transfer_fee": 0.50}`)
		require.Equal(t, teg.Policy{
			ID: p.ID, Code: "fees", Name: "policy fees", Type: teg.PolicyEconomic, Parameters: `{"transfer_fee":"0.5"}`, Level: teg.PolicyMandatory, Active: true,
			Version: 1, Change: 1, By: tegtest.Admin, CreatedAt: created, UpdatedAt: created,
		}, p)
		note("0.5")
		second := c.amend(p.ID, `{"transfer_fee":"0","transfer_fee_percentage":"10"}`)
		require.EqualValues(t, 2, second.Version)
		note("0.1")
		other := c.govern("split", teg.PolicyEconomic, `{"fee_split":"burn=1"}`)
		note("0.1")
		third := c.end(p.ID)
		require.False(t, third.Active)
		note("0.001")
		back, err := c.eng.PutPolicy(c.ctx, teg.PutPolicyParams{By: tegtest.Admin, ID: p.ID, PolicyEdit: teg.PolicyEdit{Active: ref(true), Level: ref(teg.PolicyAdvisory)}})
		require.NoError(t, err)
		note("0.001")

		for i, m := range moments {
			in, err := c.eng.TermsAt(c.ctx, m.at)
			require.NoError(t, err)
			require.Equal(t, m.fee, in.Ledger.Fees.Of(teg.AVT("1")).String(), i)
			require.EqualValues(t, i, in.Version)
		}
		now, err := c.eng.TermsAt(c.ctx, c.clock.Now())
		require.NoError(t, err)
		require.Equal(t, c.eng.TermsInForce(), now)
		require.Equal(t, back.UpdatedAt, now.Since)
		history, err := c.eng.Policy(c.ctx, p.ID)
		require.NoError(t, err)
		require.Equal(t, []teg.Policy{p, second, third, back.Policy}, history.Versions)
		require.Equal(t, back.Policy, history.Policy)
		list, err := c.eng.Policies(c.ctx, teg.PoliciesQuery{})
		require.NoError(t, err)
		require.Equal(t, []teg.Policy{other, back.Policy}, list.Policies, "the newest first")
		log, err := c.eng.AuditLog(c.ctx, teg.AuditLogQuery{Actor: tegtest.Admin, Action: "put_policy"})
		require.NoError(t, err)
		require.Len(t, log.Entries, 4)
		log, err = c.eng.AuditLog(c.ctx, teg.AuditLogQuery{Action: "deactivate_policy"})
		require.NoError(t, err)
		require.Len(t, log.Entries, 1)

		again := tegtest.Over(t, c.store, tegtest.WithClock(c.clock))
		require.Equal(t, now, again.TermsInForce(), "a process that starts finds them")
	})
}

// What is asked twice is done once, and tells what was then.
func TestPolicyReplay(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t := c.t
		p := mandatory("fees", teg.PolicyEconomic, `{"transfer_fee":"0.5"}`)
		p.Key = "k"
		first, err := c.eng.PutPolicy(c.ctx, p)
		require.NoError(t, err)
		c.amend(first.ID, `{}`)
		p.Parameters = ref(`{ "transfer_fee" : 0.50 }`)
		again, err := c.eng.PutPolicy(c.ctx, p)
		require.NoError(t, err)
		require.Equal(t, teg.PolicyReceipt{Policy: first.Policy, Replayed: true}, again)
		p.Parameters = ref(`{"transfer_fee":"0.6"}`)
		_, err = c.eng.PutPolicy(c.ctx, p)
		require.ErrorIs(t, err, teg.ErrKeyReused)
		outcomes, err := c.eng.Operation(c.ctx, tegtest.Admin, "k")
		require.NoError(t, err)
		require.Equal(t, []teg.Outcome{{Verb: store.VerbPutPolicy}}, outcomes)

		end := teg.DeactivatePolicyParams{By: tegtest.Admin, ID: first.ID, Key: "k"}
		ended, err := c.eng.DeactivatePolicy(c.ctx, end)
		require.NoError(t, err)
		twice, err := c.eng.DeactivatePolicy(c.ctx, end)
		require.NoError(t, err)
		require.Equal(t, teg.PolicyReceipt{Policy: ended.Policy, Replayed: true}, twice)
		require.EqualValues(t, 3, c.eng.TermsInForce().Version)
	})
}

func TestPolicyRefusals(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t := c.t
		fees := c.govern("fees", teg.PolicyEconomic, `{"transfer_fee":"0.5"}`)
		wait := c.govern("wait", teg.PolicyEconomic, `{"unstaking_period":"7d"}`)
		c.govern("slash", teg.PolicyEconomic, `{"slashing_enabled":true}`)
		ended := c.govern("ended", teg.PolicyDispute, `{"dispute_bond":"1"}`)
		c.end(ended.ID)
		edit := func(id teg.PolicyID, e teg.PolicyEdit) teg.PutPolicyParams {
			return teg.PutPolicyParams{By: tegtest.Admin, ID: id, PolicyEdit: e}
		}
		for name, try := range map[string]struct {
			params teg.PutPolicyParams
			reason error
			field  string
		}{
			"nobody":                  {teg.PutPolicyParams{Code: "x"}, teg.ErrInvalidInput, "by"},
			"no code":                 {mandatory("", teg.PolicyEconomic, `{}`), teg.ErrInvalidInput, "policy_code"},
			"no type":                 {mandatory("x", 0, `{}`), teg.ErrInvalidInput, "policy_type"},
			"a bad parameter":         {mandatory("x", teg.PolicyEconomic, `{"transfer_fee":"x"}`), teg.ErrInvalidInput, "parameters.transfer_fee"},
			"another type's":          {mandatory("x", teg.PolicyEconomic, `{"dispute_bond":"1"}`), teg.ErrInvalidInput, "parameters.dispute_bond"},
			"no rule":                 {mandatory("x", teg.PolicyAuditor, `{"rules":[{"code":"X"}]}`), teg.ErrInvalidInput, "parameters.rules"},
			"a code that was used":    {mandatory("ended", teg.PolicyEconomic, `{}`), teg.ErrAlreadyExists, "policy_code"},
			"what another sets":       {mandatory("x", teg.PolicyEconomic, `{"transfer_fee":"1"}`), teg.ErrAlreadyExists, "parameters.transfer_fee"},
			"more than the maximum":   {mandatory("x", teg.PolicyEconomic, `{"max_transfer_amount":"0.001"}`), teg.ErrInvalidInput, "parameters.max_transfer_amount"},
			"fees beyond their limit": {mandatory("x", teg.PolicyEconomic, `{"transfer_fee_max":"0.4"}`), teg.ErrInvalidInput, "parameters.transfer_fee_max"},
			"slashing without a wait": {edit(wait.ID, teg.PolicyEdit{Parameters: ref(`{"unstaking_period":"0s"}`)}), teg.ErrInvalidInput, "parameters.unstaking_period"},
			"advice":                  {edit(wait.ID, teg.PolicyEdit{Level: ref(teg.PolicyAdvisory)}), teg.ErrInvalidInput, "parameters.unstaking_period"},
			"another code":            {teg.PutPolicyParams{By: tegtest.Admin, ID: fees.ID, Code: "x"}, teg.ErrInvalidInput, "policy_code"},
			"as another type":         {teg.PutPolicyParams{By: tegtest.Admin, ID: fees.ID, Type: teg.PolicyDispute}, teg.ErrInvalidInput, "policy_type"},
			"a parameter it has not":  {edit(fees.ID, teg.PolicyEdit{Parameters: ref(`{"dispute_bond":"1"}`)}), teg.ErrInvalidInput, "parameters.dispute_bond"},
			"to end by an edit":       {edit(fees.ID, teg.PolicyEdit{Active: ref(false)}), teg.ErrInvalidInput, "is_active"},
			"one that is none":        {edit(teg.PolicyID{9}, teg.PolicyEdit{}), teg.ErrNotFound, ""},
			"one that has ended":      {edit(ended.ID, teg.PolicyEdit{Name: ref("x")}), teg.ErrInvalidState, ""},
		} {
			_, err := c.eng.PutPolicy(c.ctx, try.params)
			require.ErrorIs(t, err, try.reason, name)
			var refusal *teg.Refusal
			require.ErrorAs(t, err, &refusal, name)
			require.Equal(t, try.field, refusal.Field, name)
		}
		for id, reason := range map[teg.PolicyID]error{{9}: teg.ErrNotFound, ended.ID: teg.ErrInvalidState, wait.ID: teg.ErrInvalidInput} {
			_, err := c.eng.DeactivatePolicy(c.ctx, teg.DeactivatePolicyParams{By: tegtest.Admin, ID: id})
			require.ErrorIs(t, err, reason)
		}
		_, err := c.eng.Policy(c.ctx, teg.PolicyID{9})
		require.ErrorIs(t, err, teg.ErrNotFound)
		tx, host := hostOf(t, c.store, nil)
		inside := c.eng.Using(host)
		_, err = inside.PutPolicy(c.ctx, mandatory("x", teg.PolicyDispute, `{}`))
		require.ErrorIs(t, err, teg.ErrInvalidState)
		_, err = inside.DeactivatePolicy(c.ctx, teg.DeactivatePolicyParams{By: tegtest.Admin, ID: fees.ID})
		require.ErrorIs(t, err, teg.ErrInvalidState)
		require.NoError(t, tx.Rollback())
		require.EqualValues(t, 5, c.eng.TermsInForce().Version, "none of it changed anything")
	})
}

func TestPolicyPages(t *testing.T) {
	t.Parallel()
	c := newConduct(t, storetest.OpenSQLite(t))
	var want []teg.PolicyID
	for i, of := range []teg.PolicyType{teg.PolicyAttestation, teg.PolicyDispute, teg.PolicyAttestation, teg.PolicyAttestation} {
		p := c.govern(string(rune('a'+i)), of, `{}`)
		want = append([]teg.PolicyID{p.ID}, want...)
	}
	c.end(want[0])
	var seen []teg.PolicyID
	q := teg.PoliciesQuery{Limit: 1}
	for {
		page, err := c.eng.Policies(c.ctx, q)
		require.NoError(t, err)
		for _, p := range page.Policies {
			seen = append(seen, p.ID)
		}
		if page.NextCursor == "" {
			break
		}
		q.Cursor = page.NextCursor
	}
	require.Equal(t, want, seen)
	page, err := c.eng.Policies(c.ctx, teg.PoliciesQuery{Type: teg.PolicyAttestation, ActiveOnly: true, Offset: 1})
	require.NoError(t, err)
	require.EqualValues(t, 2, page.Total)
	require.Len(t, page.Policies, 1)
	require.Equal(t, want[3], page.Policies[0].ID)
	for _, bad := range []teg.PoliciesQuery{{Limit: -1}, {Offset: -1}, {Cursor: q.Cursor, ActiveOnly: true}} {
		_, err := c.eng.Policies(c.ctx, bad)
		require.ErrorIs(t, err, teg.ErrInvalidInput)
	}
}

// A cycle goes by the rate in force at its end, however late it is closed.
func TestRewardRateOfCycles(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, alice := c.t, tegtest.Fund(c.t, c.eng, "did:example:alice", "100")
		_, err := c.eng.Stake(c.ctx, teg.StakeParams{By: alice, Amount: teg.AVT("100")})
		require.NoError(t, err)
		c.clock.Advance(2*time.Hour + time.Minute)
		c.govern("rewards", teg.PolicyEconomic, `{"staking_reward_rate":"0.5"}`)
		c.clock.Advance(time.Hour)
		require.NoError(t, c.eng.Tick(c.ctx))
		var rates []string
		for event, err := range c.eng.EventsFrom(c.ctx, 0) {
			require.NoError(t, err)
			if event.Action == "reward_cycle" || event.Action == "put_policy" {
				var body struct{ Rate string }
				require.NoError(t, json.Unmarshal(event.Body, &body))
				rates = append(rates, body.Rate)
			}
		}
		require.Equal(t, []string{"0.05", "0.05", "", "0.5"}, rates)
		cycle, err := c.eng.RunRewardCycle(c.ctx, teg.CycleParams{By: tegtest.Admin})
		require.NoError(t, err)
		require.Equal(t, teg.Percent(50), cycle.Rate)
	}, tegtest.WithRewardInterval(time.Hour))
}

// A policy sets rules of the auditor, as an administrator does.
func TestPolicyOfRules(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t := c.t
		severity := func(code teg.RuleCode) teg.Severity {
			rules, err := c.eng.Rules(c.ctx)
			require.NoError(t, err)
			for _, r := range rules {
				if r.Code == code {
					return r.Severity
				}
			}
			return 0
		}
		p := mandatory("watch", teg.PolicyAuditor, `{"rules":[{"code":"FAN_IN","severity":"CRITICAL","thresholds":{"min_senders":30}}]}`)
		p.Level = ref(teg.PolicyAdvisory)
		before := severity(auditor.FanIn)
		require.NotEqual(t, teg.SeverityCritical, before)
		advice, err := c.eng.PutPolicy(c.ctx, p)
		require.NoError(t, err)
		require.Equal(t, before, severity(auditor.FanIn))
		_, err = c.eng.PutPolicy(c.ctx, teg.PutPolicyParams{By: tegtest.Admin, ID: advice.ID, PolicyEdit: teg.PolicyEdit{Level: ref(teg.PolicyMandatory)}})
		require.NoError(t, err)
		require.Equal(t, teg.SeverityCritical, severity(auditor.FanIn))
		low := teg.SeverityLow
		_, err = c.eng.SetRules(c.ctx, teg.SetRulesParams{By: tegtest.Admin, Changes: []teg.RuleChange{{Code: auditor.FanIn, Severity: &low}}})
		require.NoError(t, err)
		require.Equal(t, low, severity(auditor.FanIn), "whoever sets it later has the last word")
		c.end(advice.ID)
		require.Equal(t, low, severity(auditor.FanIn))
		for range 3 { // the rules read on over it
			_, err = c.eng.Audit(c.ctx)
			require.NoError(t, err)
		}
	})
}

// What the log tells of policies is found out where it tells something else.
func TestVerifyFindsBrokenEventsOfPolicies(t *testing.T) {
	t.Parallel()
	const of = ` WHERE action = 'put_policy'`
	tell := func(other func(hex string) string) [2]string {
		return [2]string{`UPDATE events SET body = decode(` + other(`encode(body, 'hex')`) + `, 'hex')` + of, `UPDATE events SET body = unhex(` + other(`lower(hex(body))`) + `)` + of}
	}
	instead := func(from, to string) [2]string {
		return tell(func(text string) string { return fmt.Sprintf(`replace(%s, '%x', '%x')`, text, from, to) })
	}
	away := `UPDATE events SET position = position + 1000` + of
	back := `UPDATE events SET position = 2 * (SELECT size FROM log_head) - 3 - (position - 1000)` + of
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		for name, damages := range map[string][][2]string{
			"the rules that one sets": {instead(`{"code":"FAN_IN","severity":"CRITICAL"}`, `{"code":"FAN_IN","severity":"LOW"}`)},
			"what was done":           {instead(`{"action":"put_policy"`, `{"action":"set_rules"`)},
			"the order":               {{away, away}, {back, back}},
		} {
			st := open(t)
			c := &conduct{t: t, ctx: limited(t), eng: saidBooks(t, st)}
			p := c.govern("watch", teg.PolicyAuditor, `{"rules":[{"code":"FAN_IN","severity":"CRITICAL"}]}`)
			c.amend(p.ID, `{}`)
			tegtest.Verify(t, c.eng)
			for _, damage := range damages {
				_, sqlite := st.(*sqlite.Store)
				storetest.Damage(t, st, damage[map[bool]int{true: 1}[sqlite]])
			}
			report, err := c.eng.Verify(c.ctx)
			require.ErrorIs(t, err, teg.ErrBroken, name)
			require.Equal(t, []string{"log"}, invariants(report), "%s: %v", name, report.Findings)
		}
	})
}

// Each way of breaking a policy is found.
func TestVerifyFindsBrokenPolicies(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{
		"what it sets":       `UPDATE teg_policies SET parameters = '{"transfer_fee":"9"}'`,
		"whether it does":    `UPDATE teg_policies SET level = 1`,
		"a version":          `UPDATE teg_policy_versions SET parameters = '{}' WHERE change = 1`,
		"who made a version": `UPDATE teg_policy_versions SET changed_by = 'did:example:bob' WHERE change = 1`,
		"when it was made":   `UPDATE teg_policy_versions SET created_at = (SELECT created_at FROM agent_teg_profiles LIMIT 1) WHERE change = 1`,
		"a missing version":  `DELETE FROM teg_policy_versions WHERE change = 1`,
		"the last version":   `DELETE FROM teg_policy_versions WHERE change = 2`,
		"no versions":        `DELETE FROM teg_policy_versions`,
		"a missing policy":   `DELETE FROM teg_policies`,
		"the version":        `UPDATE log_head SET terms_version = 1`,
		"an event":           `DELETE FROM events WHERE action = 'put_policy'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
				st := open(t)
				c := &conduct{t: t, ctx: limited(t), eng: saidBooks(t, st)}
				p := c.govern("fees", teg.PolicyEconomic, `{"transfer_fee":"2"}`)
				c.amend(p.ID, `{"transfer_fee":"3"}`)
				tegtest.Verify(t, c.eng)
				storetest.Damage(t, st, damage)
				report, err := c.eng.Verify(c.ctx)
				require.ErrorIs(t, err, teg.ErrBroken)
				require.Subset(t, []string{"policies", "log"}, invariants(report), "%v", report.Findings)
				if name == "the version" {
					_, err := c.eng.Transfer(c.ctx, teg.TransferParams{From: teg.Agent("did:example:alice"), To: teg.Agent("did:example:bob"), Amount: teg.AVT("1")})
					require.ErrorIs(t, err, teg.ErrInternal, "nothing is decided by terms of which it is not known what they are")
				}
			})
		})
	}
}

// What a newer program wrote is no reason to decide by what is left of it.
func TestPoliciesOfAnotherProgram(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, other := c.t, c.neighbour()
		agents := tegtest.FundMany(t, c.eng, 2, "100")
		c.govern("fees", teg.PolicyEconomic, `{"transfer_fee":"2"}`)
		storetest.Damage(t, c.store, `UPDATE teg_policies SET parameters = '{"toll":"1","transfer_fee":"2"}'`)
		_, err := other.eng.Transfer(c.ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
		require.ErrorIs(t, err, teg.ErrInternal)
		_, err = teg.New(c.ctx, c.store, teg.Config{})
		require.ErrorContains(t, err, "the policy fees, which is in force, is not known to this program")
		storetest.Damage(t, c.store, `UPDATE teg_policies SET parameters = '{"transfer_fee":"2"}'`)
		require.Equal(t, "2", other.fee(agents[0], agents[1]))
	})
}

// A question in a transaction that sees the past does not bring that back.
func TestTermsInATransactionThatSeesThePast(t *testing.T) {
	t.Parallel()
	c := newConduct(t, storetest.OpenPostgres(t))
	tx, host := hostOf(t, c.store, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	_, err := tx.Exec(`SELECT count(*) FROM teg_policies`)
	require.NoError(t, err)
	c.govern("fees", teg.PolicyEconomic, `{"transfer_fee":"2"}`)
	_, err = c.eng.Using(host).LatestTerms(c.ctx)
	require.NoError(t, err)
	require.Equal(t, "2", c.eng.Terms().Fees.Fixed.String())
	require.NoError(t, tx.Rollback())
}

// An engine does not start under terms that contradict each other.
func TestConfigurationAgainstPolicies(t *testing.T) {
	t.Parallel()
	c := newConduct(t, storetest.OpenSQLite(t))
	c.govern("most", teg.PolicyEconomic, `{"max_transfer_amount":"5"}`)
	terms := teg.DefaultTerms()
	terms.MinTransfer = teg.AVT("6")
	_, err := teg.New(c.ctx, c.store, teg.Config{Terms: &terms})
	require.ErrorIs(t, err, teg.ErrInvalidInput)
	require.ErrorContains(t, err, "policies in force contradict")
}
