package teg_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// service is what alice asked bob to do, over and over.
type service struct {
	*conduct
	alice, bob, carol teg.DID
}

func onEachService(t *testing.T, test func(s *service)) {
	onEach(t, func(c *conduct) {
		name := func(id string) teg.DID { return tegtest.Fund(c.t, c.eng, id, "100") }
		test(&service{c, name("did:example:alice"), name("did:example:bob"), name("did:example:carol")})
	})
}

func (s *service) params(by teg.DID, avtp string, ended teg.ServiceOutcome) teg.OutcomeParams {
	return teg.OutcomeParams{By: by, Final: by == tegtest.Admin, AVTP: avtp, Initiator: s.alice, Responder: s.bob, Outcome: ended}
}

// naming is a report of a success that names a payment.
func (s *service) naming(by teg.DID, avtp string, paid teg.TransactionID) teg.OutcomeParams {
	p := s.params(by, avtp, teg.OutcomeSuccess)
	p.TransactionID = paid
	return p
}

func (s *service) report(p teg.OutcomeParams, status teg.ReportStatus, changes ...teg.ScoreChange) teg.OutcomeReceipt {
	s.t.Helper()
	r, err := s.eng.ReportOutcome(s.ctx, p)
	require.NoError(s.t, err)
	require.Equal(s.t, status, r.Status)
	require.Equal(s.t, changes, r.Changes)
	return r
}

func (s *service) refused(p teg.OutcomeParams, want error) {
	s.t.Helper()
	_, err := s.eng.ReportOutcome(s.ctx, p)
	require.ErrorIs(s.t, err, want, "%+v", p)
}

// What parties report takes effect when they agree, and is taken back when one
// contradicts; the platform decides, and afterwards nobody else does.
func TestOutcomesSettle(t *testing.T) {
	t.Parallel()
	onEachService(t, func(s *service) {
		s.report(s.params(s.alice, "agree", teg.OutcomeSuccess), teg.ReportPending)
		s.report(s.params(s.bob, "agree", teg.OutcomeSuccess), teg.ReportApplied, teg.ScoreChange{Agent: s.bob, Change: 2, Score: 2})
		s.report(s.params(tegtest.Admin, "agree", teg.OutcomeFailureProvider), teg.ReportApplied, teg.ScoreChange{Agent: s.bob, Change: -7, Score: -5})

		s.report(s.params(s.bob, "quarrel", teg.OutcomeFailureConsumer), teg.ReportPending)
		s.report(s.params(s.alice, "quarrel", teg.OutcomeFailureProvider), teg.ReportDisputed)

		s.report(s.naming(s.alice, "paid", s.pay(s.alice, s.bob)), teg.ReportApplied, teg.ScoreChange{Agent: s.bob, Change: 2, Score: -3})
		s.report(s.params(s.bob, "paid", teg.OutcomeFailureProvider), teg.ReportDisputed, teg.ScoreChange{Agent: s.bob, Change: -2, Score: -5})

		s.report(s.params(tegtest.Admin, "final", teg.OutcomeFailureConsumer), teg.ReportApplied, teg.ScoreChange{Agent: s.alice, Change: -3, Score: -3})
		s.report(s.params(s.alice, "final", teg.OutcomeSuccess), teg.ReportApplied)
		s.report(s.params(s.bob, "final", teg.OutcomeFailureProvider), teg.ReportApplied)
		second := s.params(tegtest.Admin, "final", teg.OutcomeSuccess)
		second.By = s.carol
		s.refused(second, teg.ErrAlreadyExists)
		second.Outcome = teg.OutcomeFailureConsumer
		s.report(second, teg.ReportApplied)
		require.Equal(s.t, []int{-3, -5}, []int{s.score(s.alice), s.score(s.bob)})
	})
}

// The same again answers the first result, whatever came between; anything else from
// the same reporter is refused.
func TestOutcomeReportedAgain(t *testing.T) {
	t.Parallel()
	onEachService(t, func(s *service) {
		first := s.params(s.alice, "a", teg.OutcomeSuccess)
		first.Service, first.Price, first.SLA = "inference", teg.AVT("1.50"), "gold"
		pending := s.report(first, teg.ReportPending)
		applied := s.report(s.params(s.bob, "a", teg.OutcomeSuccess), teg.ReportApplied, teg.ScoreChange{Agent: s.bob, Change: 2, Score: 2})
		s.say(s.alice, s.bob, 1)
		again := s.params(s.bob, "a", teg.OutcomeSuccess)
		for p, want := range map[*teg.OutcomeParams]teg.OutcomeReceipt{&first: pending, &again: applied} {
			r, err := s.eng.ReportOutcome(s.ctx, *p)
			require.NoError(s.t, err)
			require.True(s.t, r.Replayed)
			r.Replayed = false
			require.Equal(s.t, want, r)
		}
		for _, change := range []func(*teg.OutcomeParams){
			func(p *teg.OutcomeParams) { p.Outcome = teg.OutcomeDisputed }, func(p *teg.OutcomeParams) { p.Service = "" },
			func(p *teg.OutcomeParams) { p.Price = teg.AVT("1.51") }, func(p *teg.OutcomeParams) { p.SLA = "silver" },
			func(p *teg.OutcomeParams) { p.TransactionID = s.pay(s.alice, s.bob) },
		} {
			other := first
			change(&other)
			s.refused(other, teg.ErrAlreadyExists)
		}
		require.Equal(s.t, 3, s.score(s.bob))
	})
}

func TestOutcomeRefused(t *testing.T) {
	t.Parallel()
	onEachService(t, func(s *service) {
		paid, other, own := s.pay(s.alice, s.bob), s.pay(s.carol, s.bob), s.pay(s.alice, s.carol)
		named := func(avtp string, id teg.TransactionID) teg.OutcomeParams { return s.naming(s.alice, avtp, id) }
		s.report(named("a", paid), teg.ReportApplied, teg.ScoreChange{Agent: s.bob, Change: 2, Score: 2})
		same := named("a", paid)
		same.By = s.bob
		s.report(same, teg.ReportApplied)
		s.refused(named("b", paid), teg.ErrAlreadyExists)
		s.refused(named("b", other), teg.ErrNotFound)
		s.refused(named("b", own), teg.ErrInvalidState)
		s.refused(named("b", s.pay(s.bob, s.alice)), teg.ErrInvalidState)
		s.refused(named("b", teg.TransactionID{1}), teg.ErrNotFound)
		s.refused(s.params(s.carol, "b", teg.OutcomeSuccess), teg.ErrForbidden)
		for _, change := range []func(*teg.OutcomeParams){
			func(p *teg.OutcomeParams) { p.AVTP = "" }, func(p *teg.OutcomeParams) { p.AVTP = "\x00" }, func(p *teg.OutcomeParams) { p.Outcome = 0 },
			func(p *teg.OutcomeParams) { p.Outcome = 5 }, func(p *teg.OutcomeParams) { p.Responder = s.alice },
			func(p *teg.OutcomeParams) { p.Responder = teg.DID{} }, func(p *teg.OutcomeParams) { p.By = teg.DID{} },
			func(p *teg.OutcomeParams) { p.Service = string(make([]byte, 257)) }, func(p *teg.OutcomeParams) { p.SLA = "\xff" },
		} {
			p := s.params(s.alice, "b", teg.OutcomeSuccess)
			change(&p)
			s.refused(p, teg.ErrInvalidInput)
		}
		for _, nobody := range []teg.DID{teg.Agent("did:example:nobody"), s.eng.TreasuryDID()} {
			p := s.params(s.alice, "b", teg.OutcomeSuccess)
			p.Responder = nobody
			s.refused(p, teg.ErrNotFound)
		}
	})
}

// Somebody who takes AVTP's id for a transaction of others stands in nobody's way.
func TestOutcomeIDTakenByOthers(t *testing.T) {
	t.Parallel()
	onEachService(t, func(s *service) {
		p := s.params(s.carol, "a", teg.OutcomeFailureProvider)
		p.Initiator = s.carol
		s.report(p, teg.ReportPending)
		s.report(s.params(s.alice, "a", teg.OutcomeSuccess), teg.ReportPending)
		s.report(s.params(s.bob, "a", teg.OutcomeSuccess), teg.ReportApplied, teg.ScoreChange{Agent: s.bob, Change: 2, Score: 2})
	})
}

// Of many who report the same at once, on two engines, each is taken in once, and
// the scores change once.
func TestOutcomeReportedAtOnce(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		s := &service{conduct: newConduct(t, st)}
		second := tegtest.Over(t, st, tegtest.WithClock(s.clock))
		agents := tegtest.FundMany(t, s.eng, 3, "100")
		s.alice, s.bob, s.carol = agents[0], agents[1], agents[2]
		receipts := make([]teg.OutcomeReceipt, 60)
		together(len(receipts), func(i int) {
			var err error
			by := []teg.DID{s.alice, s.bob, tegtest.Admin}[i%3]
			receipts[i], err = []*teg.Engine{s.eng, second}[i%2].ReportOutcome(s.ctx, s.params(by, "a", teg.OutcomeFailureProvider))
			require.NoError(t, err)
		})
		ids := map[teg.ReportID]bool{}
		for _, r := range receipts {
			ids[r.ID] = true
		}
		require.Len(t, ids, 3)
		require.Equal(t, -5, s.score(s.bob))
	})
}
