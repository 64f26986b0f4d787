package server_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/avtp"
	"github.com/agentvault/teg-layer/teg"
)

// A platform that reports through package avtp, over a line that loses answers, makes the
// scores of the model, and is told what became of each report.
func TestAVTPReporter(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		l := dial(t, m, 3)
		d, model, answers := newDeal(m, l, "1"), avtpModel{}, told{}
		reporters := map[string]*avtp.Reporter{}
		for id, client := range d.clients {
			r, err := avtp.New(avtp.Config{
				URL: l.URL + "/api/v1", Token: avtp.Always(client.token), MaxPause: time.Millisecond, Transport: l.Client().Transport,
			})
			require.NoError(t, err)
			reporters[id] = r
		}
		for _, s := range d.sendings(m, 7, 0, 12) {
			result, err := reporters[s.by].Report(context.Background(), avtp.Report{
				Transaction: s.report.Transaction, Initiator: teg.Agent(s.report.Initiator), Responder: teg.Agent(s.report.Responder),
				Outcome: avtp.Outcome(s.report.Outcome), Service: s.report.Service, Payment: s.report.Payment,
			})
			var refused *avtp.RefusedError
			if errors.As(err, &refused) {
				require.Equal(t, 409, refused.Status)
				continue
			}
			require.NoError(t, err)
			answers.hear(t, s, answerOfReporter(result))
			model.accept(s.by, s.report)
		}
		require.Positive(t, l.lost.Load())
		model.agree(t, m, d.initiator, d.responder)
	})
}

// answerOfReporter is the answer as the bare client has it.
func answerOfReporter(r avtp.Result) avtpAnswer {
	a := avtpAnswer{Code: 201, Log: r.LogID, Status: r.Status, Changes: []avtpChange{}}
	if r.Again {
		a.Code = 200
	}
	for _, c := range r.Changes {
		a.Changes = append(a.Changes, avtpChange{c.Agent.String(), c.Change, c.Score})
	}
	return a
}
