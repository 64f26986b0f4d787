package teg_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// unproven is an engine over books that a test damages, so that nobody proves them in
// the end.
func unproven(t *testing.T, st store.Store) *conduct {
	eng, err := teg.New(limited(t), st, teg.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	return &conduct{t: t, ctx: limited(t), eng: eng}
}

// audit lets the rules see all there is.
func (c *conduct) audit() teg.AuditProgress {
	c.t.Helper()
	p, err := c.eng.Audit(c.ctx)
	require.NoError(c.t, err)
	require.False(c.t, p.Elsewhere)
	return p
}

// rest leaves reading to others.
func (c *conduct) rest() {
	ended, end := context.WithCancel(c.ctx)
	end()
	require.NoError(c.t, c.eng.RunAuditor(ended))
}

// set changes rules.
func (c *conduct) set(changes ...teg.RuleChange) {
	c.t.Helper()
	_, err := c.eng.SetRules(c.ctx, teg.SetRulesParams{By: tegtest.Admin, Changes: changes})
	require.NoError(c.t, err)
}

// only leaves one rule enabled, with a threshold of its own.
func (c *conduct) only(code teg.RuleCode, thresholds map[string]teg.Amount) {
	c.t.Helper()
	rules, err := c.eng.Rules(c.ctx)
	require.NoError(c.t, err)
	var changes []teg.RuleChange
	for _, rule := range rules {
		enabled := rule.Code == code
		changes = append(changes, teg.RuleChange{Code: rule.Code, Enabled: &enabled})
	}
	c.set(append(changes, teg.RuleChange{Code: code, Thresholds: thresholds})...)
}

// flags are all flags, the oldest first, by code and agent.
func (c *conduct) flags(shadow bool) (list []string) {
	c.t.Helper()
	page, err := c.eng.Flags(c.ctx, teg.FlagsQuery{Limit: teg.MaxLimit, Shadow: shadow})
	require.NoError(c.t, err)
	for _, f := range page.Flags {
		list = append([]string{fmt.Sprintf("%s %s", f.Code, f.Agent)}, list...)
	}
	return list
}

// burst has an agent pay n times.
func (c *conduct) burst(from, to teg.DID, n int) (ids []teg.TransactionID) {
	for range n {
		ids = append(ids, c.pay(from, to))
	}
	return ids
}

var three = map[string]teg.Amount{"max_transfers": teg.AVT("2")}

// What a rule has found is a flag, with the transactions that made it, once.
func TestAuditor(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		c.only(auditor.HighVelocity, three)
		c.burst(agents[1], agents[0], 2)
		paid := c.burst(agents[0], agents[1], 4)
		progress := c.audit()
		require.EqualValues(t, 1, progress.Findings)
		require.Positive(t, progress.Events)
		require.Zero(t, c.audit().Findings)
		page, err := c.eng.Flags(c.ctx, teg.FlagsQuery{})
		require.NoError(t, err)
		require.Len(t, page.Flags, 1)
		f := page.Flags[0]
		require.Equal(t, teg.Flag{
			ID: f.ID, Agent: agents[0], Code: auditor.HighVelocity, Reason: f.Reason, Severity: teg.SeverityMedium, Status: teg.FlagNew,
			Transactions: paid[:3], WindowStart: c.clock.Now().Truncate(5 * time.Minute), Steps: 1, CreatedAt: c.clock.Now(), UpdatedAt: c.clock.Now(),
		}, f.Flag)
		require.Contains(t, f.Reason, "more than 2 payments")

		c.clock.Advance(5 * time.Minute)
		c.burst(agents[0], agents[1], 3)
		require.EqualValues(t, 1, c.audit().Findings, "another window")
		stats, err := c.eng.AuditorStats(c.ctx)
		require.NoError(t, err)
		require.Equal(t, map[teg.Severity]int64{teg.SeverityMedium: 2}, stats.Rules[0].Severities)
	})
}

// What acts are to the rules, as far as it is not plain from their names.
func TestWhatRulesSee(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 3, "1000")
		alice, bob, carol := agents[0], agents[1], agents[2]
		c.only(auditor.HighVelocity, three)
		for range 3 {
			held, err := c.eng.Hold(c.ctx, teg.HoldParams{From: alice, To: bob, Amount: teg.AVT("2")})
			require.NoError(t, err)
			_, err = c.eng.Capture(c.ctx, teg.CaptureParams{By: alice, HoldID: held.HoldID})
			require.NoError(t, err)
			_, err = c.eng.Refund(c.ctx, teg.RefundParams{By: carol, TransactionID: c.pay(bob, carol), Amount: teg.AVT("1")})
			require.NoError(t, err)
			_, err = c.eng.TransferToSystem(c.ctx, teg.SystemTransferParams{From: carol, Amount: teg.AVT("1")})
			require.NoError(t, err)
			_, err = c.eng.Adjust(c.ctx, teg.AdjustParams{By: tegtest.Admin, From: carol, To: alice, Amount: teg.AVT("1"), Reason: "x"})
			require.NoError(t, err)
		}
		_, err := c.eng.TransferBatch(c.ctx, teg.BatchParams{From: carol, Key: "b", Transfers: []teg.BatchTransfer{
			{To: bob, Amount: teg.AVT("1")}, {To: bob, Amount: teg.AVT("1")},
		}})
		require.NoError(t, err)
		c.audit()
		require.Equal(t, []string{"HIGH_VELOCITY_TRANSFERS " + bob.String(), "HIGH_VELOCITY_TRANSFERS " + alice.String()}, sortedBy(c.flags(false), bob),
			"captures and transfers are payments; refunds, what goes to the system and what an administrator moves are not")

		c.only(auditor.RepeatedFailure, map[string]teg.Amount{"min_failures": teg.AVT("2")})
		report := func(id string, by teg.DID, how teg.ServiceOutcome) {
			_, err := c.eng.ReportOutcome(c.ctx, teg.OutcomeParams{By: by, AVTP: id, Initiator: alice, Responder: carol, Outcome: how})
			require.NoError(t, err)
		}
		report("one", alice, teg.OutcomeFailureProvider)
		report("two", alice, teg.OutcomeFailureProvider)
		c.audit()
		require.Len(t, c.flags(false), 2, "nobody agrees yet")
		report("one", carol, teg.OutcomeFailureProvider)
		c.audit()
		require.Len(t, c.flags(false), 2, "one failure, told by two")
		report("two", carol, teg.OutcomeFailureProvider)
		c.audit()
		require.Equal(t, "REPEATED_AVTP_FAILURE "+carol.String(), c.flags(false)[2])

		c.only(auditor.Dormant, nil)
		c.clock.Advance(40 * 24 * time.Hour)
		_, err = c.eng.Issue(c.ctx, teg.IssueParams{By: tegtest.Admin, To: alice, Amount: teg.AVT("500"), Reason: "x", Key: "late"})
		require.NoError(t, err)
		for _, agent := range []teg.DID{alice, bob} {
			_, err := c.eng.Transfer(c.ctx, teg.TransferParams{From: agent, To: carol, Amount: teg.AVT("200")})
			require.NoError(t, err)
		}
		c.audit()
		require.Equal(t, []string{"DORMANT_REACTIVATION " + bob.String()}, c.flags(false)[3:], "who was funded is awake")
	})
}

// sortedBy puts the flag of one agent first.
func sortedBy(flags []string, first teg.DID) []string {
	if len(flags) == 2 && flags[1] == "HIGH_VELOCITY_TRANSFERS "+first.String() {
		flags[0], flags[1] = flags[1], flags[0]
	}
	return flags
}
