package teg_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// accuse flags an agent by hand.
func (c *conduct) accuse(agent teg.DID, severity teg.Severity) teg.Flag {
	f, err := c.eng.RaiseFlag(c.ctx, teg.RaiseFlagParams{By: tegtest.Admin, Agent: agent, Code: "PHISHING", Reason: "asked for a key", Severity: severity})
	require.NoError(c.t, err)
	return f.Flag
}

func (c *conduct) become(id teg.FlagID, status teg.FlagStatus, notes string) teg.Flag {
	f, err := c.eng.UpdateFlag(c.ctx, teg.UpdateFlagParams{By: tegtest.Admin, FlagID: id, Status: status, Notes: notes})
	require.NoError(c.t, err)
	return f.Flag
}

// A flag goes its way, and each step is kept.
func TestFlagReview(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		paid := c.pay(agents[0], agents[1])
		raised, err := c.eng.RaiseFlag(c.ctx, teg.RaiseFlagParams{
			By: tegtest.Admin, Agent: agents[1], Code: auditor.FanIn, Reason: "all at once", Severity: teg.SeverityHigh, Transactions: []teg.TransactionID{paid, paid},
		})
		require.NoError(t, err)
		at := c.clock.Now()
		want := teg.Flag{
			ID: raised.ID, Agent: agents[1], Code: auditor.FanIn, Reason: "all at once", Severity: teg.SeverityHigh, Status: teg.FlagNew,
			Transactions: []teg.TransactionID{paid}, RaisedBy: tegtest.Admin, Steps: 1, CreatedAt: at, UpdatedAt: at,
		}
		require.Equal(t, want, raised.Flag)

		c.clock.Advance(time.Minute)
		want.Status, want.Notes, want.Steps, want.UpdatedAt = teg.FlagUnderReview, "looking", 2, c.clock.Now()
		require.Equal(t, want, c.become(raised.ID, teg.FlagUnderReview, "looking"))
		escalated, err := c.eng.EscalateFlag(c.ctx, teg.EscalateFlagParams{By: tegtest.Admin, FlagID: raised.ID, Reason: "worse"})
		require.NoError(t, err)
		want.Severity, want.Notes, want.Steps = teg.SeverityCritical, "worse", 3
		require.Equal(t, want, escalated.Flag)
		_, err = c.eng.EscalateFlag(c.ctx, teg.EscalateFlagParams{By: tegtest.Admin, FlagID: raised.ID, Reason: "more"})
		require.ErrorIs(t, err, teg.ErrInvalidState, "nothing is above CRITICAL")

		require.Zero(t, c.score(agents[1]))
		want.Status, want.Steps = teg.FlagResolved, 4
		require.Equal(t, want, c.become(raised.ID, teg.FlagResolved, ""))
		require.Equal(t, -50, c.score(agents[1]), "in the same commit")
		history, err := c.eng.ReputationHistory(c.ctx, teg.ReputationHistoryQuery{Agent: agents[1]})
		require.NoError(t, err)
		require.Equal(t, []teg.ReputationEvent{
			{At: c.clock.Now(), Change: -50, Requested: -50, Score: -50, Reason: "flag_confirmed", RelatedID: raised.ID.String()},
		}, history.Events)
		public, err := c.eng.ReputationHistory(c.ctx, teg.ReputationHistoryQuery{Agent: agents[1], Public: true, Viewer: agents[0]})
		require.NoError(t, err)
		require.Empty(t, public.Events[0].RelatedID, "which flag it was is not for everybody")

		steps, err := c.eng.FlagHistory(c.ctx, raised.ID)
		require.NoError(t, err)
		require.Equal(t, teg.FlagStep{Flag: raised.ID, Seq: 1, By: tegtest.Admin, Status: teg.FlagNew, Severity: teg.SeverityHigh, At: at}, steps[0])
		require.Equal(t, teg.FlagStep{
			Flag: raised.ID, Seq: 3, By: tegtest.Admin, Status: teg.FlagUnderReview, Severity: teg.SeverityCritical, Notes: "worse", At: c.clock.Now(),
		}, steps[2])
		require.Len(t, steps, 4)
		_, err = c.eng.UpdateFlag(c.ctx, teg.UpdateFlagParams{By: tegtest.Admin, FlagID: raised.ID, Status: teg.FlagFalsePositive})
		require.ErrorIs(t, err, teg.ErrInvalidState, "an end is an end")
	})
}

// Only a CRITICAL flag that is confirmed costs anything, and no more than the terms say.
func TestFlagsThatCostNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		agents := tegtest.FundMany(c.t, c.eng, 2, "1")
		high, false_ := c.accuse(agents[0], teg.SeverityHigh), c.accuse(agents[0], teg.SeverityCritical)
		for _, f := range []teg.Flag{high, false_} {
			c.become(f.ID, teg.FlagUnderReview, "")
		}
		c.become(high.ID, teg.FlagResolved, "")
		c.become(false_.ID, teg.FlagFalsePositive, "a mistake")
		require.Zero(c.t, c.score(agents[0]))
		f := c.accuse(agents[1], teg.SeverityCritical)
		c.become(f.ID, teg.FlagUnderReview, "")
		c.become(f.ID, teg.FlagResolved, "")
		require.Equal(c.t, -7, c.score(agents[1]))
	}, withReputation(func(terms *teg.ReputationTerms) { terms.CriticalFlag = -7 }))
}

func TestFlagRefusals(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "1")
		good := teg.RaiseFlagParams{By: tegtest.Admin, Agent: agents[0], Code: "X", Reason: "x", Severity: teg.SeverityLow}
		for name, bad := range map[string]struct {
			spoil func(*teg.RaiseFlagParams)
			want  error
		}{
			"nobody":               {func(p *teg.RaiseFlagParams) { p.Agent = teg.DID{} }, teg.ErrInvalidInput},
			"by nobody":            {func(p *teg.RaiseFlagParams) { p.By = teg.DID{} }, teg.ErrInvalidInput},
			"a stranger":           {func(p *teg.RaiseFlagParams) { p.Agent = teg.Agent("did:example:stranger") }, teg.ErrNotFound},
			"the treasury":         {func(p *teg.RaiseFlagParams) { p.Agent = c.eng.TreasuryDID() }, teg.ErrNotFound},
			"code":                 {func(p *teg.RaiseFlagParams) { p.Code = "not a code" }, teg.ErrInvalidInput},
			"no reason":            {func(p *teg.RaiseFlagParams) { p.Reason = " " }, teg.ErrInvalidInput},
			"a long reason":        {func(p *teg.RaiseFlagParams) { p.Reason = strings.Repeat("x", 501) }, teg.ErrInvalidInput},
			"severity":             {func(p *teg.RaiseFlagParams) { p.Severity = 9 }, teg.ErrInvalidInput},
			"unknown transactions": {func(p *teg.RaiseFlagParams) { p.Transactions = []teg.TransactionID{{1}} }, teg.ErrNotFound},
			"many transactions":    {func(p *teg.RaiseFlagParams) { p.Transactions = make([]teg.TransactionID, 101) }, teg.ErrInvalidInput},
			"key":                  {func(p *teg.RaiseFlagParams) { p.Key = "with space" }, teg.ErrInvalidInput},
		} {
			p := good
			bad.spoil(&p)
			_, err := c.eng.RaiseFlag(c.ctx, p)
			require.ErrorIs(t, err, bad.want, name)
		}
		page, err := c.eng.Flags(c.ctx, teg.FlagsQuery{})
		require.NoError(t, err)
		require.Empty(t, page.Flags)

		f := c.accuse(agents[0], teg.SeverityLow)
		for name, bad := range map[string]struct {
			params teg.UpdateFlagParams
			want   error
		}{
			"not there":     {teg.UpdateFlagParams{By: tegtest.Admin, FlagID: teg.FlagID{1}, Status: teg.FlagUnderReview}, teg.ErrNotFound},
			"no state":      {teg.UpdateFlagParams{By: tegtest.Admin, FlagID: f.ID}, teg.ErrInvalidInput},
			"past a review": {teg.UpdateFlagParams{By: tegtest.Admin, FlagID: f.ID, Status: teg.FlagResolved}, teg.ErrInvalidState},
			"by nobody":     {teg.UpdateFlagParams{FlagID: f.ID, Status: teg.FlagUnderReview}, teg.ErrInvalidInput},
			"by itself":     {teg.UpdateFlagParams{By: agents[0], FlagID: f.ID, Status: teg.FlagUnderReview}, teg.ErrForbidden},
			"long notes":    {teg.UpdateFlagParams{By: tegtest.Admin, FlagID: f.ID, Status: teg.FlagUnderReview, Notes: strings.Repeat("x", 2001)}, teg.ErrInvalidInput},
		} {
			_, err := c.eng.UpdateFlag(c.ctx, bad.params)
			require.ErrorIs(t, err, bad.want, name)
		}
		_, err = c.eng.EscalateFlag(c.ctx, teg.EscalateFlagParams{By: tegtest.Admin, FlagID: f.ID})
		require.ErrorIs(t, err, teg.ErrInvalidInput, "without a reason")
		_, err = c.eng.FlagHistory(c.ctx, teg.FlagID{1})
		require.ErrorIs(t, err, teg.ErrNotFound)
		unchanged, err := c.eng.Flag(c.ctx, f.ID)
		require.NoError(t, err)
		require.Equal(t, f, unchanged)
	})
}

// The same key again answers what it answered then, whatever has become of the flag.
func TestFlagKeys(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 1, "1")
		raise := teg.RaiseFlagParams{By: tegtest.Admin, Agent: agents[0], Code: "X", Reason: "x", Severity: teg.SeverityLow, Key: "raise"}
		first, err := c.eng.RaiseFlag(c.ctx, raise)
		require.NoError(t, err)
		escalate := teg.EscalateFlagParams{By: tegtest.Admin, FlagID: first.ID, Reason: "worse", Key: "up"}
		second, err := c.eng.EscalateFlag(c.ctx, escalate)
		require.NoError(t, err)
		review := teg.UpdateFlagParams{By: tegtest.Admin, FlagID: first.ID, Status: teg.FlagUnderReview, Key: "review"}
		third, err := c.eng.UpdateFlag(c.ctx, review)
		require.NoError(t, err)
		c.become(first.ID, teg.FlagResolved, "late")
		again, err := c.eng.RaiseFlag(c.ctx, raise)
		require.NoError(t, err)
		require.Equal(t, teg.FlagReceipt{Flag: first.Flag, Replayed: true}, again)
		again, err = c.eng.EscalateFlag(c.ctx, escalate)
		require.NoError(t, err)
		require.Equal(t, teg.FlagReceipt{Flag: second.Flag, Replayed: true}, again)
		again, err = c.eng.UpdateFlag(c.ctx, review)
		require.NoError(t, err)
		require.Equal(t, teg.FlagReceipt{Flag: third.Flag, Replayed: true}, again)
		raise.Reason = "y"
		_, err = c.eng.RaiseFlag(c.ctx, raise)
		require.ErrorIs(t, err, teg.ErrKeyReused)
		outcomes, err := c.eng.Operation(c.ctx, tegtest.Admin, "raise")
		require.NoError(t, err)
		require.Equal(t, []teg.Outcome{{Verb: store.VerbRaiseFlag}}, outcomes)
	})
}

// What names nothing is told in its turn: not to one who is suspended, and under a key
// for good.
func TestUnknownFlagsInTheirTurn(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "1")
		acts := map[string]func() error{
			"raise": func() error {
				_, err := c.eng.RaiseFlag(c.ctx, teg.RaiseFlagParams{
					By: agents[0], Agent: agents[1], Code: "X", Reason: "x", Severity: teg.SeverityLow, Transactions: []teg.TransactionID{{1}}, Key: "k",
				})
				return err
			},
			"update": func() error {
				_, err := c.eng.UpdateFlag(c.ctx, teg.UpdateFlagParams{By: agents[0], FlagID: teg.FlagID{1}, Status: teg.FlagUnderReview, Key: "k"})
				return err
			},
			"escalate": func() error {
				_, err := c.eng.EscalateFlag(c.ctx, teg.EscalateFlagParams{By: agents[0], FlagID: teg.FlagID{1}, Reason: "x", Key: "k"})
				return err
			},
		}
		for name, act := range acts {
			first, again := act(), act()
			require.ErrorIs(t, first, teg.ErrNotFound, name)
			require.Equal(t, []bool{false, true}, []bool{teg.Replayed(first), teg.Replayed(again)}, name)
		}
		_, err := c.eng.SuspendAgent(c.ctx, teg.StandingParams{By: tegtest.Admin, Agent: agents[0], Reason: "spam"})
		require.NoError(t, err)
		for name, act := range acts {
			require.ErrorIs(t, act(), teg.ErrSuspended, name)
		}
	})
}

// Of many who confirm a CRITICAL flag at once, on two engines, one does, and it costs
// the agent once.
func TestOneConfirmation(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		var engines [2]*teg.Engine
		for i, st := range stores {
			engines[i] = tegtest.Over(t, st)
		}
		c := &conduct{t: t, ctx: limited(t), eng: engines[0]}
		agents := tegtest.FundMany(t, engines[0], 1, "1")
		f := c.accuse(agents[0], teg.SeverityCritical)
		c.become(f.ID, teg.FlagUnderReview, "")
		var done atomic.Int64
		together(20, func(i int) {
			_, err := engines[i%2].UpdateFlag(c.ctx, teg.UpdateFlagParams{By: tegtest.Admin, FlagID: f.ID, Status: teg.FlagResolved, Notes: fmt.Sprint(i)})
			if err == nil {
				done.Add(1)
			} else {
				require.ErrorIs(t, err, teg.ErrInvalidState)
			}
		})
		require.EqualValues(t, 1, done.Load())
		require.Equal(t, -50, c.score(agents[0]))
		tegtest.Verify(t, engines[1])
	})
}

func TestFlagPages(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "100")
		c.say(agents[1], agents[0], 1)
		var want []teg.FlagID
		for i := range 7 {
			want = append([]teg.FlagID{c.accuse(agents[i%2], teg.Severity(1+i%4)).ID}, want...)
		}
		var found []teg.FlagID
		query := teg.FlagsQuery{Limit: 3}
		for {
			page, err := c.eng.Flags(c.ctx, query)
			require.NoError(t, err)
			for _, f := range page.Flags {
				found = append(found, f.ID)
				trust, err := c.eng.Trust(c.ctx, teg.TrustQuery{Agent: f.Agent})
				require.NoError(t, err)
				require.NotNil(t, f.Trust)
				require.Equal(t, trust.Score, f.Trust)
			}
			if query.Cursor = page.NextCursor; query.Cursor == "" {
				break
			}
		}
		require.Equal(t, want, found)
		page, err := c.eng.Flags(c.ctx, teg.FlagsQuery{Agent: agents[0], Severity: teg.SeverityLow, Code: "PHISHING", Status: teg.FlagNew})
		require.NoError(t, err)
		require.EqualValues(t, 2, page.Total)
		page, err = c.eng.Flags(c.ctx, teg.FlagsQuery{Limit: 2, Offset: 5})
		require.NoError(t, err)
		require.Len(t, page.Flags, 2)
		require.Equal(t, want[5], page.Flags[0].ID)
		require.EqualValues(t, 7, page.Total)
		for _, bad := range []teg.FlagsQuery{{Limit: -1}, {Limit: 1001}, {Offset: -1}, {Cursor: "x"}} {
			_, err := c.eng.Flags(c.ctx, bad)
			require.ErrorIs(t, err, teg.ErrInvalidInput)
		}
	})
}

// Each way of breaking a flag is found.
func TestVerifyFindsBrokenFlags(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{
		"a status":      `UPDATE auditor_flag_logs SET status = 3`,
		"a severity":    `UPDATE auditor_flag_logs SET severity = 1`,
		"a count":       `UPDATE auditor_flag_logs SET steps = 5`,
		"a step":        `DELETE FROM auditor_flag_history WHERE seq = 1`,
		"a step's end":  `UPDATE auditor_flag_history SET status = 4 WHERE seq = 2`,
		"a whole flag":  `DELETE FROM auditor_flag_logs`,
		"its agent":     `UPDATE auditor_flag_logs SET agent = 'did:example:bob'`,
		"its rule":      `UPDATE auditor_flag_logs SET rule = 'FAN_IN'`,
		"a transaction": `UPDATE auditor_flag_logs SET transactions = '00000000000000000000000000000001'`,
		"who raised it": `UPDATE auditor_flag_logs SET raised_by = 'did:example:bob'`,
		"its shadow":    `UPDATE auditor_flag_logs SET shadow = (1 = 1)`,
		"who worked":    `UPDATE auditor_flag_history SET actor = 'did:example:bob' WHERE seq = 2`,
		"all histories": `DELETE FROM auditor_flag_history`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
				st := open(t)
				c := &conduct{t: t, ctx: limited(t), eng: saidBooks(t, st)}
				f := c.accuse(teg.Agent("did:example:alice"), teg.SeverityHigh)
				c.become(f.ID, teg.FlagUnderReview, "")
				tegtest.Verify(t, c.eng)
				storetest.Damage(t, st, damage)
				report, err := c.eng.Verify(c.ctx)
				require.ErrorIs(t, err, teg.ErrBroken)
				require.Subset(t, []string{"flags", "log"}, invariants(report), "%v", report.Findings)
			})
		})
	}
}
