package storebench

import (
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// catalogue holds the statements by the names under which they are prepared:
// "_many" take arrays, "_one" write a single row.
var catalogue = map[string]string{
	"begin":         `BEGIN ISOLATION LEVEL READ COMMITTED`,
	"commit":        `COMMIT`,
	"lock_treasury": `SELECT balance::text, seq, fees::text, transactions FROM accounts WHERE id = $1 FOR NO KEY UPDATE`,
	"lock_accounts": `SELECT id, balance::text, seq, status FROM accounts WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE`,
	"find_keys": `SELECT key, fingerprint FROM journal_0 WHERE key = ANY($1::uuid[])
		UNION ALL SELECT key, fingerprint FROM journal_1 WHERE key = ANY($1::uuid[])`,
	"read_state": `SELECT generation, (SELECT size FROM log_head) FROM journal_state`,
	"treasury":   `UPDATE accounts SET balance = $2::text::numeric, seq = $3, fees = $4::text::numeric, transactions = $5 WHERE id = $1`,
	"head":       `UPDATE log_head SET size = $1`,

	"accounts_many": `UPDATE accounts AS a SET balance = d.balance::numeric, seq = d.seq
		FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS d (id, balance, seq) WHERE a.id = d.id`,
	"transactions_many": `INSERT INTO teg_transactions (id, type, sender, sender_seq, receiver, receiver_seq, amount, fee, at)
		SELECT id, $8, sender, sender_seq, receiver, receiver_seq, amount::numeric, $7::text::numeric, $9
		FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
		AS d (id, sender, sender_seq, receiver, receiver_seq, amount)`,
	"entries_many": `INSERT INTO entries (transaction_id, leg, account_id, seq, amount, balance_after)
		SELECT transaction_id, leg, account_id, seq, amount::numeric, balance_after::numeric
		FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
		AS d (transaction_id, leg, account_id, seq, amount, balance_after)`,
	"journal_0_many": `INSERT INTO journal_0` + journalMany,
	"journal_1_many": `INSERT INTO journal_1` + journalMany,
	"events_many": `INSERT INTO events (position, id, action, actor, at, body)
		SELECT position, id, 'transfer', actor, $5, body FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::bytea[])
		AS d (position, id, actor, body)`,

	"account_one": `UPDATE accounts SET balance = $2::text::numeric, seq = $3 WHERE id = $1`,
	"transaction_one": `INSERT INTO teg_transactions (id, type, sender, sender_seq, receiver, receiver_seq, amount, fee, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7::text::numeric, $8::text::numeric, $9)`,
	"entries_three": `INSERT INTO entries (transaction_id, leg, account_id, seq, amount, balance_after) VALUES
		($1, 0, $2, $3, $4::text::numeric, $5::text::numeric), ($1, 1, $6, $7, $8::text::numeric, $9::text::numeric),
		($1, 2, $10, $11, $12::text::numeric, $13::text::numeric)`,
	"journal_0_one": `INSERT INTO journal_0` + journalOne,
	"journal_1_one": `INSERT INTO journal_1` + journalOne,
	"event_one":     `INSERT INTO events (position, id, action, actor, at, body) VALUES ($1, $2, 'transfer', $3, $4, $5)`,
}

const (
	journalMany = ` (key, fingerprint, caller, verb, items, subjects, at)
		SELECT key, fingerprint, caller, $5, 1, subjects, $6 FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bytea[])
		AS d (key, fingerprint, caller, subjects)`
	journalOne = ` (key, fingerprint, caller, verb, items, subjects, at) VALUES ($1, $2, $3, $4, 1, $5, $6)`
)

var (
	journalsMany = [2]string{"journal_0_many", "journal_1_many"}
	journalsOne  = [2]string{"journal_0_one", "journal_1_one"}
)

func uuidOf(id [16]byte) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }

// newIDs is room for an array of ids; FlatArray spares pgx the reflection.
func newIDs(n int) pgtype.FlatArray[pgtype.UUID] { return make(pgtype.FlatArray[pgtype.UUID], n) }

// arrayCalls write a group with one statement for each table.
func (g *group) arrayCalls() []call {
	return []call{
		g.moves(), g.treasuryCall(), g.transactions(), g.entries(), g.records(), g.events(),
		{name: "head", args: []any{g.logSize + int64(len(g.transfer))}}, {name: "commit"},
	}
}

func (g *group) moves() call {
	n := len(g.accounts)
	ids, balances, seqs := make([]int64, n), make([]string, n), make([]int64, n)
	for i, a := range g.accounts {
		ids[i], balances[i], seqs[i] = a.id, a.balance.String(), a.seq
	}
	return call{name: "accounts_many", args: []any{ids, balances, seqs}}
}

func (g *group) treasuryCall() call {
	return call{name: "treasury", args: []any{g.treasury.id, g.treasury.balance.String(), g.treasury.seq, g.fees.String(), g.count}}
}

func (g *group) transactions() call {
	n := len(g.transfer)
	ids, sums := newIDs(n), make([]string, n)
	senders, senderSeqs, receivers, receiverSeqs := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i := range g.transfer {
		p := &g.transfer[i]
		ids[i], sums[i] = uuidOf(p.id), p.sum.String()
		senders[i], senderSeqs[i] = p.legs[0].account, p.legs[0].seq
		receivers[i], receiverSeqs[i] = p.legs[1].account, p.legs[1].seq
	}
	fee := g.transfer[0].legs[2].change.String()
	return call{name: "transactions_many", args: []any{ids, senders, senderSeqs, receivers, receiverSeqs, sums, fee, int16(ledger.TypeTransfer), g.at}}
}

func (g *group) entries() call {
	n := 3 * len(g.transfer)
	of, legs := newIDs(n), make([]int16, n)
	accounts, seqs, changes, balances := make([]int64, n), make([]int64, n), make([]string, n), make([]string, n)
	for i := range n {
		p := &g.transfer[i/3]
		l := &p.legs[i%3]
		of[i], legs[i], accounts[i], seqs[i] = uuidOf(p.id), int16(i%3), l.account, l.seq
		changes[i], balances[i] = l.change.String(), l.after.String()
	}
	return call{name: "entries_many", args: []any{of, legs, accounts, seqs, changes, balances}}
}

func (g *group) records() call {
	n := len(g.transfer)
	keys, prints, callers, subjects := newIDs(n), newIDs(n), make([]int64, n), make([][]byte, n)
	for i := range g.transfer {
		p := &g.transfer[i]
		keys[i], prints[i], callers[i], subjects[i] = uuidOf(p.key), uuidOf(p.fingerprint), p.from.id, p.id[:]
	}
	return call{name: journalsMany[g.generation&1], args: []any{keys, prints, callers, subjects, int16(store.VerbTransfer), g.at}}
}

func (g *group) events() call {
	n := len(g.transfer)
	positions, ids, actors, bodies := make([]int64, n), newIDs(n), make([]string, n), make([][]byte, n)
	for i := range g.transfer {
		p := &g.transfer[i]
		positions[i], ids[i], actors[i], bodies[i] = g.logSize+int64(i), uuidOf(p.event), p.from.owner, p.body
	}
	return call{name: "events_many", args: []any{positions, ids, actors, bodies, g.at}}
}

// rowCalls write a group of one with a statement for each row, entries aside.
func (g *group) rowCalls() []call {
	p := &g.transfer[0]
	from, to, system := &p.legs[0], &p.legs[1], &p.legs[2]
	id := uuidOf(p.id)
	return []call{
		{name: "account_one", args: []any{from.account, from.after.String(), from.seq}},
		{name: "account_one", args: []any{to.account, to.after.String(), to.seq}},
		g.treasuryCall(),
		{name: "transaction_one", args: []any{
			id, int16(ledger.TypeTransfer), from.account, from.seq, to.account, to.seq, p.sum.String(), system.change.String(), g.at,
		}},
		{name: "entries_three", args: []any{
			id, from.account, from.seq, from.change.String(), from.after.String(),
			to.account, to.seq, to.change.String(), to.after.String(),
			system.account, system.seq, system.change.String(), system.after.String(),
		}},
		{name: journalsOne[g.generation&1], args: []any{
			uuidOf(p.key), uuidOf(p.fingerprint), from.account, int16(store.VerbTransfer), p.id[:], g.at,
		}},
		{name: "event_one", args: []any{g.logSize, uuidOf(p.event), p.from.owner, g.at, p.body}},
		{name: "head", args: []any{g.logSize + 1}},
		{name: "commit"},
	}
}
