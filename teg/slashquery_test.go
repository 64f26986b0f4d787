package teg_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// withDay lets value wait for a day, within reach of a slash.
var withDay = tegtest.WithStaking(func(terms *teg.StakingTerms) { terms.UnstakingPeriod, terms.Slashing = 24*time.Hour, true })

// slash takes a part of what Bob and those who delegated to him have.
func (s *stakers) slash(t testing.TB, evidence string, own, delegated uint) teg.SlashReceipt {
	part := teg.Percent(delegated)
	r, err := s.Slash(context.Background(), teg.SlashParams{
		By: tegtest.Admin, Validator: s.bob, Percentage: teg.Percent(own), Delegations: &part, Evidence: evidence, Reason: "because of " + evidence,
	})
	require.NoError(t, err)
	return r
}

func (s *stakers) lend(t testing.TB, by teg.DID, stake teg.StakeID, sum string) teg.DelegationID {
	d, err := s.Delegate(context.Background(), teg.DelegateParams{By: by, StakeID: stake, Validator: s.bob, Amount: teg.AVT(sum)})
	require.NoError(t, err)
	return d.ID
}

func (s *stakers) takeBack(t testing.TB, by teg.DID, lent teg.DelegationID) {
	_, err := s.Undelegate(context.Background(), teg.UndelegateParams{By: by, DelegationID: lent})
	require.NoError(t, err)
}

// newcomer is another agent with a stake.
func (s *stakers) newcomer(t testing.TB, name string) (teg.DID, teg.StakeID) {
	who := tegtest.Fund(t, s.Engine, "did:example:"+name, "100")
	r, err := s.Stake(context.Background(), teg.StakeParams{By: who, Amount: teg.AVT("100")})
	require.NoError(t, err)
	return who, r.StakeID
}

// seen are the slashes that an agent sees, newest first, each with a delegation
// and the transaction that took something of it.
func (s *stakers) seen(t testing.TB, who teg.DID) []string {
	page, err := s.DelegatorSlashes(context.Background(), teg.DelegatorSlashesQuery{Delegator: who})
	require.NoError(t, err)
	require.EqualValues(t, len(page.Slashes), page.Total)
	require.Empty(t, page.NextCursor)
	seen := []string{}
	for _, found := range page.Slashes {
		require.Equal(t, s.bob, found.Validator)
		tx, err := s.Transaction(context.Background(), who, found.TransactionID)
		require.NoError(t, err, "whoever was hit sees what took it")
		require.Equal(t, [3]string{"slash", found.Evidence, found.Reason}, [3]string{tx.Type.String(), tx.ReferenceID, tx.Reason})
		seen = append(seen, fmt.Sprint(found.Evidence, " ", found.DelegationID, " ", found.TransactionID))
	}
	return seen
}

func hitBy(evidence string, lent teg.DelegationID, by teg.TransactionID) string {
	return fmt.Sprint(evidence, " ", lent, " ", by)
}

// A delegator sees the slashes that came after its delegation and before its end,
// or before the end of the wait, and no others, though all of them happen at one
// instant.
func TestDelegatorSlashes(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), newStakers(t, open(t), withDay)
		dave, his := s.newcomer(t, "dave")
		carol, _ := s.newcomer(t, "carol")
		before := s.lend(t, dave, his, "40")
		s.takeBack(t, dave, before)
		s.clock.Advance(24 * time.Hour)
		require.NoError(t, s.Tick(ctx))

		one := s.slash(t, "one", 10, 10) // of Bob's own, and of Alice's 60
		two := s.lend(t, s.alice, s.hers, "20")
		daves := s.lend(t, dave, his, "30")
		s.takeBack(t, s.alice, s.lent)
		next := s.slash(t, "two", 10, 50) // of Bob's own, of 50 delegated, of 54 on their way back
		own := s.slash(t, "own", 10, 0)
		s.clock.Advance(24 * time.Hour)
		require.NoError(t, s.Tick(ctx))
		last := s.slash(t, "three", 10, 10)
		none := s.slash(t, "four", 10, 10)
		require.Equal(t, [3]int{2, 3, 1}, [3]int{len(one.TransactionIDs), len(next.TransactionIDs), len(own.TransactionIDs)})

		require.Equal(t, []string{
			hitBy("four", two, none.TransactionIDs[1]), hitBy("three", two, last.TransactionIDs[1]),
			hitBy("two", two, next.TransactionIDs[1]), hitBy("two", s.lent, next.TransactionIDs[2]), hitBy("one", s.lent, one.TransactionIDs[1]),
		}, s.seen(t, s.alice))
		require.Equal(t, []string{
			hitBy("four", daves, none.TransactionIDs[1]), hitBy("three", daves, last.TransactionIDs[1]), hitBy("two", daves, next.TransactionIDs[1]),
		}, s.seen(t, dave))
		for _, stranger := range []teg.DID{carol, s.bob} {
			require.Empty(t, s.seen(t, stranger))
		}
		for id, who := range map[teg.TransactionID]teg.DID{
			one.TransactionIDs[1]: dave, next.TransactionIDs[2]: dave, one.TransactionIDs[0]: s.alice, own.TransactionIDs[0]: s.alice,
			next.TransactionIDs[1]: carol, last.TransactionIDs[1]: teg.Agent("did:example:nobody"),
		} {
			_, err := s.Transaction(ctx, who, id)
			require.ErrorIs(t, err, teg.ErrNotFound)
		}
		_, err := s.DelegatorSlashes(ctx, teg.DelegatorSlashesQuery{Delegator: teg.Agent("did:example:nobody")})
		require.ErrorIs(t, err, teg.ErrNotFound)
	})
}

// What was slashed away whole is not hit again by what hits those who came later.
func TestDelegatorSlashesAfterAllIsLost(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		s := newStakers(t, open(t), withDay)
		dave, his := s.newcomer(t, "dave")
		waits := s.lend(t, s.alice, s.hers, "20")
		s.takeBack(t, s.alice, waits)
		all := s.slash(t, "all", 1, 100)
		lent := s.lend(t, dave, his, "30")
		back := s.lend(t, dave, his, "30")
		s.takeBack(t, dave, back)
		more := s.slash(t, "more", 1, 10)
		s.takeBack(t, s.alice, s.lent)
		end := s.slash(t, "end", 1, 10)
		require.Equal(t, []string{hitBy("all", waits, all.TransactionIDs[2]), hitBy("all", s.lent, all.TransactionIDs[1])}, s.seen(t, s.alice))
		require.Equal(t, []string{
			hitBy("end", back, end.TransactionIDs[2]), hitBy("end", lent, end.TransactionIDs[1]),
			hitBy("more", back, more.TransactionIDs[2]), hitBy("more", lent, more.TransactionIDs[1]),
		}, s.seen(t, dave))
	})
}

// A server whose clock is behind slashes no earlier than another released.
func TestDelegatorSlashesOfTwoClocks(t *testing.T) {
	t.Parallel()
	eachDatabaseTwice(t, func(t *testing.T, stores [2]store.Store) {
		s, behind := newStakers(t, stores[0], withDay), tegtest.NewClock()
		dave, his := s.newcomer(t, "dave")
		waits := s.lend(t, dave, his, "30")
		s.takeBack(t, s.alice, s.lent)
		s.clock.Advance(12 * time.Hour)
		s.takeBack(t, dave, waits)
		s.clock.Advance(12 * time.Hour)
		require.NoError(t, s.Tick(context.Background()))
		late := &stakers{Engine: tegtest.Over(t, stores[1], tegtest.WithClock(behind), withDay), bob: s.bob}
		r := late.slash(t, "late", 10, 10)
		require.Equal(t, s.clock.Now(), r.At)
		require.Empty(t, s.seen(t, s.alice))
		require.Equal(t, []string{hitBy("late", waits, r.TransactionIDs[1])}, s.seen(t, dave))
	})
}

// Where delegations are not slashed with their validator, there is nothing to see.
func TestDelegatorSlashesOfOwnStakesOnly(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		s := newStakers(t, open(t), withDay, tegtest.WithStaking(func(terms *teg.StakingTerms) {
			terms.UnstakingPeriod, terms.Slashing, terms.SlashDelegated = 24*time.Hour, true, false
		}))
		require.Len(t, s.slash(t, "own", 10, 10).TransactionIDs, 1)
		require.Empty(t, s.seen(t, s.alice))
	})
}

// Pages show each hit once, while others are being made, wherever the first began.
func TestDelegatorSlashPages(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, s := context.Background(), newStakers(t, open(t), withDay)
		s.takeBack(t, s.alice, s.lend(t, s.alice, s.hers, "10"))
		s.lend(t, s.alice, s.hers, "10")
		for i := range 3 {
			s.slash(t, fmt.Sprint("case ", i), 1, 1)
		}
		want := s.seen(t, s.alice)
		require.Len(t, want, 9)
		for _, q := range []teg.DelegatorSlashesQuery{{Limit: 1}, {Limit: 2}, {Limit: 4}, {Limit: 2, Offset: 1}, {Limit: 1, Offset: 4}, {Limit: 3, Offset: 9}} {
			q.Delegator = s.alice
			t.Run(fmt.Sprintf("%d from %d", q.Limit, q.Offset), func(t *testing.T) {
				missed, shown := want[q.Offset:], []string{}
				for n := 0; n == 0 || q.Cursor != ""; n++ {
					page, err := s.DelegatorSlashes(ctx, q)
					require.NoError(t, err)
					require.LessOrEqual(t, len(page.Slashes), q.Limit)
					if n > 0 {
						require.EqualValues(t, -1, page.Total)
					}
					for _, found := range page.Slashes {
						shown = append(shown, hitBy(found.Evidence, found.DelegationID, found.TransactionID))
					}
					q.Cursor, q.Offset = page.NextCursor, 0
					if n == 0 {
						want = append(hits(t, s, s.slash(t, "while "+t.Name(), 1, 1)), want...)
					}
				}
				require.Equal(t, missed, shown)
			})
		}
		page, err := s.DelegatorSlashes(ctx, teg.DelegatorSlashesQuery{Delegator: s.alice, Limit: 1})
		require.NoError(t, err)
		for _, bad := range []teg.DelegatorSlashesQuery{
			{Delegator: s.bob, Cursor: page.NextCursor}, {Delegator: s.alice, Cursor: page.NextCursor, Offset: 1}, {Delegator: s.alice, Limit: 1001},
			{Delegator: s.alice, Limit: -1}, {Delegator: s.alice, Offset: -1}, {Delegator: s.alice, Cursor: "AAAA"},
		} {
			_, err := s.DelegatorSlashes(ctx, bad)
			require.ErrorIs(t, err, teg.ErrInvalidInput)
		}
	})
}

// hits are those of a slash that Alice sees.
func hits(t testing.TB, s *stakers, r teg.SlashReceipt) []string {
	page, err := s.DelegatorSlashes(context.Background(), teg.DelegatorSlashesQuery{Delegator: s.alice, Limit: 3})
	require.NoError(t, err)
	var found []string
	for _, slash := range page.Slashes {
		require.Contains(t, r.TransactionIDs, slash.TransactionID)
		found = append(found, hitBy(slash.Evidence, slash.DelegationID, slash.TransactionID))
	}
	return found
}
