package bunstore

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// spy is a transaction, or what is asked outside of one, that keeps what it is asked.
type spy struct {
	*sql.DB
	asked []string
}

func (s *spy) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s.asked = append(s.asked, query)
	return s.DB.ExecContext(ctx, query, args...)
}

func (s *spy) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s.asked = append(s.asked, query)
	return s.DB.QueryRowContext(ctx, query, args...)
}

func (s *spy) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s.asked = append(s.asked, query)
	return s.DB.QueryContext(ctx, query, args...)
}

// Logins cost the same however many there were: nothing reads a whole table.
func TestNoLoginScansATable(t *testing.T) {
	m, db := migrationsOf(t, sqliteFiles)
	require.NoError(t, m.Migrate(background()))
	spied := &spy{DB: db.DB}
	sessions := &Sessions{Dialect: SQLite, Asker: spied, Translate: same, Within: func(_ context.Context, f func(Executor) error) error { return f(spied) }}
	now := time.Now()
	_, err := sessions.UseChallenge(background(), [32]byte{1}, now)
	require.NoError(t, err)
	require.NoError(t, sessions.OpenSession(background(), store.Session{
		ID: store.SessionID{1}, Agent: did.MustParse("did:test:a"), Generation: 1, OpenedAt: now, ExpiresAt: now.Add(time.Hour),
	}))
	for _, generation := range []int64{1, 1} { // it rotates, and is ended
		_, _, err = sessions.RotateSession(background(), store.SessionID{1}, generation, now)
		require.NoError(t, err)
	}
	_, err = sessions.RevokeSession(background(), store.SessionID{1}, now)
	require.NoError(t, err)
	ended, err := sessions.EndedSessions(background(), time.Hour)
	require.NoError(t, err)
	require.Len(t, ended, 1)
	_, err = sessions.Sweep(background(), now)
	require.NoError(t, err)
	require.Len(t, spied.asked, 11)
	used := ""
	for _, statement := range spied.asked {
		rows, err := db.DB.Query("EXPLAIN QUERY PLAN "+statement, make([]any, strings.Count(statement, "?"))...)
		require.NoError(t, err)
		for rows.Next() {
			var id, parent, unused int
			var detail string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
			require.NotContains(t, detail, "SCAN", statement)
			used += detail + "\n"
		}
		require.NoError(t, rows.Close())
	}
	for _, index := range []string{"used_challenges_expiry", "login_sessions_expiry", "login_sessions_ended"} {
		require.Contains(t, used, index)
	}
}
