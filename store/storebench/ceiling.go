package storebench

import (
	"context"
	"errors"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// Options say what a ceiling has to write.
type Options struct {
	Accounts   int // agents; at least 2
	EventBytes int // size of an event's body
}

// Transfer is a payment between two agents, by their numbers from 0.
type Transfer struct {
	From, To int
	Amount   amount.Amount
}

// Ceiling writes transfers by hand. It is used by one goroutine.
type Ceiling struct {
	books   *books
	scratch *Scratch
	writer  writer
}

// writer writes rows over one connection.
type writer interface {
	// populate makes the agents' rows, numbered from first in steps of two.
	populate(ctx context.Context, first int64, b *books) error
	// together writes in one transaction, with as few statements as it can.
	together(ctx context.Context, r *rows) error
	// oneByOne writes one transfer: BEGIN, statement by statement, COMMIT.
	oneByOne(ctx context.Context, r *rows) error
	// sync measures what one commit waits for the disk.
	sync(ctx context.Context) (time.Duration, error)
	close() error
}

// Ceiling makes a scratch database with agents in it, and a hand to write with.
func (p Place) Ceiling(ctx context.Context, o Options) (*Ceiling, error) {
	scratch, err := p.Scratch(ctx)
	if err != nil {
		return nil, err
	}
	c := &Ceiling{scratch: scratch, books: newBooks(o)}
	if err := c.open(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Ceiling) open(ctx context.Context) error {
	err := c.scratch.prepare(ctx)
	if err != nil {
		return err
	}
	open := openSQLite
	if c.scratch.place.server != "" {
		open = openPostgres
	}
	var treasury, last int64
	if c.writer, treasury, last, err = open(ctx, c.scratch.address); err != nil {
		return err
	}
	c.books.number(treasury, last+1)
	return c.writer.populate(ctx, last+1, c.books)
}

// Group writes transfers in one transaction.
func (c *Ceiling) Group(ctx context.Context, transfers []Transfer) error {
	r, err := c.books.post(transfers)
	if err != nil {
		return err
	}
	return c.writer.together(ctx, r)
}

// Alone writes one transfer as a lone caller would by hand.
func (c *Ceiling) Alone(ctx context.Context, t Transfer) error {
	r, err := c.books.post([]Transfer{t})
	if err != nil {
		return err
	}
	return c.writer.oneByOne(ctx, r)
}

// Sync measures what one commit waits for the disk.
func (c *Ceiling) Sync(ctx context.Context) (time.Duration, error) { return c.writer.sync(ctx) }

// Sync measures what one commit in the place waits for the disk.
func (p Place) Sync(ctx context.Context) (time.Duration, error) {
	c, err := p.Ceiling(ctx, Options{Accounts: 2})
	if err != nil {
		return 0, err
	}
	took, err := c.Sync(ctx)
	return took, errors.Join(err, c.Close())
}

// Close drops the database.
func (c *Ceiling) Close() error {
	var err error
	if c.writer != nil {
		err = c.writer.close()
	}
	return errors.Join(err, c.scratch.Drop())
}
