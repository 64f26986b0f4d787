package storebench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/agentvault/teg-layer/ledger"
)

// postgresWriter is one native connection with everything prepared on it.
type postgresWriter struct{ conn *pgx.Conn }

// The statements for many rows at once.
const (
	moveMany = `UPDATE accounts AS a SET balance = d.balance::numeric, seq = d.seq
		FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS d (id, balance, seq) WHERE a.id = d.id`
	transactionsMany = `INSERT INTO teg_transactions (id, type, sender, sender_seq, receiver, receiver_seq, amount, fee, at)
		SELECT id, $8, sender, sender_seq, receiver, receiver_seq, amount::numeric, $7::text::numeric, $9
		FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
		AS d (id, sender, sender_seq, receiver, receiver_seq, amount)`
	entriesMany = `INSERT INTO entries (transaction_id, leg, account_id, seq, amount, balance_after)
		SELECT transaction_id, leg, account_id, seq, amount::numeric, balance_after::numeric
		FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
		AS d (transaction_id, leg, account_id, seq, amount, balance_after)`
	recordsMany = `INSERT INTO journal_0 (key, fingerprint, caller, verb, items, subjects, at)
		SELECT key, fingerprint, caller, 1, 1, subjects, $5 FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bytea[])
		AS d (key, fingerprint, caller, subjects)`
	eventsMany = `INSERT INTO events (position, id, action, actor, at, body)
		SELECT position, id, 'transfer', 'did:bench:1234', $3, $4 FROM unnest($1::bigint[], $2::uuid[]) AS d (position, id)`
)

// The statements for one row each.
const (
	moveOne        = `UPDATE accounts SET balance = $2::text::numeric, seq = $3 WHERE id = $1`
	treasuryOne    = `UPDATE accounts SET balance = $2::text::numeric, seq = $3, fees = $4::text::numeric, transactions = $5 WHERE id = $1`
	transactionOne = `INSERT INTO teg_transactions (id, type, sender, sender_seq, receiver, receiver_seq, amount, fee, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7::text::numeric, $8::text::numeric, $9)`
	entriesThree = `INSERT INTO entries (transaction_id, leg, account_id, seq, amount, balance_after) VALUES
		($1, 0, $2, $3, $4::text::numeric, $5::text::numeric), ($1, 1, $6, $7, $8::text::numeric, $9::text::numeric),
		($1, 2, $10, $11, $12::text::numeric, $13::text::numeric)`
	recordOne = `INSERT INTO journal_0 (key, fingerprint, caller, verb, items, subjects, at) VALUES ($1, $2, $3, 1, 1, $4, $5)`
	eventOne  = `INSERT INTO events (position, id, action, actor, at, body) VALUES ($1, $2, 'transfer', 'did:bench:1234', $3, $4)`
	headOne   = `UPDATE log_head SET size = $1`
)

func openPostgres(ctx context.Context, url string) (writer, int64, int64, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, 0, 0, err
	}
	for _, name := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"} { // look-ups by key, all of them
		config.RuntimeParams[name] = "off"
	}
	config.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, 0, 0, err
	}
	w := &postgresWriter{conn}
	var treasury, last int64
	err = conn.QueryRow(ctx, "SELECT (SELECT id FROM accounts WHERE kind = $1 AND stripe = 1), max(id) FROM accounts", int16(ledger.Treasury)).Scan(&treasury, &last)
	return w, treasury, last, err
}

func (w *postgresWriter) populate(ctx context.Context, first int64, b *books) error {
	for kind, offset := range map[ledger.Kind]int64{ledger.Available: 0, ledger.Locked: 1} {
		balance := deposit.String()
		if kind == ledger.Locked {
			balance = "0"
		}
		_, err := w.conn.Exec(ctx, `INSERT INTO accounts (id, owner, kind, stripe, balance, seq, status)
			SELECT $1 + 2 * i, 'did:bench:' || i, $2, 0, $3::text::numeric, 0, 1 FROM generate_series(0, $4::bigint) AS i`,
			first+offset, int16(kind), balance, len(b.agents)-1)
		if err != nil {
			return err
		}
	}
	_, err := w.conn.Exec(ctx, "VACUUM ANALYZE accounts")
	return err
}

// together sends everything at once: one round trip.
func (w *postgresWriter) together(ctx context.Context, r *rows) error {
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	queueMoves(batch, r)
	queueTransactions(batch, r)
	queueLog(batch, r)
	batch.Queue(treasuryOne, r.treasury.id, r.treasury.balance.String(), r.treasury.seq, r.fees.String(), r.count)
	batch.Queue(headOne, r.logSize+int64(len(r.transactions)))
	batch.Queue("COMMIT")
	return w.conn.SendBatch(ctx, batch).Close()
}

func queueMoves(batch *pgx.Batch, r *rows) {
	slices.SortFunc(r.moved, func(a, b *account) int { return int(a.id - b.id) })
	n := len(r.moved)
	ids, balances, seqs := make([]int64, n), make([]string, n), make([]int64, n)
	for i, a := range r.moved {
		ids[i], balances[i], seqs[i] = a.id, a.balance.String(), a.seq
	}
	batch.Queue(moveMany, ids, balances, seqs)
}

func uuidOf(id [16]byte) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }

func queueTransactions(batch *pgx.Batch, r *rows) {
	n := len(r.transactions)
	ids, sums := make(pgtype.FlatArray[pgtype.UUID], n), make([]string, n)
	senders, senderSeqs, receivers, receiverSeqs := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	of, legs := make(pgtype.FlatArray[pgtype.UUID], 0, 3*n), make([]int16, 0, 3*n)
	accounts, seqs := make([]int64, 0, 3*n), make([]int64, 0, 3*n)
	changes, balances := make([]string, 0, 3*n), make([]string, 0, 3*n)
	for i := range r.transactions {
		tx := &r.transactions[i]
		ids[i], sums[i] = uuidOf(tx.id), tx.sum.String()
		senders[i], senderSeqs[i] = tx.legs[0].account, tx.legs[0].seq
		receivers[i], receiverSeqs[i] = tx.legs[1].account, tx.legs[1].seq
		for leg, l := range tx.legs {
			of, legs, accounts, seqs = append(of, ids[i]), append(legs, int16(leg)), append(accounts, l.account), append(seqs, l.seq)
			changes, balances = append(changes, l.change.String()), append(balances, l.after.String())
		}
	}
	batch.Queue(transactionsMany, ids, senders, senderSeqs, receivers, receiverSeqs, sums, fee.String(), int16(ledger.TypeTransfer), r.at)
	batch.Queue(entriesMany, of, legs, accounts, seqs, changes, balances)
}

func queueLog(batch *pgx.Batch, r *rows) {
	n := len(r.transactions)
	keys, prints := make(pgtype.FlatArray[pgtype.UUID], n), make(pgtype.FlatArray[pgtype.UUID], n)
	callers, subjects := make([]int64, n), make([][]byte, n)
	positions, events := make([]int64, n), make(pgtype.FlatArray[pgtype.UUID], n)
	for i := range r.transactions {
		tx := &r.transactions[i]
		keys[i], prints[i], callers[i], subjects[i] = uuidOf(tx.key), uuidOf(tx.fingerprint), tx.legs[0].account, tx.id[:]
		positions[i], events[i] = r.logSize+int64(i), uuidOf(tx.event)
	}
	batch.Queue(recordsMany, keys, prints, callers, subjects, r.at)
	batch.Queue(eventsMany, positions, events, r.at, r.body)
}

// oneByOne waits for the answer to each statement.
func (w *postgresWriter) oneByOne(ctx context.Context, r *rows) error {
	tx := &r.transactions[0]
	from, to, system := &tx.legs[0], &tx.legs[1], &tx.legs[2]
	for _, call := range []struct {
		text string
		args []any
	}{
		{"BEGIN", nil},
		{moveOne, []any{from.account, from.after.String(), from.seq}},
		{moveOne, []any{to.account, to.after.String(), to.seq}},
		{treasuryOne, []any{system.account, system.after.String(), system.seq, r.fees.String(), r.count}},
		{transactionOne, []any{uuidOf(tx.id), int16(ledger.TypeTransfer), from.account, from.seq, to.account, to.seq, tx.sum.String(), fee.String(), r.at}},
		{entriesThree, []any{
			uuidOf(tx.id), from.account, from.seq, from.change.String(), from.after.String(),
			to.account, to.seq, to.change.String(), to.after.String(),
			system.account, system.seq, system.change.String(), system.after.String(),
		}},
		{recordOne, []any{uuidOf(tx.key), uuidOf(tx.fingerprint), from.account, tx.id[:], r.at}},
		{eventOne, []any{r.logSize, uuidOf(tx.event), r.at, r.body}},
		{headOne, []any{r.logSize + 1}},
		{"COMMIT", nil},
	} {
		if _, err := w.conn.Exec(ctx, call.text, call.args...); err != nil {
			return fmt.Errorf("storebench: %w", err)
		}
	}
	return nil
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

func (w *postgresWriter) close() error { return w.conn.Close(context.Background()) }
