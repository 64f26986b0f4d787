package teg_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Who was paid gets nothing by the payment: it cannot make the payer a provider who
// failed, nor praise itself, nor spend the payment before the payer speaks.
func TestWhoWasPaidCannotUseThePayment(t *testing.T) {
	t.Parallel()
	onEachService(t, func(s *service) {
		paid := s.pay(s.alice, s.bob)
		turned := s.naming(s.bob, "made up", paid)
		turned.Initiator, turned.Responder, turned.Outcome = s.bob, s.alice, teg.OutcomeFailureProvider
		s.refused(turned, teg.ErrInvalidState)
		turned.By, turned.Final = tegtest.Admin, true
		s.refused(turned, teg.ErrInvalidState)

		s.report(s.naming(s.bob, "made up, too", paid), teg.ReportPending)
		s.report(s.naming(s.bob, "real", paid), teg.ReportPending)
		honest := s.naming(s.alice, "real", paid)
		honest.Outcome = teg.OutcomeFailureProvider
		s.report(honest, teg.ReportDisputed)
		s.refused(s.naming(s.alice, "made up, too", paid), teg.ErrAlreadyExists)
		s.report(s.naming(s.bob, "made up, at last", paid), teg.ReportPending)
		require.Equal(s.t, []int{0, 0}, []int{s.score(s.alice), s.score(s.bob)})
	})
}

// A payment that the platform names is spent as well, for whoever names it next; and
// what was spent may be named for the same AVTP transaction by everybody.
func TestThePlatformSpendsAPayment(t *testing.T) {
	t.Parallel()
	onEachService(t, func(s *service) {
		paid, other := s.pay(s.alice, s.bob), s.pay(s.alice, s.bob)
		s.report(s.naming(tegtest.Admin, "a", paid), teg.ReportApplied, teg.ScoreChange{Agent: s.bob, Change: 2, Score: 2})
		s.refused(s.naming(tegtest.Admin, "b", paid), teg.ErrAlreadyExists)
		s.refused(s.naming(s.alice, "b", paid), teg.ErrAlreadyExists)
		s.report(s.naming(s.alice, "a", paid), teg.ReportApplied)
		s.report(s.naming(s.bob, "a", paid), teg.ReportApplied)

		s.report(s.naming(s.alice, "b", other), teg.ReportApplied, teg.ScoreChange{Agent: s.bob, Change: 2, Score: 4})
		s.refused(s.naming(tegtest.Admin, "c", other), teg.ErrAlreadyExists)
		s.report(s.naming(tegtest.Admin, "b", other), teg.ReportApplied)
		require.Equal(s.t, 4, s.score(s.bob))
	})
}

// In every order of the same reports, of two AVTP transactions of which one has the
// payment, the scores end up the same, and each report that is sent again is answered
// as it was.
func TestPaymentNamedInAnyOrder(t *testing.T) {
	t.Parallel()
	onEachService(t, func(s *service) {
		agents := tegtest.FundMany(s.t, s.eng, 48, "10")
		for i, order := range orders(4) {
			s.alice, s.bob = agents[2*i], agents[2*i+1]
			paid := s.pay(s.alice, s.bob)
			fault := s.naming(s.alice, "real", paid)
			fault.Outcome = teg.OutcomeFailureProvider
			agreed := s.naming(s.bob, "agreed", paid) // though it was spent for the other
			reports := []teg.OutcomeParams{fault, s.naming(s.bob, "made up", paid), agreed, s.params(s.alice, "agreed", teg.OutcomeSuccess)}
			receipts := make([]teg.OutcomeReceipt, len(reports))
			for _, of := range order {
				var err error
				receipts[of], err = s.eng.ReportOutcome(s.ctx, reports[of])
				require.NoError(s.t, err)
			}
			require.Equal(s.t, []int{0, -3}, []int{s.score(s.alice), s.score(s.bob)}, order)
			for of, p := range reports {
				again, err := s.eng.ReportOutcome(s.ctx, p)
				require.NoError(s.t, err)
				require.True(s.t, again.Replayed)
				again.Replayed = false
				require.Equal(s.t, receipts[of], again)
			}
		}
		tegtest.Verify(s.t, s.eng)
	})
}

// orders are all in which so many can stand.
func orders(n int) (all [][]int) {
	if n == 0 {
		return [][]int{nil}
	}
	for _, rest := range orders(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(rest), at, n-1))
		}
	}
	return all
}

// What somebody says for the platform decides, though the same agent said the same
// before as a party, or says it afterwards.
func TestThePlatformThatIsAParty(t *testing.T) {
	t.Parallel()
	onEachService(t, func(s *service) {
		party, final := s.params(s.alice, "a", teg.OutcomeSuccess), s.params(s.alice, "a", teg.OutcomeSuccess)
		final.Final = true
		s.report(party, teg.ReportPending)
		decided := s.report(final, teg.ReportApplied, teg.ScoreChange{Agent: s.bob, Change: 2, Score: 2})
		require.False(s.t, decided.Replayed)
		for p, want := range map[*teg.OutcomeParams]teg.ReportStatus{&party: teg.ReportPending, &final: teg.ReportApplied} {
			r, err := s.eng.ReportOutcome(s.ctx, *p)
			require.NoError(s.t, err)
			require.True(s.t, r.Replayed)
			require.Equal(s.t, want, r.Status)
		}
		final.AVTP, party.AVTP, party.Outcome = "b", "b", teg.OutcomeFailureProvider
		s.report(final, teg.ReportApplied, teg.ScoreChange{Agent: s.bob, Change: 2, Score: 4})
		s.report(party, teg.ReportApplied)
		final.Outcome = teg.OutcomeDisputed
		s.refused(final, teg.ErrAlreadyExists)
	})
}

// A stranger is refused before a transaction is begun.
func TestStrangersReportsLockNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.OpenSQLite(t))
	s := w.scene(nil)
	w.faults.plan(atBegin, 1, true, errors.New("no transaction was to be begun"))
	_, err := w.eng.ReportOutcome(t.Context(), s.outcome(s.carol, teg.OutcomeSuccess))
	require.ErrorIs(t, err, teg.ErrForbidden)
	require.Zero(t, w.faults.clear())
}

// One platform that reports an id at once on two engines, for the same agents and for
// others, is heard once for each pair; in a host's transaction nothing is aborted.
func TestOneIDForDifferentAgentsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		s := &service{conduct: newConduct(t, st)}
		second := tegtest.Over(t, st, tegtest.WithClock(s.clock))
		agents := tegtest.FundMany(t, s.eng, 6, "100")
		replayed := make([]bool, 30)
		together(len(replayed), func(i int) {
			p := teg.OutcomeParams{By: tegtest.Admin, Final: true, AVTP: "a", Initiator: agents[i%3*2], Responder: agents[i%3*2+1], Outcome: teg.OutcomeSuccess}
			r, err := []*teg.Engine{s.eng, second}[i%2].ReportOutcome(s.ctx, p)
			require.NoError(t, err)
			replayed[i] = r.Replayed
		})
		fresh := map[int]int{}
		for i, again := range replayed {
			if !again {
				fresh[i%3]++
			}
		}
		require.Equal(t, map[int]int{0: 1, 1: 1, 2: 1}, fresh)
		for _, agent := range []teg.DID{agents[1], agents[3], agents[5]} {
			require.Equal(t, 2, s.score(agent))
		}
	})
}

// Two hosts whose transactions are open at the same time report one id for different
// agents: neither waits for the other, and both commit.
func TestOneIDInTwoHostTransactions(t *testing.T) {
	t.Parallel()
	st := storetest.OpenPostgres(t).(*postgres.Store)
	s := &service{conduct: newConduct(t, st)}
	agents := tegtest.FundMany(t, s.eng, 4, "100")
	var ends []func() error
	for i := range 2 {
		tx, host := hostOf(t, st, nil)
		defer func() { _ = tx.Rollback() }()
		p := teg.OutcomeParams{By: tegtest.Admin, Final: true, AVTP: "a", Initiator: agents[2*i], Responder: agents[2*i+1], Outcome: teg.OutcomeSuccess}
		r, err := s.eng.Using(host).ReportOutcome(s.ctx, p)
		require.NoError(t, err)
		require.Equal(t, teg.ReportApplied, r.Status)
		ends = append(ends, tx.Commit)
	}
	for _, commit := range ends {
		require.NoError(t, commit())
	}
	require.Equal(t, []int{2, 2}, []int{s.score(agents[1]), s.score(agents[3])})
}
