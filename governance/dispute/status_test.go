package dispute

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// allStatuses are the states, and what is none.
func allStatuses() []Status {
	var all []Status
	for s := Status(0); s <= Withdrawn+1; s++ {
		all = append(all, s)
	}
	return all
}

// The state table over all pairs, written down a second time.
func TestStatusTable(t *testing.T) {
	byPeople := map[[2]Status]bool{
		{Open, UnderReview}: true, {Open, Rejected}: true, {Open, Withdrawn}: true,
		{UnderReview, AwaitingArbitration}: true, {UnderReview, Rejected}: true, {UnderReview, Withdrawn}: true,
		{AwaitingArbitration, FavorClaimant}: true, {AwaitingArbitration, FavorDefendant}: true,
		{AwaitingArbitration, Split}: true, {AwaitingArbitration, Withdrawn}: true,
	}
	byDeadline := map[[2]Status]bool{
		{Open, UnderReview}: true, {UnderReview, AwaitingArbitration}: true, {AwaitingArbitration, Rejected}: true,
	}
	terms, at := DefaultTerms(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, from := range allStatuses() {
		for _, to := range allStatuses() {
			pair := [2]Status{from, to}
			require.Equal(t, byPeople[pair], from.CanBecome(to), "%s → %s by hand", from, to)
			require.Equal(t, byDeadline[pair], from.Open() && from.AtDeadline() == to, "%s → %s by deadline", from, to)
			filed := pair == [2]Status{0, Open}
			require.Equal(t, filed || byPeople[pair] || byDeadline[pair], from.Follows(to), "%s → %s", from, to)
			d := Dispute{Status: from, Steps: 1, Deadline: at}
			changed, step, err := d.Become(to, did.DID{}, "so", at, terms)
			if !byPeople[pair] {
				require.ErrorIs(t, err, ledger.ErrInvalidState)
				require.Equal(t, d, changed)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, Step{Seq: 2, From: from, To: to, Note: "so", At: at, Until: changed.Deadline}, step)
			require.Equal(t, to, changed.Status)
			require.Equal(t, to.Open(), !changed.Deadline.IsZero(), "an open state has a deadline, an end has none")
		}
	}
}

func TestStatusText(t *testing.T) {
	for _, s := range allStatuses() {
		text, err := s.MarshalText()
		if !s.Valid() {
			require.Error(t, err)
			require.Equal(t, "invalid", s.String())
			continue
		}
		require.NoError(t, err)
		var read Status
		require.NoError(t, read.UnmarshalText(text))
		require.Equal(t, s, read)
	}
	_, err := ParseStatus("open")
	require.ErrorIs(t, err, ledger.ErrInvalidInput)
}

// Whatever is open ends by the time alone, within the three terms.
func TestEveryDisputeEnds(t *testing.T) {
	terms, at := DefaultTerms(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	filed, _ := terms.File(Dispute{ID: ID{1}}, at)
	for after, want := range map[time.Duration]Status{
		0: Open, terms.Open - 1: Open, terms.Open: UnderReview, terms.Open + terms.Review - 1: UnderReview,
		terms.Open + terms.Review: AwaitingArbitration, terms.Open + terms.Review + terms.Arbitration - 1: AwaitingArbitration,
		terms.Open + terms.Review + terms.Arbitration: Rejected, 100 * terms.Open: Rejected,
	} {
		now := at.Add(after)
		found, steps := filed.AsOf(now, terms)
		require.Equal(t, want, found.Status, after)
		require.False(t, found.Due(now))
		require.EqualValues(t, len(steps), found.Steps-1)
		for i, step := range steps {
			require.True(t, step.From.Follows(step.To))
			require.EqualValues(t, i+2, step.Seq)
			require.True(t, step.By.IsZero())
		}
		for _, s := range allStatuses() {
			require.Equal(t, s == want, standsIn(terms.Standing(s, now), &filed), "%s after %s", s, after)
		}
	}
}

// standsIn does what a database does with bands.
func standsIn(bands []Band, d *Dispute) bool {
	for _, b := range bands {
		if b.Status == d.Status && (b.After.IsZero() || d.Deadline.After(b.After)) && (b.By.IsZero() || !d.Deadline.After(b.By)) {
			return true
		}
	}
	return false
}

func TestTermsCheck(t *testing.T) {
	require.NoError(t, DefaultTerms().Check())
	for name, spoil := range map[string]func(*Terms){
		"DISPUTE_WINDOW": func(t *Terms) { t.Window = 0 }, "DISPUTE_OPEN_PERIOD": func(t *Terms) { t.Open = -1 },
		"DISPUTE_REVIEW_PERIOD": func(t *Terms) { t.Review = MaxTerm + 1 }, "DISPUTE_ARBITRATION_PERIOD": func(t *Terms) { t.Arbitration = 1 },
	} {
		terms := DefaultTerms()
		spoil(&terms)
		var refusal *ledger.Refusal
		require.ErrorAs(t, terms.Check(), &refusal)
		require.Equal(t, name, refusal.Field)
	}
}
