package ratings

import (
	"context"

	"github.com/agentvault/teg-layer/teg"
)

// payment is the transfer that a rating became.
type payment struct {
	id        teg.TransactionID
	signalled bool // it has its signal already
}

// paymentOf returns what a rating became if this transaction, which has the rating's
// reference, is it. The ratee may have used the same reference, and the rater for
// something else.
func (p *play) paymentOf(i int32, tx *teg.Transaction) (payment, bool) {
	r := &p.ratings[i]
	if tx.Type != teg.TypeTransfer || tx.From != p.agent(r.Rater) || tx.To != p.agent(r.Ratee) {
		return payment{}, false
	}
	return payment{id: tx.ID, signalled: tx.Signal != 0}, true
}

// recallPerRating is how many transactions are looked through for each rating of a
// trader: to read so many costs less than to look for one by its reference.
const recallPerRating = 20

// recall looks through what a trader paid and was paid of late for what it has rated,
// so that a file that is played again is not asked for rating by rating, each after
// the one before. What it does not come to, find finds.
func (p *play) recall(ctx context.Context, t *trader) error {
	wanted := make(map[string]int32, len(t.gave))
	for _, i := range t.gave {
		wanted[p.ratings[i].reference()] = i
	}
	left := recallPerRating * len(t.gave)
	if left == 0 {
		return nil
	}
	q := teg.TransactionsQuery{Agent: t.id, Limit: min(left, teg.MaxLimit)}
	for tx, err := range p.engine.AllTransactions(ctx, q) {
		if err != nil {
			return err
		}
		if i, is := wanted[tx.Reference]; is {
			if paid, is := p.paymentOf(i, &tx); is {
				p.payments[i] = paid
				delete(wanted, tx.Reference)
			}
		}
		if left--; left == 0 || len(wanted) == 0 {
			return nil
		}
	}
	return nil
}

// find looks for the transfer of a rating that was played before; nil where there
// is none. What was played stays played, also where it would be refused today: the
// rater may have spent what it had, or be suspended by now.
func (p *play) find(ctx context.Context, i int32) (*payment, error) {
	r := &p.ratings[i]
	page, err := p.engine.Transactions(ctx, teg.TransactionsQuery{
		Agent: p.agent(r.Rater), Counterparty: p.agent(r.Ratee), Reference: r.reference(),
	})
	if err != nil {
		return nil, err
	}
	for j := range page.Transactions {
		if paid, is := p.paymentOf(i, &page.Transactions[j]); is {
			return &paid, nil
		}
	}
	return nil, nil
}
