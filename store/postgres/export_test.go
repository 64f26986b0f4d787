package postgres

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// Resolve asks what became of a transaction as a writer that lost it would.
func (s *Store) Resolve(ctx context.Context, xid string, changes *store.Changes) error {
	g := &group{writer: &writer{store: s}, loaded: loaded{xid: xid}}
	return g.resolve(ctx, changes, errors.New("the connection was cut"))
}

// LockPlans are the plans that a writer's connection makes for the statements
// that lock.
func (s *Store) LockPlans(ctx context.Context) (map[string]string, error) {
	return s.plans(ctx, []asked{
		{lockAccounts[0], `('{1,2}')`}, {lockAccounts[1], `('{1,2}')`}, {lockOwners[0], `('{1,2}', '{did:key:a}')`},
		{lockHolds[0], `('{}', '{1}')`},
	})
}

// BucketPlan is that for counting the agents of scores.
func (s *Store) BucketPlan(ctx context.Context) (string, error) {
	return s.plan(ctx, moveBuckets, `(16, '{1,0}', '{1,-1}')`)
}

// StakePlans are those for the statements that find and change rows of stakes.
func (s *Store) StakePlans(ctx context.Context) (map[string]string, error) {
	list := []asked{
		{findStakes, `('{}', '{}', '{}', '{1,2}', '{3}')`}, {findDelegations, `('{}')`}, {findUnbondings, `('{}', '{1,2}')`}, {findParts, `('{}')`},
		{findReturning, `('{}')`}, {findPools, `('{}', '{1}', '{}')`}, {findCycles, `('{1,2}')`},
	}
	for _, change := range []statement{pools.change, stakes.change, delegations.change, unbondings.change} {
		list = append(list, asked{change, `('{}'` + strings.Repeat(`, '{}'`, strings.Count(change.sql, "$")-2) + `)`})
	}
	return s.plans(ctx, list)
}

// asked is a statement with its arguments.
type asked struct {
	statement
	args string
}

func (s *Store) plans(ctx context.Context, list []asked) (map[string]string, error) {
	plans := map[string]string{}
	for _, c := range list {
		plan, err := s.plan(ctx, c.statement, c.args)
		if err != nil {
			return nil, err
		}
		plans[c.name] = plan
	}
	return plans, nil
}

func (s *Store) plan(ctx context.Context, of statement, args string) (string, error) {
	return explain(ctx, s.writers, of, args)
}

// OwnersPlan is the one that a reader's connection makes for the rows of so many owners.
func (s *Store) OwnersPlan(ctx context.Context, n int) (string, error) {
	list := strings.TrimSuffix(strings.Repeat("did:key:a,", n), ",")
	return explain(ctx, s.db.DB, statement{"read_owners", readOwners}, `('{`+list+`}')`)
}

func explain(ctx context.Context, pool *sql.DB, of statement, args string) (string, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `PREPARE `+of.name+` AS `+of.sql); err != nil {
		return "", err
	}
	rows, err := conn.QueryContext(ctx, `EXPLAIN EXECUTE `+of.name+args)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return "", err
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n"), rows.Err()
}

// ShortenCommits has a COMMIT wait for its answer, and what became of one be asked for, as
// long as given, until the returned function is called.
func ShortenCommits(commit, resolve time.Duration) (restore func()) {
	oldCommit, oldResolve := commitLimit, resolveLimit
	commitLimit, resolveLimit = commit, resolve
	return func() { commitLimit, resolveLimit = oldCommit, oldResolve }
}

// LockTimeout is how long a writer waits for rows briefly whose transactions have held
// theirs for as long as given.
func (s *Store) LockTimeout(ctx context.Context, held time.Duration) (timeout string, err error) {
	w := &writer{store: s, spans: spans(held)}
	defer w.Close()
	tx, _, err := w.Begin(ctx, store.Need{}, store.LockBriefly)
	if err != nil {
		return "", err
	}
	show := ask(statement{"", `SHOW lock_timeout`}, func(row scanner) error { return row.Scan(&timeout) })
	err = tx.(*group).run(ctx, []call{show})
	return timeout, errors.Join(err, tx.Rollback(ctx))
}

// InsertEvents is the statement by which a group's events are written.
func (s *Store) InsertEvents() string { return insertEvents.sql }

// WantsTurn reports whether a writer would ask for the turn.
func WantsTurn(w store.Writer) bool { return w.(*writer).turns.wanted() }

// GroupsInTurn is how many groups ask for the turn where each gets it at once, or waits.
func GroupsInTurn(atOnce bool) (n int) {
	t := turns{left: mostTurns}
	for ; t.wanted(); n++ {
		t.took(atOnce)
	}
	return n
}

// TurnAfter reports whether a writer asks for the turn after a group that waited for its
// rows, where its own transactions take as long as given.
func TurnAfter(wait, own time.Duration) bool {
	var t turns
	t.waited(wait, spans(own))
	return t.wanted()
}

// WantTurn has a writer ask for the turn.
func WantTurn(w store.Writer) { w.(*writer).turns.left = mostTurns }
