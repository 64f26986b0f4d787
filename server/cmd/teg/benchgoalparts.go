package main

import (
	"context"
	"fmt"

	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegbench"
)

// byTurns makes rounds of two runs, of which the first does not count, and compares them.
func (f *goalsFlags) byTurns(goal tegbench.Goal, name, of string, round func() (ours, theirs tegbench.Result, err error)) (r tegbench.Reading, median tegbench.Result, err error) {
	r.Goal = goal
	var all, others []tegbench.Result
	for i := range f.runs + 1 {
		f.log("%s, round %d of %d", goal.Name, i, f.runs)
		ours, theirs, err := round()
		if err != nil {
			return r, median, err
		}
		if i == 0 {
			continue
		}
		all, others = append(all, ours), append(others, theirs)
		r.Values = append(r.Values, ours.Rate/theirs.Rate)
		f.kept.AddResult("HTTP/"+name+"/server", ours)
		f.kept.AddResult("HTTP/"+name+"/"+of, theirs)
		f.kept.Add("HTTP/"+name+"/of_"+of, 1, tegbench.Measure{Value: ours.Rate / theirs.Rate, Unit: tegbench.Ratio})
	}
	median = tegbench.MedianOf(all)
	r.Detail = fmt.Sprintf("%.0f of %.0f/s", median.Rate, tegbench.MedianOf(others).Rate)
	return r, median, nil
}

// singles are transfers in requests of their own. The rate is that of the server.
func (f *goalsFlags) singles(ctx context.Context, d *duel) (tegbench.Reading, float64, error) {
	r, median, err := f.byTurns(goalSingle, "single", "in_process", func() (tegbench.Result, tegbench.Result, error) { return d.round(ctx, f.Load) })
	return r, median.Rate, err
}

// bulk are transfers in requests of many.
func (f *goalsFlags) bulk(ctx context.Context, d *duel) (tegbench.Reading, error) {
	load := f.Load
	load.Batch = f.batch
	r, _, err := f.byTurns(goalBulk, "bulk", "in_process", func() (tegbench.Result, tegbench.Result, error) { return d.round(ctx, load) })
	return r, err
}

// pace offers the server so many transfers a second, whether or not it keeps up.
func (f *goalsFlags) pace(ctx context.Context, d *duel, rate float64) (tegbench.Reading, error) {
	r := tegbench.Reading{Goal: goalPace}
	load := f.Load
	load.Rate = rate
	for i := range f.runs + 1 {
		f.log("%s, round %d of %d", goalPace.Name, i, f.runs)
		run, err := tegbench.Run(ctx, load, d.server.target())
		if err != nil {
			return r, err
		}
		if i > 0 {
			r.Values = append(r.Values, milliseconds(run.P99))
			f.kept.AddResult("HTTP/half_rate/server", run)
		}
	}
	r.Detail = fmt.Sprintf("at %.0f/s", rate)
	return r, nil
}

// balances are read from the server, and the same bytes from a handler's memory.
func (f *goalsFlags) balances(ctx context.Context, d *duel) (tegbench.Reading, error) {
	target := d.server.target()
	body, err := target.get(ctx, balancePath, target.tokens[0])
	if err != nil {
		return tegbench.Reading{}, err
	}
	memory, err := startAnswering(ctx, body, target)
	if err != nil {
		return tegbench.Reading{}, err
	}
	defer memory.stop()
	r, _, err := f.byTurns(goalBalance, "balance", "from_memory", func() (ours, theirs tegbench.Result, err error) {
		if theirs, err = tegbench.Run(ctx, f.Load, balanceReader{memory.target}); err != nil {
			return ours, theirs, err
		}
		ours, err = tegbench.Run(ctx, f.Load, balanceReader{target})
		return ours, theirs, err
	})
	return r, err
}

const balancePath = "/token/balance"

// balanceReader has a payer look at its balance, and pay nothing.
type balanceReader struct{ *httpTarget }

// Pay implements [tegbench.Target].
func (b balanceReader) Pay(ctx context.Context, from int, _ []int, _ []teg.Amount, _ string) error {
	_, err := b.get(ctx, balancePath, b.tokens[from])
	return err
}
