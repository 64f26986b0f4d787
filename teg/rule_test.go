package teg_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A change of rules is in force from its place in the log, for who reads it later too.
func TestRulesChangeFromTheirMoment(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 4, "100")
		c.only(auditor.HighVelocity, three)
		c.burst(agents[0], agents[3], 3)
		on, off, high := true, false, teg.SeverityHigh
		c.set(teg.RuleChange{Code: auditor.HighVelocity, Shadow: &on})
		c.burst(agents[1], agents[3], 3)
		c.set(teg.RuleChange{Code: auditor.HighVelocity, Enabled: &off})
		c.burst(agents[2], agents[3], 3)
		c.set(teg.RuleChange{Code: auditor.HighVelocity, Enabled: &on, Shadow: &off, Severity: &high})
		c.audit()
		require.Equal(t, []string{"HIGH_VELOCITY_TRANSFERS " + agents[0].String()}, c.flags(false), "what was done before is nobody's fault")
		require.Equal(t, []string{"HIGH_VELOCITY_TRANSFERS " + agents[1].String()}, c.flags(true))
		c.pay(agents[2], agents[3]) // who goes on with it is seen: rules look back
		c.audit()
		page, err := c.eng.Flags(c.ctx, teg.FlagsQuery{Severity: teg.SeverityHigh})
		require.NoError(t, err)
		require.Len(t, page.Flags, 1)
		require.Equal(t, agents[2], page.Flags[0].Agent)
		require.Len(t, page.Flags[0].Transactions, 3, "the newest that it takes")

		shadow, err := c.eng.Flags(c.ctx, teg.FlagsQuery{Shadow: true})
		require.NoError(t, err)
		_, err = c.eng.UpdateFlag(c.ctx, teg.UpdateFlagParams{By: tegtest.Admin, FlagID: shadow.Flags[0].ID, Status: teg.FlagUnderReview})
		require.ErrorIs(t, err, teg.ErrInvalidState, "what a rule in shadow has found is only counted")
		stats, err := c.eng.AuditorStats(c.ctx)
		require.NoError(t, err)
		require.EqualValues(t, 1, stats.Rules[0].Shadow)
		require.EqualValues(t, 2, stats.Rules[0].New)

		rules, err := c.eng.Rules(c.ctx)
		require.NoError(t, err)
		require.Equal(t, teg.SeverityHigh, rules[0].Severity)
		require.False(t, rules[0].Shadow)
		value, _ := rules[0].Threshold("max_transfers")
		require.Equal(t, teg.AVT("2"), value)
	})
}

// The same key again answers how the rules were set then.
func TestRuleKeys(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, off := c.t, false
		p := teg.SetRulesParams{By: tegtest.Admin, Key: "k", Changes: []teg.RuleChange{{Code: auditor.HighVelocity, Thresholds: three}}}
		first, err := c.eng.SetRules(c.ctx, p)
		require.NoError(t, err)
		c.set(teg.RuleChange{Code: auditor.HighVelocity, Enabled: &off})
		again, err := c.eng.SetRules(c.ctx, p)
		require.NoError(t, err)
		require.Equal(t, teg.RulesReceipt{Rules: first.Rules, Replayed: true}, again)
		require.True(t, again.Rules[0].Enabled)
		p.Changes = []teg.RuleChange{{Code: auditor.FanIn, Enabled: &off}}
		_, err = c.eng.SetRules(c.ctx, p)
		require.ErrorIs(t, err, teg.ErrKeyReused)
		outcomes, err := c.eng.Operation(c.ctx, tegtest.Admin, "k")
		require.NoError(t, err)
		require.Equal(t, []teg.Outcome{{Verb: store.VerbSetRules}}, outcomes)
	})
}

func TestRulePages(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		rules, err := c.eng.Rules(c.ctx)
		require.NoError(c.t, err)
		var paged []teg.Rule
		query := teg.RulesQuery{Viewer: tegtest.Admin, Limit: 5}
		for {
			page, err := c.eng.RulesPage(c.ctx, query)
			require.NoError(c.t, err)
			require.Equal(c.t, map[bool]int64{true: int64(len(rules)), false: -1}[query.Cursor == ""], page.Total)
			paged = append(paged, page.Rules...)
			if query.Cursor = page.NextCursor; query.Cursor == "" {
				break
			}
			_, err = c.eng.RulesPage(c.ctx, teg.RulesQuery{Cursor: query.Cursor})
			require.ErrorIs(c.t, err, teg.ErrInvalidInput, "it is another's")
		}
		require.Equal(c.t, rules, paged)
		last, err := c.eng.RulesPage(c.ctx, teg.RulesQuery{Offset: 100})
		require.NoError(c.t, err)
		require.Empty(c.t, last.Rules)
	})
}

func TestRuleRefusals(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		bad := teg.Severity(9)
		for name, changes := range map[string][]teg.RuleChange{
			"none":      nil,
			"too many":  make([]teg.RuleChange, 101),
			"a code":    {{Code: "NOT_A_RULE"}},
			"severity":  {{Code: auditor.FanIn, Severity: &bad}},
			"name":      {{Code: auditor.FanIn, Thresholds: map[string]teg.Amount{"max_transfers": teg.AVT("2")}}},
			"range":     {{Code: auditor.FanIn, Thresholds: map[string]teg.Amount{"min_senders": teg.AVT("1")}}},
			"of two, 1": {{Code: auditor.FanIn, Thresholds: map[string]teg.Amount{"min_senders": teg.AVT("30")}}, {Code: "X"}},
		} {
			_, err := c.eng.SetRules(c.ctx, teg.SetRulesParams{By: tegtest.Admin, Changes: changes})
			require.ErrorIs(c.t, err, teg.ErrInvalidInput, name)
		}
		rules, err := c.eng.Rules(c.ctx)
		require.NoError(c.t, err)
		require.Equal(c.t, auditor.NewPack().Settings(), rules)
		entries, err := c.eng.AuditLog(c.ctx, teg.AuditLogQuery{Action: "set_rules"})
		require.NoError(c.t, err)
		require.Empty(c.t, entries.Entries)
	})
}

// Rules can be tried on what has happened before they are set so.
func TestRulesOnTrial(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		start := c.clock.Now()
		c.burst(agents[0], agents[1], 3)
		c.clock.Advance(time.Hour)
		later := c.clock.Now()
		c.burst(agents[0], agents[1], 3)
		before := everyEvent(c)
		change := []teg.RuleChange{{Code: auditor.HighVelocity, Thresholds: three}}
		for name, trial := range map[string]struct {
			params teg.TryRulesParams
			want   int64
		}{
			"as they are":     {teg.TryRulesParams{}, 0},
			"all there is":    {teg.TryRulesParams{Changes: change}, 2},
			"the second hour": {teg.TryRulesParams{Changes: change, From: later}, 1},
			"the first hour":  {teg.TryRulesParams{Changes: change, To: later}, 1},
			"nothing":         {teg.TryRulesParams{Changes: change, From: start.Add(-time.Hour), To: start.Add(-time.Minute)}, 0},
		} {
			result, err := c.eng.TryRules(c.ctx, trial.params)
			require.NoError(t, err, name)
			require.Equal(t, teg.RuleTrialCount{Code: auditor.HighVelocity, Findings: trial.want, Agents: min(trial.want, 1)}, result.Rules[0], name)
			require.Len(t, result.Findings, int(trial.want), name)
			require.True(t, result.Complete, name)
		}
		cut, err := c.eng.TryRules(c.ctx, teg.TryRulesParams{Changes: change, MaxEvents: int64(len(before)) - 1, Limit: 1})
		require.NoError(t, err)
		require.False(t, cut.Complete)
		require.EqualValues(t, len(before)-1, cut.Events)
		require.EqualValues(t, 1, cut.Rules[0].Findings)
		hasty, err := c.eng.TryRules(c.ctx, teg.TryRulesParams{Patience: 1})
		require.NoError(t, err)
		require.Equal(t, []any{false, int64(0)}, []any{hasty.Complete, hasty.Events})
		require.Equal(t, before, everyEvent(c), "a trial leaves no trace")
		require.Empty(t, c.flags(false))
		for _, bad := range []teg.TryRulesParams{{Changes: []teg.RuleChange{{Code: "X"}}}, {MaxEvents: -1}, {Patience: -1}, {Limit: -1}, {From: later, To: start}} {
			_, err := c.eng.TryRules(c.ctx, bad)
			require.ErrorIs(t, err, teg.ErrInvalidInput)
		}
	})
}

func everyEvent(c *conduct) (list []string) {
	for entry, err := range c.eng.EventsFrom(c.ctx, 0) {
		require.NoError(c.t, err)
		list = append(list, entry.ID.String())
	}
	return list
}

// A rule that is switched on, or set otherwise, knows what was before: it takes nobody
// for asleep who was awake.
func TestRulesRememberWhenTheyAreChanged(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents, off, on := c.t, tegtest.FundMany(c.t, c.eng, 2, "10000"), false, true
		c.only(auditor.Dormant, nil)
		c.set(teg.RuleChange{Code: auditor.Dormant, Enabled: &off})
		work := func(days int) {
			for range days {
				c.clock.Advance(24 * time.Hour)
				_, err := c.eng.Transfer(c.ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("150")})
				require.NoError(t, err)
			}
			c.audit()
		}
		work(35)
		c.set(teg.RuleChange{Code: auditor.Dormant, Enabled: &on})
		work(2)
		c.set(teg.RuleChange{Code: auditor.Dormant, Thresholds: map[string]teg.Amount{"dormant_days": teg.AVT("20")}})
		work(2)
		require.Empty(t, c.flags(false))
		c.clock.Advance(20 * 24 * time.Hour)
		work(1)
		require.Len(t, c.flags(false), 1)
	})
}

// The rules of a newer program are left out, and the others go on.
func TestRulesOfAnotherVersion(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		c := unproven(t, st)
		severity := teg.SeverityHigh
		c.set(teg.RuleChange{Code: auditor.FanIn, Severity: &severity}, teg.RuleChange{Code: auditor.FanOut, Severity: &severity})
		body := `REPLACE(CAST(body AS TEXT), '"FAN_IN","severity":"HIGH"', '"FAN_IN","severity":"EXTREME"')`
		if _, ok := st.(*postgres.Store); ok {
			body = `convert_to(replace(convert_from(body, 'UTF8'), '"FAN_IN","severity":"HIGH"', '"FAN_IN","severity":"EXTREME"'), 'UTF8')`
		} else {
			body = `CAST(` + body + ` AS BLOB)`
		}
		storetest.Damage(t, st, `UPDATE events SET body = `+body+` WHERE action = 'set_rules'`)
		c.audit()
		rules, err := c.eng.Rules(c.ctx)
		require.NoError(t, err)
		for _, rule := range rules {
			switch rule.Code {
			case auditor.FanIn:
				require.Equal(t, teg.SeverityMedium, rule.Severity)
			case auditor.FanOut:
				require.Equal(t, teg.SeverityHigh, rule.Severity)
			}
		}
		c.set(teg.RuleChange{Code: auditor.FanIn, Severity: &severity}) // repairs it
	})
}
