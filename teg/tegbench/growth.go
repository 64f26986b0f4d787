package tegbench

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
)

// rowsPerTransfer is what one transfer adds to the tables that only grow: a
// transaction, three entries, an idempotency key and an event. Registering and
// funding an account adds about as many.
const rowsPerTransfer = 6

// Growth asks what a transfer costs with more and more rows behind it. Zero
// fields stand for the defaults.
type Growth struct {
	Place storebench.Place
	Load          // how the cost is measured at each size; 10,000 transfers by default, few, as they make rows too
	Rows  []int64 // sizes at which it is measured, ascending; default 100,000 and 10,000,000
	Runs  int     // of which the median counts, after one that does not; default 5
	Log   func(text string)
}

// WithDefaults fills what was left zero.
func (g Growth) WithDefaults() Growth {
	if g.Transfers == 0 && g.Duration == 0 {
		g.Transfers = 10_000
	}
	g.Load = g.Load.WithDefaults()
	if len(g.Rows) == 0 {
		g.Rows = []int64{100_000, 10_000_000}
	}
	if g.Runs == 0 {
		g.Runs = 5
	}
	if g.Log == nil {
		g.Log = func(string) {}
	}
	return g
}

// Check says what is wrong with it.
func (g Growth) Check() error {
	switch {
	case len(g.Rows) == 0 || g.Rows[0] < 0 || !slices.IsSorted(g.Rows):
		return errors.New("the sizes must be given in ascending order")
	case g.Runs < 1 || g.Runs > 1000:
		return errors.New("there must be from 1 to 1000 runs")
	}
	return g.Load.Check()
}

// GrowthPoint is what a transfer costs at one size.
type GrowthPoint struct {
	Rows   int64 // behind the first run that counts; more than was asked for where the accounts alone are more
	Until  int64 // behind the last
	Result Result
	Cost   float64 // of a transfer, in multiples of the cost at the first size
}

// Run grows one database through the sizes and measures at each. The books are
// proven in the end.
func (g Growth) Run(ctx context.Context) (points []GrowthPoint, err error) {
	g = g.WithDefaults()
	if err := g.Check(); err != nil {
		return nil, err
	}
	g.Log(fmt.Sprintf("registering %d accounts", g.Accounts))
	subject, err := NewSubject(ctx, g.Place, g.Accounts, teg.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, subject.Close()) }()
	for _, rows := range g.Rows {
		point, err := g.at(ctx, subject, rows)
		if err != nil {
			return points, err
		}
		point.Cost = 1
		if len(points) > 0 {
			point.Cost = points[0].Result.Rate / point.Result.Rate
		}
		points = append(points, point)
		g.Log(fmt.Sprintf("%d rows: %.0f transfers/s, %.2f times the cost", point.Rows, point.Result.Rate, point.Cost))
	}
	g.Log("verifying")
	_, err = subject.API().Verify(ctx)
	return points, err
}

// at fills the database up to a size, the last rows by a run that does not count,
// and measures there.
func (g Growth) at(ctx context.Context, subject *Subject, rows int64) (p GrowthPoint, err error) {
	if err := g.fill(ctx, subject, rows-int64(g.Transfers)*rowsPerTransfer); err != nil {
		return p, err
	}
	if _, err := subject.Run(ctx, g.Load); err != nil {
		return p, err
	}
	if p.Rows, err = g.rows(ctx, subject); err != nil {
		return p, err
	}
	runs := make([]Result, g.Runs)
	for i := range runs {
		if runs[i], err = subject.Run(ctx, g.Load); err != nil {
			return p, err
		}
	}
	p.Result = MedianOf(runs)
	p.Until, err = g.rows(ctx, subject)
	return p, err
}

// fill writes what is missing of so many rows.
func (g Growth) fill(ctx context.Context, subject *Subject, rows int64) error {
	for {
		have, err := g.rows(ctx, subject)
		if err != nil || have >= rows {
			return err
		}
		missing := (rows - have + rowsPerTransfer - 1) / rowsPerTransfer
		load := Load{Transfers: int(min(missing, 200_000)), Accounts: g.Accounts, Clients: 8, Batch: 250}
		if _, err := subject.Run(ctx, load); err != nil {
			return err
		}
	}
}

func (g Growth) rows(ctx context.Context, subject *Subject) (int64, error) {
	supply, err := subject.API().Supply(ctx)
	return supply.Transactions * rowsPerTransfer, err
}
