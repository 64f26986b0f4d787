package storebench

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// postgresWriter holds the one connection, on which every statement is prepared
// under its name.
type postgresWriter struct{ conn *pgx.Conn }

// openPostgres connects with the settings that the engine's writers have: all
// that runs are look-ups by key, planned once.
func openPostgres(ctx context.Context, url string) (writer, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("storebench: the URL cannot be read") // which may hold a password
	}
	for _, name := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"} {
		config.RuntimeParams[name] = "off"
	}
	config.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	config.RuntimeParams["timezone"] = "UTC"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	w := &postgresWriter{conn}
	for name, text := range catalogue {
		if _, err := conn.Prepare(ctx, name, text); err != nil {
			return nil, errors.Join(err, w.close())
		}
	}
	return w, nil
}

func (w *postgresWriter) close() error { return w.conn.Close(context.Background()) }

func (w *postgresWriter) choice() bool { return false }

func (w *postgresWriter) abort(ctx context.Context) {
	_, _ = w.conn.Exec(context.WithoutCancel(ctx), "ROLLBACK") // the failure has been reported
}

func (w *postgresWriter) find(ctx context.Context, owners []string) (treasury int64, agents []int64, err error) {
	err = w.conn.QueryRow(ctx, "SELECT id FROM accounts WHERE kind = $1 AND stripe = 1", int16(ledger.Treasury)).Scan(&treasury)
	if err != nil {
		return 0, nil, err
	}
	rows, err := w.conn.Query(ctx, "SELECT id, owner FROM accounts WHERE kind = $1", int16(ledger.Available))
	if err != nil {
		return 0, nil, err
	}
	byOwner := make(map[string]int64, len(owners))
	var id int64
	var owner string
	_, err = pgx.ForEachRow(rows, []any{&id, &owner}, func() error { byOwner[owner] = id; return nil })
	if err != nil {
		return 0, nil, err
	}
	agents, err = inOrder(owners, byOwner)
	return treasury, agents, err
}

// inOrder lists the ids of the owners.
func inOrder(owners []string, byOwner map[string]int64) ([]int64, error) {
	ids := make([]int64, len(owners))
	for i, owner := range owners {
		id, found := byOwner[owner]
		if !found {
			return nil, errors.New(owner + " has no account")
		}
		ids[i] = id
	}
	return ids, nil
}

// call is a prepared statement with its arguments, and where its rows go.
type call struct {
	name string
	args []any
	scan func(pgx.Rows) error // nil where no rows come
}

// run sends the calls: all at once, or each after the answer to the one before.
func (w *postgresWriter) run(ctx context.Context, calls []call, byRow bool) error {
	if byRow {
		return w.oneByOne(ctx, calls)
	}
	batch := &pgx.Batch{}
	for _, c := range calls {
		batch.Queue(c.name, c.args...)
	}
	results := w.conn.SendBatch(ctx, batch)
	for _, c := range calls {
		rows, err := results.Query()
		if err == nil {
			err = read(rows, c.scan)
		}
		if err != nil {
			return errors.Join(err, results.Close())
		}
	}
	return results.Close()
}

func (w *postgresWriter) oneByOne(ctx context.Context, calls []call) error {
	for _, c := range calls {
		rows, err := w.conn.Query(ctx, c.name, c.args...)
		if err == nil {
			err = read(rows, c.scan)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func read(rows pgx.Rows, scan func(pgx.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// load is the first round trip.
func (w *postgresWriter) load(ctx context.Context, b *books, g *group, byRow bool) error {
	ids, keys := make([]int64, len(g.accounts)), newIDs(len(g.transfer))
	for i, a := range g.accounts {
		ids[i] = a.id
	}
	for i := range g.transfer {
		keys[i] = uuidOf(g.transfer[i].key)
	}
	return w.run(ctx, []call{
		{name: "begin"},
		{"lock_treasury", []any{g.treasury.id}, g.scanTreasury},
		{"lock_accounts", []any{ids}, b.scanAccount},
		{"find_keys", []any{keys}, func(pgx.Rows) error { g.known++; return nil }},
		{"read_state", nil, func(rows pgx.Rows) error { return rows.Scan(&g.generation, &g.logSize) }},
	}, byRow)
}

func (g *group) scanTreasury(rows pgx.Rows) (err error) {
	var balance, fees string
	if err = rows.Scan(&balance, &g.treasury.seq, &fees, &g.count); err != nil {
		return err
	}
	if g.treasury.balance, err = amount.ParseSigned(balance); err != nil {
		return err
	}
	g.fees, err = amount.Parse(fees)
	return err
}

func (b *books) scanAccount(rows pgx.Rows) error {
	var id, seq int64
	var text string
	var status int16
	if err := rows.Scan(&id, &text, &seq, &status); err != nil {
		return err
	}
	balance, err := amount.ParseSigned(text)
	b.loaded(id, balance, seq, ledger.Status(status))
	return err
}

// write is the second round trip.
func (w *postgresWriter) write(ctx context.Context, g *group, byRow bool) error {
	if byRow {
		return w.run(ctx, g.rowCalls(), true)
	}
	return w.run(ctx, g.arrayCalls(), false)
}

// sync compares small commits that wait for the disk with some that do not.
func (w *postgresWriter) sync(ctx context.Context) (time.Duration, error) {
	commit := func(mode string) (time.Duration, error) {
		if _, err := w.conn.Exec(ctx, "SET synchronous_commit = "+mode); err != nil {
			return 0, err
		}
		return median(func() error {
			_, err := w.conn.Exec(ctx, "UPDATE log_head SET size = size")
			return err
		})
	}
	without, err := commit("off")
	if err != nil {
		return 0, err
	}
	with, err := commit("on")
	return max(with-without, 0), err
}
