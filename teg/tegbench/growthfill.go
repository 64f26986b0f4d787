package tegbench

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/agentvault/teg-layer/teg"
)

// What an economy has for so many rows, where nothing else is asked for.
const (
	rowsPerAgent    = 100 // each with a stake
	fewestAgents    = 20
	fewestTransfers = 20 // in a round
	signalsInBatch  = 10
	fillBatch       = 250
	fillCallers     = 8
	fillChunk       = 200_000 // transfers, after which signals are given
)

// firstStake is what each agent stakes.
var firstStake = teg.AVT("10")

// agentsFor is how many agents there are at a size.
func (g Growth) agentsFor(rows int64) int {
	if g.Accounts > 0 {
		return g.Accounts
	}
	return max(int(rows/rowsPerAgent), fewestAgents)
}

// extend registers agents until there are so many, and has each new one stake.
func extend(ctx context.Context, subject *Subject, agents int) error {
	first := len(subject.agents)
	if err := subject.Extend(ctx, agents); err != nil {
		return err
	}
	return ForEach(len(subject.agents)-first, 256, func(i int) error {
		_, err := subject.API().Stake(ctx, teg.StakeParams{By: subject.agents[first+i], Amount: firstStake})
		return err
	})
}

// crowd pays so that one agent gets a long history: the first pays every second batch.
// Some of what was paid is praised afterwards.
type crowd struct {
	*Engine
	batches atomic.Int64
	mu      sync.Mutex
	praised []teg.SignalParams
}

// Pay implements [Target].
func (c *crowd) Pay(ctx context.Context, from int, to []int, sums []teg.Amount, key string) error {
	if c.batches.Add(1)%2 == 0 {
		from = 0
		for i := range to {
			to[i] = max(to[i], 1) // nobody pays itself
		}
	}
	receipt, err := c.batch(ctx, from, to, sums, key)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, result := range receipt.Results[:min(signalsInBatch, len(receipt.Results))] {
		c.praised = append(c.praised, teg.SignalParams{By: c.agents[from], TransactionID: result.Receipt.TransactionID, Value: 1})
	}
	return nil
}

// praise gives the signals.
func (c *crowd) praise(ctx context.Context) error {
	return ForEach(len(c.praised), 256, func(i int) error {
		_, err := c.engine.Signal(ctx, c.praised[i])
		return err
	})
}

// fill writes what is missing of so many rows.
func (g Growth) fill(ctx context.Context, subject *Subject, rows int64) error {
	for {
		have, err := g.rows(ctx, subject)
		if err != nil || have >= rows {
			return err
		}
		missing := (rows - have + rowsPerTransfer - 1) / rowsPerTransfer
		load := Load{Transfers: int(min(missing, fillChunk)), Accounts: len(subject.agents), Clients: fillCallers, Batch: fillBatch}
		payers := &crowd{Engine: subject.Engine}
		_, err = Run(ctx, load, payers)
		if err := errors.Join(err, payers.praise(ctx)); err != nil {
			return err
		}
	}
}

// rows is about how many there are in the tables that only grow.
func (g Growth) rows(ctx context.Context, subject *Subject) (int64, error) {
	supply, err := subject.API().Supply(ctx)
	return supply.Transactions * rowsPerTransfer, err
}
