package tegbench

import (
	"context"
	"fmt"

	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
)

// rowsPerTransfer is what one transfer adds to the tables that only grow: a
// transaction, three entries, an idempotency key and an event.
const rowsPerTransfer = 6

// Growth asks what a transfer costs with more and more rows behind it.
type Growth struct {
	Place storebench.Place
	Load          // how the cost is measured at each size
	Rows  []int64 // sizes at which it is measured, ascending
	Runs  int     // of which the median counts; default 3
	Log   func(text string)
}

// GrowthPoint is what a transfer costs at one size.
type GrowthPoint struct {
	Rows   int64 // behind the first run
	Result Result
	Cost   float64 // of a transfer, in multiples of the cost at the first size
}

// Run grows one database through the sizes and measures at each. The books are
// proven in the end.
func (g Growth) Run(ctx context.Context) ([]GrowthPoint, error) {
	g.Load = g.WithDefaults()
	if g.Runs == 0 {
		g.Runs = 3
	}
	subject, err := NewSubject(ctx, g.Place, g.Accounts, teg.Config{})
	if err != nil {
		return nil, err
	}
	defer subject.Close()
	var points []GrowthPoint
	for _, rows := range g.Rows {
		point, err := g.at(ctx, subject, rows)
		if err != nil {
			return nil, err
		}
		if len(points) > 0 {
			point.Cost = points[0].Result.Rate / point.Result.Rate
		} else {
			point.Cost = 1
		}
		points = append(points, point)
		g.Log(fmt.Sprintf("%d rows: %.0f transfers/s, %.2f times the cost", point.Rows, point.Result.Rate, point.Cost))
	}
	_, err = subject.API().Verify(ctx)
	return points, err
}

// at fills the database up to a size and measures there.
func (g Growth) at(ctx context.Context, subject *Subject, rows int64) (GrowthPoint, error) {
	for {
		have, err := g.rows(ctx, subject)
		if err != nil {
			return GrowthPoint{}, err
		}
		if missing := rows - have; missing > 0 {
			fill := Load{Transfers: int(min(missing/rowsPerTransfer+1, 200_000)), Accounts: g.Accounts, Clients: 8, Batch: 250}
			if _, err := subject.Run(ctx, fill); err != nil {
				return GrowthPoint{}, err
			}
			continue
		}
		runs := make([]Result, g.Runs)
		for i := range runs {
			if runs[i], err = subject.Run(ctx, g.Load); err != nil {
				return GrowthPoint{}, err
			}
		}
		return GrowthPoint{Rows: have, Result: MedianOf(runs)}, nil
	}
}

func (g Growth) rows(ctx context.Context, subject *Subject) (int64, error) {
	supply, err := subject.API().Supply(ctx)
	return supply.Transactions * rowsPerTransfer, err
}
