package tegbench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// quarrels are disputes between neighbours, each about a payment of its own, by agents
// who have a stake that can be pinned.
type quarrels struct {
	eng    *teg.Engine
	agents []teg.DID
}

func (q *quarrels) pay(i int) (teg.TransactionID, error) {
	r, err := q.eng.Transfer(context.Background(), teg.TransferParams{From: q.claimant(i), To: q.claimant(i + 1), Amount: teg.AVT("1")})
	return r.TransactionID, err
}

func (q *quarrels) claimant(i int) teg.DID { return q.agents[i%len(q.agents)] }

func (q *quarrels) file(i int) (teg.DisputeID, error) {
	paid, err := q.pay(i)
	if err != nil {
		return teg.DisputeID{}, err
	}
	r, err := q.eng.RaiseDispute(context.Background(), teg.RaiseDisputeParams{
		By: q.claimant(i), Defendant: q.claimant(i + 1), TransactionID: paid, Reason: "NOT_DELIVERED", Description: "nothing came",
	})
	return r.ID, err
}

// resolve files a dispute, takes it through all its states and has the defendant pay.
func (q *quarrels) resolve(i int) error {
	id, err := q.file(i)
	if err != nil {
		return err
	}
	for _, status := range []teg.DisputeStatus{teg.DisputeUnderReview, teg.DisputeAwaitingArbitration} {
		if _, err := q.eng.AdvanceDispute(context.Background(), teg.AdvanceDisputeParams{By: tegtest.Admin, DisputeID: id, Status: status}); err != nil {
			return err
		}
	}
	_, err = q.eng.ResolveDispute(context.Background(), teg.ResolveDisputeParams{
		By: tegtest.Admin, DisputeID: id, Resolution: teg.DisputeFavorClaimant, Notes: "paid back", Penalty: teg.AVT("1"),
	})
	return err
}

// What disputes cost in groups, each with the payment that it is about: paid alone, paid
// and filed, and paid, filed, reviewed, arbitrated and resolved with a penalty, which is
// five acts.
func BenchmarkDispute(b *testing.B) {
	const callers, each = 256, 2_000
	for name, open := range databases {
		b.Run(name, func(b *testing.B) {
			eng, agents := openBench(b, open, each)
			q := &quarrels{eng: eng, agents: agents}
			spread(b, callers, each, func(i int) error {
				_, err := eng.Stake(context.Background(), teg.StakeParams{By: q.claimant(i), Amount: teg.AVT("10")})
				return err
			})
			require.False(b, b.Failed())
			for _, far := range []struct {
				name string
				act  func(i int) error
			}{
				{"paid", func(i int) error { _, err := q.pay(i); return err }},
				{"filed", func(i int) error { _, err := q.file(i); return err }},
				{"resolved", q.resolve},
			} {
				b.Run(far.name, func(b *testing.B) { measureActs(b, callers, each, far.act) })
			}
		})
	}
}
