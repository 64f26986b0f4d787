package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// Executor is a transaction, bun's or database/sql's.
type Executor interface {
	querier
	Asker
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Asker answers questions, in a transaction or outside of one.
type Asker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Sessions implements [store.Sessions] on either database.
type Sessions struct {
	Dialect Dialect
	// Within runs f in a transaction of its own and commits it. Its errors are those
	// of package store.
	Within func(ctx context.Context, f func(Executor) error) error
	// Asker reads what was committed.
	Asker Asker
	// Translate turns the errors of Asker into those of package store.
	Translate func(error) error
}

var _ store.Sessions = (*Sessions)(nil)

const insertChallenge = `INSERT INTO used_challenges (digest, expires_at) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING`

// UseChallenge implements [store.Sessions].
func (s *Sessions) UseChallenge(ctx context.Context, digest [32]byte, until time.Time) (first bool, err error) {
	err = s.Within(ctx, func(tx Executor) error {
		result, err := tx.ExecContext(ctx, insertChallenge, digest[:], s.Dialect.Time(until))
		if err != nil {
			return err
		}
		added, err := result.RowsAffected()
		first = added == 1
		return err
	})
	return first && err == nil, err
}

const insertSession = `INSERT INTO login_sessions (id, agent, generation, opened_at, expires_at, state) VALUES (?, ?, ?, ?, ?, 1)`

// OpenSession implements [store.Sessions].
func (s *Sessions) OpenSession(ctx context.Context, opened store.Session) error {
	return s.Within(ctx, func(tx Executor) error {
		_, err := tx.ExecContext(ctx, insertSession, s.Dialect.ID(opened.ID), opened.Agent.String(), opened.Generation,
			s.Dialect.Time(opened.OpenedAt), s.Dialect.Time(opened.ExpiresAt))
		return err
	})
}

const (
	rotateSession = `UPDATE login_sessions SET generation = generation + 1 WHERE id = ? AND generation = ? AND state = 1 AND expires_at > ?`
	selectSession = `SELECT id, agent, generation, opened_at, expires_at, state FROM login_sessions WHERE id = ?`
)

// RotateSession implements [store.Sessions].
func (s *Sessions) RotateSession(ctx context.Context, id store.SessionID, generation int64, now time.Time) (store.Session, store.SessionState, error) {
	var session store.Session
	var state store.SessionState
	err := s.Within(ctx, func(tx Executor) error {
		rotated, err := changed(tx.ExecContext(ctx, rotateSession, s.Dialect.ID(id), generation, s.Dialect.Time(now)))
		if err != nil {
			return err
		}
		if session, state, err = s.find(ctx, tx, id, now); err != nil || rotated || state != store.SessionOpen {
			return err
		}
		state = store.SessionReused
		return s.end(ctx, tx, id, state)
	})
	return session, state, err
}

// RevokeSession implements [store.Sessions].
func (s *Sessions) RevokeSession(ctx context.Context, id store.SessionID, now time.Time) (state store.SessionState, err error) {
	err = s.Within(ctx, func(tx Executor) error {
		if _, state, err = s.find(ctx, tx, id, now); err != nil || state != store.SessionOpen {
			return err
		}
		return s.end(ctx, tx, id, store.SessionRevoked)
	})
	return state, err
}

// end ends a session that is open, and nothing where another was faster.
func (s *Sessions) end(ctx context.Context, tx Executor, id store.SessionID, state store.SessionState) error {
	_, err := tx.ExecContext(ctx, `UPDATE login_sessions SET state = ?, ended_at = `+s.clock()+` WHERE id = ? AND state = 1`, int64(state), s.Dialect.ID(id))
	return err
}

// find reads a session and how it stands.
func (s *Sessions) find(ctx context.Context, tx Executor, id store.SessionID, now time.Time) (store.Session, store.SessionState, error) {
	var found store.Session
	var state uint8
	err := tx.QueryRowContext(ctx, selectSession, s.Dialect.ID(id)).Scan(Column{(*ledger.ID)(&found.ID)}, Column{&found.Agent},
		&found.Generation, Column{&found.OpenedAt}, Column{&found.ExpiresAt}, &state)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return store.Session{}, store.SessionUnknown, nil
	case err == nil && store.SessionState(state) == store.SessionOpen && !now.Before(found.ExpiresAt):
		return found, store.SessionExpired, nil
	}
	return found, store.SessionState(state), err
}

// changed reports whether a statement changed a row.
func changed(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// clock is the database's own.
func (s *Sessions) clock() string {
	if s.Dialect == SQLite {
		return `CAST(unixepoch('subsec') * 1000000 AS INTEGER)`
	}
	return `clock_timestamp()`
}

// ago is an instant so many microseconds before the database's clock, which is to be
// the statement's one argument.
func (s *Sessions) ago() string {
	if s.Dialect == SQLite {
		return s.clock() + ` - ?`
	}
	return s.clock() + ` - ? * interval '1 microsecond'`
}

// EndedSessions implements [store.Sessions].
func (s *Sessions) EndedSessions(ctx context.Context, within time.Duration) ([]store.SessionID, error) {
	rows, err := s.Asker.QueryContext(ctx, `SELECT id FROM login_sessions WHERE ended_at > `+s.ago(), within.Microseconds())
	if err != nil {
		return nil, s.Translate(err)
	}
	defer rows.Close()
	var ended []store.SessionID
	for rows.Next() {
		var id store.SessionID
		if err := rows.Scan(Column{(*ledger.ID)(&id)}); err != nil {
			return nil, s.Translate(err)
		}
		ended = append(ended, id)
	}
	return ended, s.Translate(rows.Err())
}

// sweeps forget what is over, the oldest first.
var sweeps = []string{
	`DELETE FROM used_challenges WHERE digest IN (SELECT digest FROM used_challenges WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
	`DELETE FROM login_sessions WHERE id IN (SELECT id FROM login_sessions WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
}

// Sweep implements [store.Sessions].
func (s *Sessions) Sweep(ctx context.Context, before time.Time) (swept int, err error) {
	for _, sweep := range sweeps {
		err := s.Within(ctx, func(tx Executor) error {
			result, err := tx.ExecContext(ctx, sweep, s.Dialect.Time(before), store.SweepStep)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			swept += int(n)
			return err
		})
		if err != nil {
			return swept, err
		}
	}
	return swept, nil
}
