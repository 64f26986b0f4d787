package storebench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// Options say for whom a ceiling writes.
type Options struct {
	Owners []string      // DIDs of agents that exist in the database, funded
	Fee    amount.Amount // of every transfer
}

// Ceiling writes transfers by hand. It is used by one goroutine.
type Ceiling struct {
	books  books
	writer writer
	byRow  bool // in groups too
}

// writer carries groups out over one connection.
type writer interface {
	// find returns the ids of the treasury's row of the first writer and of the
	// agents' available rows.
	find(ctx context.Context, owners []string) (treasury int64, agents []int64, err error)
	// load opens a transaction, locks the rows and reads what is needed.
	load(ctx context.Context, b *books, g *group, byRow bool) error
	// write writes everything and commits.
	write(ctx context.Context, g *group, byRow bool) error
	// choice reports whether groups may be written row by row.
	choice() bool
	// abort ends a transaction that failed.
	abort(ctx context.Context)
	// sync measures what one commit waits for the disk.
	sync(ctx context.Context) (time.Duration, error)
	close() error
}

// Ceiling opens a scratch database in which an engine has registered and funded
// the agents, and which no engine uses any more.
func (s *Scratch) Ceiling(ctx context.Context, o Options) (*Ceiling, error) {
	open := openSQLite
	if s.place.server != "" {
		open = openPostgres
	}
	w, err := open(ctx, s.address)
	if err != nil {
		return nil, err
	}
	c := &Ceiling{writer: w, books: books{fee: o.Fee, agents: make([]account, len(o.Owners)), byID: make(map[int64]*account, len(o.Owners))}}
	treasury, ids, err := w.find(ctx, o.Owners)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("storebench: the agents were not found: %w", err), w.close())
	}
	c.books.treasury.id = treasury
	for i, id := range ids {
		a := &c.books.agents[i]
		a.id, a.owner = id, o.Owners[i]
		c.books.byID[id] = a
	}
	return c, nil
}

// Group writes transfers in one transaction.
func (c *Ceiling) Group(ctx context.Context, transfers []Transfer) error {
	return c.carryOut(ctx, transfers, c.byRow)
}

// Alone writes one transfer as a lone caller would by hand: BEGIN, statement by
// statement, COMMIT.
func (c *Ceiling) Alone(ctx context.Context, t Transfer) error {
	return c.carryOut(ctx, []Transfer{t}, true)
}

func (c *Ceiling) carryOut(ctx context.Context, transfers []Transfer, byRow bool) error {
	g := c.books.plan(transfers)
	err := c.writer.load(ctx, &c.books, g, byRow)
	if err == nil {
		err = c.books.decide(g)
	}
	if err == nil {
		err = c.writer.write(ctx, g, byRow)
	}
	if err != nil {
		c.writer.abort(ctx)
		return fmt.Errorf("storebench: %w", err)
	}
	return nil
}

// settleRounds is how often each way is tried by Settle.
const settleRounds = 8

// Settle finds out which way of writing groups of this size is faster on this
// machine, and keeps to it.
func (c *Ceiling) Settle(ctx context.Context, next func() []Transfer) error {
	if !c.writer.choice() {
		return nil
	}
	var took [2]time.Duration
	for range settleRounds {
		for way, byRow := range []bool{false, true} {
			transfers := next()
			began := time.Now()
			if err := c.carryOut(ctx, transfers, byRow); err != nil {
				return err
			}
			took[way] += time.Since(began)
		}
	}
	c.byRow = took[1] < took[0]
	return nil
}

// Sync measures what one commit waits for the disk.
func (c *Ceiling) Sync(ctx context.Context) (time.Duration, error) { return c.writer.sync(ctx) }

// Close gives the connection up. The database stays; drop it by [Scratch.Drop].
func (c *Ceiling) Close() error { return c.writer.close() }
