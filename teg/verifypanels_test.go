package teg_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Each way of breaking what is kept of a panel is found.
func TestVerifyFindsBrokenPanels(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("0", 64)
	for name, damage := range map[string]string{
		"a ruling":          `UPDATE panel_rounds SET choice = 3`,
		"a count":           `UPDATE panel_rounds SET steps = 9`,
		"the roll":          `UPDATE panel_rounds SET roll = 'did:example:juror0 20'`,
		"an empty roll":     `UPDATE panel_rounds SET roll = ''`,
		"the seed":          `UPDATE panel_rounds SET seed = '` + hash + `'`,
		"the secret":        `UPDATE panel_rounds SET secret = '` + hash + `'`,
		"the event":         `UPDATE panel_rounds SET log_event = '` + hash + `'`,
		"its position":      `UPDATE panel_rounds SET log_position = log_position + 1`,
		"the reward":        `UPDATE panel_rounds SET reward = penalty`,
		"who was passed":    `UPDATE panel_rounds SET passed = 'did:example:nobody'`,
		"a whole round":     `DELETE FROM panel_rounds`,
		"a seat":            `DELETE FROM panel_seats WHERE number = 3`,
		"all seats":         `DELETE FROM panel_seats`,
		"a juror":           `UPDATE panel_seats SET juror = 'did:example:nobody' WHERE number = 1`,
		"a vote":            `UPDATE panel_seats SET choice = 2 WHERE number = 1`,
		"a salt":            `UPDATE panel_seats SET salt = 'x' WHERE number = 1`,
		"a commitment":      `UPDATE panel_seats SET commitment = '` + hash + `' WHERE number = 1`,
		"a fine":            `UPDATE panel_seats SET penalty = pinned WHERE number = 3`,
		"a fine of another": `UPDATE panel_seats SET penalty = pinned WHERE number = 1`,
		"a payment":         `UPDATE panel_seats SET reward = weight WHERE number = 1`,
		"a pin":             `UPDATE pools SET pinned = (SELECT max(pinned) FROM panel_seats) WHERE kind = 1`,
		"a step":            `DELETE FROM panel_history WHERE seq = 2`,
		"a step's end":      `UPDATE panel_history SET state = 5 WHERE seq = 4`,
		"a juror's account": `UPDATE panel_seats SET account = account + 1 WHERE number = 1`,
		"the guard":         `UPDATE panel_rounds SET guard = guard + 1`,
		"a window":          `UPDATE panel_rounds SET reveal_window = reveal_window + 1000`,
		"when it was drawn": `UPDATE panel_rounds SET drawn_at = updated_at`,
		"when it ended":     `UPDATE panel_rounds SET updated_at = drawn_at`,
		"the first step":    `UPDATE panel_history SET at = (SELECT max(at) FROM panel_history) WHERE seq = 1`,
		"who did it":        `UPDATE panel_history SET actor = 'did:example:nobody' WHERE seq = 3`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := inMemory(t)
			c := judgedOnce(t, st)
			_, err := c.eng.Verify(c.ctx)
			require.NoError(t, err)
			storetest.Damage(t, st, damage)
			report, err := c.eng.Verify(c.ctx)
			require.ErrorIs(t, err, teg.ErrBroken)
			require.Subset(t, []string{"panels", "log", "disputes"}, invariants(report), "%v", report.Findings)
		})
	}
}

// So is what decides when an open round goes on, and where its stake is pinned.
func TestVerifyFindsBrokenOpenRounds(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{
		"a deadline": `UPDATE panel_rounds SET deadline = deadline + 1000000`,
		"a pool":     `UPDATE panel_seats SET pool = (SELECT pool FROM panel_seats WHERE number = 2) WHERE number = 1`,
	} {
		for _, revealing := range []bool{false, true} {
			st := inMemory(t)
			c := judging(t, st, revealing)
			_, err := c.eng.Verify(c.ctx)
			require.NoError(t, err)
			storetest.Damage(t, st, damage)
			_, err = c.eng.Verify(c.ctx)
			require.ErrorIs(t, err, teg.ErrBroken, "%s %t", name, revealing)
		}
	}
}

// judging is a jury with an open round.
func judging(t *testing.T, st store.Store, revealing bool) *jury {
	clock := tegtest.NewClock()
	eng, err := teg.New(limited(t), st, teg.Config{Panel: panelTerms(), Clock: clock.Now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	c := &jury{t: t, ctx: limited(t), st: st, clock: clock, eng: eng}
	c.populate(3)
	id := c.file(true)
	c.tick()
	if round := c.rounds(id)[0]; revealing {
		for i := range round.Seats {
			c.commit(id, &round, i, teg.ChoiceForClaimant)
		}
		c.after(time.Hour)
		require.Equal(t, teg.PanelRevealing, c.rounds(id)[0].State)
	}
	return c
}

// judgedOnce is a jury that has judged once: one juror was fined, and two were paid.
func judgedOnce(t *testing.T, st store.Store) *jury {
	clock := tegtest.NewClock()
	eng, err := teg.New(limited(t), st, teg.Config{Panel: panelTerms(), Clock: clock.Now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, eng.Close()) })
	c := &jury{t: t, ctx: limited(t), st: st, clock: clock, eng: eng}
	c.populate(3)
	id := c.file(true)
	c.tick()
	round := c.rounds(id)[0]
	for i := range 2 {
		c.commit(id, &round, i, teg.ChoiceForClaimant)
	}
	c.after(panelTerms().CommitWindow)
	for i := range 2 {
		c.reveal(id, &round, i, teg.ChoiceForClaimant)
	}
	c.tick()
	require.Equal(t, teg.PanelRuled, c.rounds(id)[0].State)
	return c
}
