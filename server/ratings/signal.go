package ratings

import (
	"context"
	"errors"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/teg"
)

// signalOne gives the signal of a rating on its transfer.
func (p *play) signalOne(ctx context.Context, i int32) played {
	r, paid := &p.ratings[i], p.payments[i]
	if paid.signalled {
		return played{there: true}
	}
	weight, err := r.weight()
	if err != nil {
		return played{err: err}
	}
	_, err = p.engine.Signal(ctx, teg.SignalParams{
		By: p.agent(r.Rater), TransactionID: paid.id, Value: r.Value, Weight: weight, Given: time.Unix(0, r.Time).UTC(),
	})
	if errors.Is(err, teg.ErrSignalApplied) {
		return played{there: true}
	}
	return played{err: err}
}

// scale is the rating that says all there is to say.
var scale = teg.AVT("10")

// weight is how much a rating says, of the scale. A rating beyond the scale says all,
// and one too small for a weight the least there is: no weight at all would mean
// all.
func (r *Rating) weight() (teg.Rate, error) {
	millionths, err := amount.Smaller(r.Points, scale).MulDiv(amount.FromUnits(1_000_000), scale)
	if err != nil {
		return teg.Rate{}, err
	}
	_, ppm := millionths.Parts()
	return amount.FromPPM(uint32(max(ppm, 1)))
}
