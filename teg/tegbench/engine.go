package tegbench

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/agentvault/teg-layer/teg"
)

// Engine is an engine in this process, with agents that can pay.
type Engine struct {
	engine *teg.Engine
	agents []teg.DID
}

// AgentDID is the DID of a numbered agent of a load.
func AgentDID(i int) teg.DID { return teg.Agent(fmt.Sprintf("did:bench:%d", i)) }

// Deposit is what every agent is given: more than a load can spend.
var Deposit = teg.AVT("1000000000")

var admin = teg.Agent("did:bench:admin")

// Populate makes an engine's agents, where they are missing.
func Populate(ctx context.Context, engine *teg.Engine, accounts int) (*Engine, error) {
	e := &Engine{engine: engine}
	return e, e.Extend(ctx, accounts)
}

// Extend makes more agents, until there are so many.
func (e *Engine) Extend(ctx context.Context, accounts int) error {
	first := len(e.agents)
	for i := first; i < accounts; i++ {
		e.agents = append(e.agents, AgentDID(i))
	}
	return ForEach(len(e.agents)-first, 256, func(i int) error {
		agent := e.agents[first+i]
		_, err := e.engine.Issue(ctx, teg.IssueParams{
			By: admin, To: agent, Amount: Deposit, Reason: "benchmark", Reference: agent.String(),
		})
		if errors.Is(err, teg.ErrAlreadyExists) {
			return nil
		}
		return err
	})
}

// ForEach calls act for 0 to n−1, several at a time, and returns the first error.
func ForEach(n, at int, act func(int) error) error {
	next := make(chan int)
	quit := make(chan struct{})
	var failure error
	var once sync.Once
	var workers sync.WaitGroup
	for range min(n, at) {
		workers.Go(func() {
			for i := range next {
				if err := act(i); err != nil {
					once.Do(func() { failure = err; close(quit) })
					return
				}
			}
		})
	}
	defer workers.Wait()
	defer close(next)
	for i := range n {
		select {
		case next <- i:
		case <-quit:
			return failure
		}
	}
	return failure
}

// Pay transfers through the engine.
func (e *Engine) Pay(ctx context.Context, from int, to []int, sums []teg.Amount, key string) error {
	if len(to) == 1 {
		_, err := e.engine.Transfer(ctx, teg.TransferParams{From: e.agents[from], To: e.agents[to[0]], Amount: sums[0], Key: key})
		return err
	}
	_, err := e.batch(ctx, from, to, sums, key)
	return err
}

// batch is a payment to several at once, all of which has to go through.
func (e *Engine) batch(ctx context.Context, from int, to []int, sums []teg.Amount, key string) (teg.BatchReceipt, error) {
	batch := teg.BatchParams{From: e.agents[from], Key: key, Transfers: make([]teg.BatchTransfer, len(to))}
	for i := range to {
		batch.Transfers[i] = teg.BatchTransfer{To: e.agents[to[i]], Amount: sums[i]}
	}
	receipt, err := e.engine.TransferBatch(ctx, batch)
	if err == nil && receipt.Failed > 0 {
		err = fmt.Errorf("%d transfers of a batch were refused", receipt.Failed)
	}
	return receipt, err
}

// Run puts a load on the engine, and also tells how large its groups were.
func (e *Engine) Run(ctx context.Context, l Load) (Result, error) {
	l = l.WithDefaults()
	before := e.engine.Stats()
	r, err := Run(ctx, l, e)
	after := e.engine.Stats()
	groups := teg.Stats{Groups: after.Groups - before.Groups, Operations: after.Operations - before.Operations}
	r.Group = groups.MeanGroup() * float64(l.Batch)
	return r, err
}
