package server_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// deal is a consumer and a provider who deal with each other, and all who report how
// that went.
type deal struct {
	initiator, responder string
	clients              map[string]*avtpClient
}

// newDeal makes the two agents, who are of nobody else's concern.
func newDeal(m *market, l *line, name string) *deal {
	d := &deal{"did:example:consumer-" + name, "did:example:provider-" + name, map[string]*avtpClient{}}
	for _, id := range []string{d.initiator, d.responder} {
		d.clients[id] = l.client(id, m.token(tegtest.Fund(m.t, m.engine, id, "100")))
	}
	d.clients[registryDID] = l.client(registryDID, m.caller(registryDID, auth.System))
	return d
}

const registryDID = "did:web:registry.example"

// sending is a report and who makes it.
type sending struct {
	by     string
	report avtpReport
}

// sendings are reports of so many transactions by some of those who may report, with
// whatever outcome chance gives them, each one to three times, in no order. Some name
// the payment for theirs. The same seed gives the same reports, in another order for
// each order.
func (d *deal) sendings(m *market, seed, order uint64, transactions int) []sending {
	chance := rand.New(rand.NewPCG(seed, 1))
	outcomes := []string{"SUCCESS", "SUCCESS", "SUCCESS", "FAILURE_PROVIDER", "FAILURE_CONSUMER", "DISPUTED"}
	var all []sending
	for i := range transactions {
		payment := ""
		if chance.IntN(3) == 0 {
			payment = m.pay(d.clients[d.initiator].token, teg.Agent(d.responder))
		}
		likely := outcomes[chance.IntN(len(outcomes))]
		for _, by := range []string{d.initiator, d.responder, registryDID} {
			r := avtpReport{Transaction: fmt.Sprint("avtp-", d.initiator, i), Initiator: d.initiator, Responder: d.responder, Outcome: likely, Service: "inference"}
			if chance.IntN(3) == 0 {
				r.Outcome = outcomes[chance.IntN(len(outcomes))]
			}
			if by != registryDID && chance.IntN(2) == 0 {
				r.Payment = payment
			}
			if by == registryDID && chance.IntN(3) > 0 || chance.IntN(5) == 0 {
				continue // this one says nothing
			}
			for range 1 + chance.IntN(3) {
				all = append(all, sending{by, r})
			}
		}
	}
	shuffle := rand.New(rand.NewPCG(seed, order))
	shuffle.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// told are the answers to reports, by reporter and transaction. Each report has one,
// however often it is sent.
type told map[string]avtpAnswer

// hear takes an answer to a report that nobody contradicts.
func (of told) hear(t *testing.T, s sending, a avtpAnswer) {
	t.Helper()
	key := s.by + " of " + s.report.Transaction
	first, again := of[key]
	require.Contains(t, []int{200, 201}, a.Code, "%s: %+v", key, a)
	require.False(t, again && a.Code == 201, "%s was new twice", key)
	require.NotEmpty(t, a.Log, key)
	a.Code, a.Error = 0, ""
	if again {
		require.Equal(t, first, a, key)
	}
	of[key] = a
}

// Reports that come again, out of order and over a line that loses answers make the
// same scores in every order, which are those of the model.
func TestAVTPInAnyOrder(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		l := dial(t, m, 3)
		var scores [][2]int
		for order := range uint64(4) {
			d, model, answers := newDeal(m, l, fmt.Sprint(order)), avtpModel{}, told{}
			for _, s := range d.sendings(m, 7, order, 12) {
				a, err := d.clients[s.by].report(s.report)
				require.NoError(t, err)
				answers.hear(t, s, a)
				model.accept(s.by, s.report)
				require.Equal(t, model.scores()[d.responder], m.score(teg.Agent(d.responder)))
			}
			model.agree(t, m, d.initiator, d.responder)
			scores = append(scores, [2]int{m.score(teg.Agent(d.initiator)), m.score(teg.Agent(d.responder))})
		}
		require.Positive(t, l.lost.Load())
		require.NotEqual(t, [2]int{}, scores[0])
		require.Len(t, slices.Compact(scores), 1, "%v", scores)
	})
}

// together sends all at once and returns the answers in the order of the reports.
func (d *deal) together(t *testing.T, all []sending) []avtpAnswer {
	t.Helper()
	answers, faults := make([]avtpAnswer, len(all)), make([]error, len(all))
	var wait sync.WaitGroup
	for i, s := range all {
		wait.Go(func() { answers[i], faults[i] = d.clients[s.by].report(s.report) })
	}
	wait.Wait()
	require.NoError(t, errors.Join(faults...))
	return answers
}

// The same when all reports come at once.
func TestAVTPAllAtOnce(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		l := dial(t, m, 4)
		d, model, answers := newDeal(m, l, "1"), avtpModel{}, told{}
		all := d.sendings(m, 11, 0, 20)
		for i, a := range d.together(t, all) {
			if a.Code == 201 { // of those sent at once any may have been the first
				a.Code = 200
			}
			answers.hear(t, all[i], a)
			model.accept(all[i].by, all[i].report)
		}
		require.Positive(t, l.lost.Load())
		model.agree(t, m, d.initiator, d.responder)
	})
}

// Of twenty reports of the same, sent at once, one is new; all get its answer.
func TestAVTPTwentyOfTheSame(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		d := newDeal(m, dial(t, m, 0), "1")
		for _, by := range []string{d.initiator, d.responder, registryDID} {
			r := avtpReport{Transaction: "the-same", Initiator: d.initiator, Responder: d.responder, Outcome: "FAILURE_PROVIDER"}
			answers := d.together(t, slices.Repeat([]sending{{by, r}}, 20))
			codes := map[int]int{}
			for _, a := range answers {
				codes[a.Code]++
				a.Code = answers[0].Code
				require.Equal(t, answers[0], a)
			}
			require.Equal(t, map[int]int{201: 1, 200: 19}, codes)
			want := map[string][]avtpChange{d.initiator: {}, d.responder: {{d.responder, -5, -5}}, registryDID: {}}[by]
			require.Equal(t, want, answers[0].Changes)
		}
		require.Equal(t, -5, m.score(teg.Agent(d.responder)))
	})
}

// Who says two things at once is taken at the first that arrives, and told which.
func TestAVTPContradictions(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		d, model := newDeal(m, dial(t, m, 5), "1"), avtpModel{}
		outcomes := []string{"SUCCESS", "FAILURE_PROVIDER", "FAILURE_CONSUMER", "DISPUTED"}
		var all []sending
		for i := range 6 {
			for by := range maps.Keys(d.clients) {
				for _, outcome := range outcomes {
					if by == registryDID && i%2 == 0 {
						continue // the two are left to themselves
					}
					r := avtpReport{Transaction: fmt.Sprint("avtp-", i), Initiator: d.initiator, Responder: d.responder, Outcome: outcome}
					all = append(all, sending{by, r}, sending{by, r})
				}
			}
		}
		answers := told{}
		for i, a := range d.together(t, all) {
			if a.Code == 409 {
				require.Equal(t, "BIZ_ALREADY_EXISTS", a.Error)
				continue
			}
			key := all[i].by + all[i].report.Transaction
			require.True(t, answers[key].Log == "" || answers[key].Log == a.Log, "%s was taken at two words", key)
			answers[key] = a
			model.accept(all[i].by, all[i].report)
		}
		require.Len(t, answers, 15, "each was heard once: %v", answers)
		model.agree(t, m, d.initiator, d.responder)

		for i, a := range d.together(t, all) { // and once more: nobody changes its mind
			require.Equal(t, a.Code == 200, model[all[i].report.Transaction][all[i].by] == all[i].report, "%+v: %+v", all[i], a)
		}
		model.agree(t, m, d.initiator, d.responder)
	})
}
