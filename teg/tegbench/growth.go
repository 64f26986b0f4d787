package tegbench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/store/storebench"
	"github.com/agentvault/teg-layer/teg"
)

// rowsPerTransfer is what one transfer adds to the tables that only grow: a
// transaction, three entries, an idempotency key and an event. Registering and
// funding an account adds about as many, and so does a stake.
const rowsPerTransfer = 6

// Growth asks what each verb costs with more and more rows behind it. Zero fields stand
// for the defaults.
type Growth struct {
	Place storebench.Place
	// Load is how transfers are measured at each size: 10,000 by default, and no more than a
	// tenth of the size, as they make rows too. Accounts are those at all sizes; by default
	// there is one for each hundred rows, so that lists of agents, stakes and signals grow as
	// the tables do.
	Load
	Rows []int64 // sizes at which it is measured, ascending; default 10⁴, 10⁵, 10⁶ and 10⁷
	Runs int     // of which the median counts, after one that does not; default 5
	// Reads is how often a lone caller asks each question in a round; default 100.
	Reads int
	Log   func(text string)
}

// WithDefaults fills what was left zero, but for the number of accounts, where zero has a
// meaning.
func (g Growth) WithDefaults() Growth {
	if g.Transfers == 0 && g.Duration == 0 {
		g.Transfers = 10_000
	}
	accounts := g.Accounts
	g.Load = g.Load.WithDefaults()
	g.Accounts = accounts
	if len(g.Rows) == 0 {
		g.Rows = []int64{10_000, 100_000, 1_000_000, 10_000_000}
	}
	if g.Runs == 0 {
		g.Runs = 5
	}
	if g.Reads == 0 {
		g.Reads = 100
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
	case g.Reads < 1:
		return errors.New("there must be at least one read")
	}
	load := g.Load
	load.Accounts = g.agentsFor(0)
	return load.Check()
}

// GrowthPoint is what was measured at one size.
type GrowthPoint struct {
	Rows   int64 // behind the first run that counts; more than was asked for where the accounts alone are more
	Until  int64 // behind the last
	Agents int
	Result Result // of the transfers
	Costs  []Cost // in the order of the verbs
}

// Cost is what a verb took at one size.
type Cost struct {
	Verb   string
	Rounds []time.Duration
	Took   time.Duration // the round in the middle
	Times  float64       // that, in multiples of the first size
}

// Run grows one database through the sizes and measures at each. The books are
// proven in the end.
func (g Growth) Run(ctx context.Context) (points []GrowthPoint, err error) {
	g = g.WithDefaults()
	if err := g.Check(); err != nil {
		return nil, err
	}
	subject, err := NewSubject(ctx, g.Place, 0, teg.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, subject.Close()) }()
	for _, rows := range g.Rows {
		point, err := g.at(ctx, subject, rows)
		if err != nil {
			return points, err
		}
		points = append(points, point)
		point.compare(&points[0])
		g.Log(fmt.Sprintf("%d rows: %.0f transfers/s, %.2f times the cost", point.Rows, point.Result.Rate, point.Costs[0].Times))
	}
	g.Log("verifying")
	_, err = subject.API().Verify(ctx)
	return points, err
}

// compare fills in multiples of the first size.
func (p *GrowthPoint) compare(first *GrowthPoint) {
	for i := range p.Costs {
		p.Costs[i].Times = float64(p.Costs[i].Took) / float64(first.Costs[i].Took)
	}
}

// at fills the database up to a size, the last rows by a round that does not count,
// and measures there.
func (g Growth) at(ctx context.Context, subject *Subject, rows int64) (p GrowthPoint, err error) {
	g.Log(fmt.Sprintf("filling up to %d rows", rows))
	if err := extend(ctx, subject, g.agentsFor(rows)); err != nil {
		return p, err
	}
	load := g.loadFor(rows, len(subject.agents))
	if err := g.fill(ctx, subject, rows-int64(load.Transfers)*rowsPerTransfer); err != nil {
		return p, err
	}
	if _, _, err := g.measure(ctx, subject, load); err != nil {
		return p, err
	}
	if p.Rows, err = g.rows(ctx, subject); err != nil {
		return p, err
	}
	rounds, runs := make([]costs, g.Runs), make([]Result, g.Runs)
	for i := range rounds {
		if rounds[i], runs[i], err = g.measure(ctx, subject, load); err != nil {
			return p, err
		}
	}
	p.Agents, p.Result, p.Costs = len(subject.agents), MedianOf(runs), medians(rounds)
	p.Until, err = g.rows(ctx, subject)
	return p, err
}

// loadFor is what is put on at a size.
func (g Growth) loadFor(rows int64, agents int) Load {
	load := g.Load
	load.Accounts = agents
	if load.Transfers > 0 {
		load.Transfers = min(load.Transfers, max(int(rows/10), fewestTransfers))
	}
	return load
}

// medians are the costs of each verb over the rounds.
func medians(rounds []costs) []Cost {
	list := make([]Cost, 0, len(verbs))
	for _, verb := range verbs {
		c := Cost{Verb: verb, Times: 1}
		for _, round := range rounds {
			c.Rounds = append(c.Rounds, round[verb])
		}
		c.Took = middle(c.Rounds, cmp.Compare)
		list = append(list, c)
	}
	return list
}
