package attestation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// A budget is used up exactly, day by day and over all days.
func TestBudget(t *testing.T) {
	five, twelve := amount.MustParse("5"), amount.MustParse("12")
	b, of, limits := attestation.NewBook(attestation.Rows{}), policy.ID{1}, attestation.Limits{PerDay: &five, Total: &twelve}
	charge := func(sum string, at time.Time) bool {
		_, ok := b.Charge(of, amount.MustParse(sum), limits, at)
		return ok
	}
	require.True(t, charge("3", noon))
	require.False(t, charge("2.000000000000000001", noon))
	require.True(t, charge("2", noon), "to the last unit")
	require.False(t, charge("0.000000000000000001", noon.Add(11*time.Hour)))
	tomorrow := noon.Add(12 * time.Hour)
	require.True(t, charge("5", tomorrow), "a day begins at midnight, UTC")
	require.False(t, charge("3", tomorrow.Add(24*time.Hour)), "over all that there is")
	require.True(t, charge("2", tomorrow.Add(24*time.Hour)))
	b.Release(of, amount.MustParse("2"), tomorrow)
	require.True(t, charge("2", tomorrow.Add(24*time.Hour)))
	require.Equal(t, []attestation.Budget{{Policy: of, Day: attestation.DayOf(tomorrow) + 1, Today: amount.MustParse("4"), Total: amount.MustParse("12")}},
		b.Changed().NewBudgets)
	_, ok := b.Charge(policy.ID{2}, twelve, attestation.Limits{}, noon)
	require.True(t, ok, "without limits")
}

// A process whose clock is a little behind, at midnight, does not open yesterday's budget
// again, and thereby today's once more.
func TestBudgetDayNeverGoesBack(t *testing.T) {
	five, midnight := amount.MustParse("5"), noon.Add(12*time.Hour)
	b, of, limits := attestation.NewBook(attestation.Rows{}), policy.ID{1}, attestation.Limits{PerDay: &five}
	_, ok := b.Charge(of, amount.MustParse("3"), limits, midnight.Add(time.Second))
	require.True(t, ok)
	_, ok = b.Charge(of, amount.MustParse("3"), limits, midnight.Add(-time.Second))
	require.False(t, ok)
	charged, ok := b.Charge(of, amount.MustParse("2"), limits, midnight.Add(-time.Second))
	require.True(t, ok)
	require.Equal(t, midnight, charged, "it counts as of the day from which it was taken")
	_, ok = b.Charge(of, amount.MustParse("1"), limits, midnight.Add(time.Minute))
	require.False(t, ok)
	b.Release(of, amount.MustParse("2"), charged)
	require.Equal(t, amount.MustParse("3"), b.Changed().NewBudgets[0].Today)
}

// What is taken back leaves no trace, whatever it was.
func TestRevert(t *testing.T) {
	agent := did.MustParse("did:example:a")
	rapid.Check(t, func(t *rapid.T) {
		pair := attestation.Pair{Agent: agent, Policy: policy.ID{1}}
		old := attestation.Submission{ID: attestation.SubmissionID{1}, Agent: agent, Scope: ledger.ID{9}, Status: attestation.PendingReview, Steps: 1}
		b := attestation.NewBook(attestation.Rows{
			Submissions: []attestation.Submission{old, old}, Turns: []attestation.Turn{{Pair: pair, Handed: 2}}, Budgets: []attestation.Budget{{Policy: policy.ID{1}}},
		})
		next := byte(10)
		act := func() {
			switch rapid.IntRange(0, 4).Draw(t, "act") {
			case 0:
				next++
				s, step, err := attestation.Submission{ID: attestation.SubmissionID{next}, Agent: agent, Scope: ledger.ID{next}}.Begin(
					attestation.Change{Status: attestation.Accepted, At: noon})
				require.NoError(t, err)
				b.HandIn(s, pair, step)
			case 1:
				s, _ := b.Submission(old.ID)
				s, step, err := s.Become(attestation.Change{Storage: attestation.StorageVerified, At: noon})
				require.NoError(t, err)
				b.Change(s, step)
			case 2:
				b.Charge(policy.ID{1}, amount.MustParse("1"), attestation.Limits{}, noon)
			case 3:
				b.Charge(policy.ID{2}, amount.MustParse("1"), attestation.Limits{}, noon)
			case 4:
				b.Register(attestation.Circuit{ID: "c"})
			}
		}
		for range rapid.IntRange(0, 5).Draw(t, "before") {
			act()
		}
		before, mark := b.Changed(), b.Mark()
		turn, _ := b.Turn(pair)
		before.Made, before.Steps, before.Circuits = clone(before.Made), clone(before.Steps), clone(before.Circuits)
		for range rapid.IntRange(1, 8).Draw(t, "after") {
			act()
		}
		b.Revert(mark)
		after := b.Changed()
		require.Equal(t, before.Made, clone(after.Made))
		require.Equal(t, before.Steps, clone(after.Steps))
		require.Equal(t, before.Circuits, clone(after.Circuits))
		require.Equal(t, before.Changed, after.Changed)
		require.Equal(t, before.Budgets, after.Budgets)
		require.Equal(t, before.NewBudgets, after.NewBudgets)
		again, _ := b.Turn(pair)
		require.Equal(t, turn, again)
		require.True(t, b.Standing(old.Scope))
	})
}

func clone[T any](list []T) []T { return append([]T{}, list...) }
