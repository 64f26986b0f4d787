package ratings

import (
	"context"
	"errors"
	"fmt"

	"github.com/agentvault/teg-layer/teg"
)

// ErrTaken reports that a rater has used the reference of a rating for something
// else, so that the rating has no transfer and can have none.
var ErrTaken = errors.New("its reference was used for another payment")

// transferOne makes the transfer of a rating, or finds it. It has no key, which
// would be forgotten after a day or two: its reference lasts.
func (p *play) transferOne(ctx context.Context, i int32) played {
	if paid := p.payments[i]; !paid.id.IsZero() {
		return played{payment: paid, there: true}
	}
	r := &p.ratings[i]
	receipt, err := p.engine.Transfer(ctx, teg.TransferParams{
		From: p.agent(r.Rater), To: p.agent(r.Ratee), Amount: r.Points, Reference: r.reference(),
	})
	if err == nil {
		return played{payment: payment{id: receipt.TransactionID}, receipt: receipt}
	}
	found, unread := p.find(ctx, i)
	switch {
	case found != nil:
		return played{payment: *found, there: true}
	case !errors.Is(err, teg.ErrAlreadyExists):
		return played{err: err} // what the transfer was refused for is the better answer
	case unread != nil:
		return played{err: unread}
	default:
		return played{err: fmt.Errorf("%w: %w", ErrTaken, err)}
	}
}
