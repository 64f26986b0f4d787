package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// baseConn is what the driver's connections can do.
type baseConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	IsReadOnly(schema string) (bool, error)
}

// connector opens connections with one set of parameters.
type connector struct {
	driver.Connector
	guests *guests // told about transactions of database/sql; nil on other than the write connection
}

func newConnector(dsn string, g *guests) (*connector, error) {
	base, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return &connector{Connector: base, guests: g}, nil
}

// Connect opens one connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, translate(err)
	}
	base, ok := opened.(baseConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("sqlite: the driver's %T lacks what is needed", opened), opened.Close())
	}
	return &conn{baseConn: base, guests: c.guests, prepared: make(map[*statement]preparedStmt)}, nil
}

// conn is a connection of the driver with the statements prepared on it, whose
// errors are those of package store.
type conn struct {
	baseConn
	guests   *guests
	prepared map[*statement]preparedStmt
	scratch  scratch
}

// preparedStmt is the driver's own statement: compiled once, and called with
// reused values.
type preparedStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// prepare returns the connection's prepared form of a statement.
func (c *conn) prepare(st *statement) (preparedStmt, error) {
	if p, ok := c.prepared[st]; ok {
		return p, nil
	}
	opened, err := c.PrepareContext(context.Background(), st.text)
	if err != nil {
		return nil, translate(err)
	}
	p, ok := opened.(preparedStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("sqlite: the driver's %T lacks what is needed", opened), opened.Close())
	}
	c.prepared[st] = p
	return p, nil
}

// exec runs a statement of the catalogue and returns how many rows it changed.
func (c *conn) exec(ctx context.Context, st *statement, args []driver.NamedValue) (int64, error) {
	p, err := c.prepare(st)
	if err != nil {
		return 0, err
	}
	result, err := p.ExecContext(ctx, args)
	if err != nil {
		return 0, translate(err)
	}
	return result.RowsAffected()
}

// query runs a statement of the catalogue and hands each row to visit.
func (c *conn) query(ctx context.Context, st *statement, args []driver.NamedValue, visit func(*row)) (err error) {
	p, err := c.prepare(st)
	if err != nil {
		return err
	}
	rows, err := p.QueryContext(ctx, args)
	if err != nil {
		return translate(err)
	}
	defer func() {
		if closing := rows.Close(); err == nil {
			err = translate(closing)
		}
	}()
	r := row{values: c.scratch.columns(len(rows.Columns()))}
	for {
		if err := rows.Next(r.values); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return translate(err)
		}
		r.next = 0
		if visit(&r); r.err != nil {
			return r.err
		}
	}
}

// ExecContext translates the driver's errors.
func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.baseConn.ExecContext(ctx, text, args)
	return result, translate(err)
}

// QueryContext translates the driver's errors, also those of later rows.
func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.baseConn.QueryContext(ctx, text, args)
	if err != nil {
		return nil, translate(err)
	}
	return translatedRows{rows}, nil
}

// BeginTx opens a transaction of database/sql: a host's, or a step of setting
// up. It is counted, so that others can say for whom they wait.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	begun, err := c.baseConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, translate(err)
	}
	if c.guests != nil {
		c.guests.enter()
	}
	return &guestTx{Tx: begun, guests: c.guests}, nil
}

// Close closes the statements and then the connection.
func (c *conn) Close() error {
	var errs []error
	for _, p := range c.prepared {
		errs = append(errs, p.Close())
	}
	clear(c.prepared)
	return errors.Join(append(errs, c.baseConn.Close())...)
}

// translatedRows are rows whose errors are those of package store.
type translatedRows struct{ driver.Rows }

func (r translatedRows) Next(dest []driver.Value) error {
	if err := r.Rows.Next(dest); err != nil {
		return translate(err)
	}
	return nil
}

func (r translatedRows) Close() error { return translate(r.Rows.Close()) }

// rollBack ends the connection's transaction. An error of SQLite's may have
// ended it already; a connection whose state is not clear is given up.
func rollBack(c *conn) error {
	if _, err := c.exec(context.Background(), rollback, nil); err != nil && !isCode(err, lib.SQLITE_ERROR) {
		return driver.ErrBadConn
	}
	return nil
}
