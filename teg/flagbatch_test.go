package teg_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Of several flags each is updated for itself, in one commit; the same key again
// answers the same, whatever has become of them.
func TestUpdateFlags(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 3, "1")
		ids := make([]teg.FlagID, 4)
		for i := range ids[:3] {
			ids[i] = c.accuse(agents[i%2], teg.SeverityCritical).ID
		}
		own := c.accuse(agents[2], teg.SeverityLow).ID
		ids[3] = teg.FlagID{1}
		c.become(ids[1], teg.FlagUnderReview, "")
		groups := c.eng.Stats().Groups
		p := teg.UpdateFlagsParams{By: agents[2], FlagIDs: append(ids, own), Status: teg.FlagUnderReview, Notes: "all of them", Key: "k"}
		first, err := c.eng.UpdateFlags(c.ctx, p)
		require.NoError(t, err)
		require.EqualValues(t, groups+1, c.eng.Stats().Groups)
		require.Equal(t, 2, first.Updated)
		for i, want := range []error{nil, teg.ErrInvalidState, nil, teg.ErrNotFound, teg.ErrForbidden} {
			require.Equal(t, p.FlagIDs[i], first.Results[i].FlagID)
			require.ErrorIs(t, first.Results[i].Err, want, "%d", i)
		}
		flag, err := c.eng.Flag(c.ctx, ids[2])
		require.NoError(t, err)
		require.Equal(t, []any{teg.FlagUnderReview, "all of them"}, []any{flag.Status, flag.Notes})

		c.become(ids[0], teg.FlagFalsePositive, "")
		again, err := c.eng.UpdateFlags(c.ctx, p)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, 2, again.Updated)
		for i := range first.Results {
			require.Equal(t, teg.CodeOf(first.Results[i].Err), teg.CodeOf(again.Results[i].Err))
		}
		outcomes, err := c.eng.Operation(c.ctx, agents[2], "k")
		require.NoError(t, err)
		require.Equal(t, []teg.Outcome{{Verb: store.VerbUpdateFlags}}, outcomes)
		p.FlagIDs = p.FlagIDs[1:]
		_, err = c.eng.UpdateFlags(c.ctx, p)
		require.ErrorIs(t, err, teg.ErrKeyReused)

		confirmed, err := c.eng.UpdateFlags(c.ctx, teg.UpdateFlagsParams{By: tegtest.Admin, FlagIDs: ids[1:3], Status: teg.FlagResolved})
		require.NoError(t, err)
		require.Equal(t, 2, confirmed.Updated)
		require.Equal(t, []int{-50, -50}, []int{c.score(agents[0]), c.score(agents[1])}, "CRITICAL, each for itself")
		for name, bad := range map[string]teg.UpdateFlagsParams{
			"none":     {By: tegtest.Admin, Status: teg.FlagUnderReview},
			"too many": {By: tegtest.Admin, Status: teg.FlagUnderReview, FlagIDs: make([]teg.FlagID, 1001)},
			"twice":    {By: tegtest.Admin, Status: teg.FlagUnderReview, FlagIDs: []teg.FlagID{own, ids[0], own}},
			"no state": {By: tegtest.Admin, FlagIDs: []teg.FlagID{own}},
			"nobody":   {Status: teg.FlagUnderReview, FlagIDs: []teg.FlagID{own}},
		} {
			_, err := c.eng.UpdateFlags(c.ctx, bad)
			require.ErrorIs(t, err, teg.ErrInvalidInput, name)
		}
		counted, err := c.eng.FlagCount(c.ctx)
		require.NoError(t, err)
		require.EqualValues(t, 4, counted)
	})
}

// Where too many refusals are remembered already, the memory of the whole goes with that
// of the one refused; what was done is remembered all the same, and not done twice.
func TestUpdateFlagsBeyondTheMemory(t *testing.T) {
	t.Parallel()
	onEach(t, func(c *conduct) {
		t, agents := c.t, tegtest.FundMany(c.t, c.eng, 2, "1")
		unknown := make([]teg.FlagID, 999)
		for i := range unknown {
			unknown[i] = teg.FlagID{1, byte(i), byte(i >> 8)}
		}
		_, err := c.eng.UpdateFlags(c.ctx, teg.UpdateFlagsParams{By: agents[0], FlagIDs: unknown, Status: teg.FlagUnderReview, Key: "many"})
		require.NoError(t, err)
		good := c.accuse(agents[1], teg.SeverityLow).ID
		p := teg.UpdateFlagsParams{By: agents[0], FlagIDs: []teg.FlagID{unknown[0], good, unknown[1]}, Status: teg.FlagUnderReview, Key: "k"}
		for range 2 {
			r, err := c.eng.UpdateFlags(c.ctx, p)
			require.NoError(t, err)
			require.Equal(t, []any{1, false}, []any{r.Updated, r.Replayed})
			for i, want := range []error{teg.ErrNotFound, nil, teg.ErrNotFound} {
				require.ErrorIs(t, r.Results[i].Err, want)
			}
		}
		flag, err := c.eng.Flag(c.ctx, good)
		require.NoError(t, err)
		require.EqualValues(t, 2, flag.Steps)
	})
}
