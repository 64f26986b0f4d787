package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/agentvault/teg-layer/store"
)

// executor runs statements of the catalogue inside one open transaction: on the
// driver's connection for groups, through database/sql for a host's transaction.
type executor interface {
	exec(ctx context.Context, st *statement, args []driver.NamedValue) (changed int64, err error)
	query(ctx context.Context, st *statement, args []driver.NamedValue, visit func(*row)) error
	buffers() *scratch
}

// scratch is memory that one statement after the other uses on a connection.
type scratch struct {
	args arguments
	row  []driver.Value
}

// columns returns room for a row of n columns.
func (s *scratch) columns(n int) []driver.Value {
	if cap(s.row) < n {
		s.row = make([]driver.Value, n)
	}
	return s.row[:n]
}

func (c *conn) buffers() *scratch { return &c.scratch }

// load reads everything in need.
func load(ctx context.Context, e executor, need store.Need) (*store.Rows, error) {
	rows := new(store.Rows)
	for _, step := range []func(context.Context, executor, *store.Need, *store.Rows) error{
		loadAccounts, reserve, loadHolds, loadRecords, loadReferences, loadRefunded, loadStaking, loadReputation, loadFlags, loadAttestations,
		loadDisputes, loadDebts, loadPanels, loadBootstrapTokens, loadWebhooks, loadTermsVersion,
	} {
		if err := step(ctx, e, &need, rows); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// write writes everything in the changes, log_head last.
func write(ctx context.Context, e executor, c *store.Changes) error {
	for _, step := range []func(context.Context, executor, *store.Changes) error{
		writeAccounts, writeAgents, writeTransactions, writeHolds, writeStaking, writeReputation, writeFlags, writePolicies, writeAttestations, writeDisputes, writeDebts,
		writePanels, writeBootstrapTokens, writeWebhooks, writeRecords, writePrivate, writeEvents,
	} {
		if err := step(ctx, e, c); err != nil {
			return err
		}
	}
	return nil
}

// run executes a statement with the values that bind gives, and returns how
// many rows it changed.
func run(ctx context.Context, e executor, st *statement, bind func(*arguments)) (int64, error) {
	args := &e.buffers().args
	args.reset()
	bind(args)
	return e.exec(ctx, st, args.values)
}

// insert writes n rows of a batch; bind adds the values of the i-th.
func insert(ctx context.Context, e executor, b *batch, n int, bind func(a *arguments, i int)) error {
	args := &e.buffers().args
	for done := 0; done < n; {
		st, size := b.fit(n - done)
		args.reset()
		for i := range size {
			bind(args, done+i)
		}
		if _, err := e.exec(ctx, st, args.values); err != nil {
			return err
		}
		done += size
	}
	return nil
}

// find runs a lookup for n elements; bind adds the i-th.
func find(ctx context.Context, e executor, l *lookup, n int, bind func(a *arguments, i int), visit func(*row)) error {
	args := &e.buffers().args
	for done := 0; done < n; {
		st, size := l.fit(n - done)
		args.reset()
		for i := range size {
			bind(args, min(done+i, n-1))
		}
		if err := e.query(ctx, st, args.values, visit); err != nil {
			return err
		}
		done += size
	}
	return nil
}
