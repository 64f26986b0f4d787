package postgres

import (
	"cmp"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

var (
	moveAccounts = guarded("move_accounts", `UPDATE accounts AS a SET balance = d.balance::numeric, seq = d.seq
		FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS d (id, balance, seq) WHERE a.id = d.id`, `cardinality($1::bigint[])`)
	alterAccounts = guarded("alter_accounts", `UPDATE accounts AS a SET status = d.status, suspended_until = d.suspended_until,
		owes = d.owes::numeric, open_holds = d.open_holds, next_hold_expiry = d.next_hold_expiry, debited = d.debited::numeric,
		fees = d.fees::numeric, transactions = d.transactions, balance = d.balance::numeric, seq = d.seq
		FROM unnest($1::bigint[], $2::smallint[], $3::timestamptz[], $4::text[], $5::int[], $6::timestamptz[], $7::text[], $8::text[], $9::bigint[],
		$10::text[], $11::bigint[])
		AS d (id, status, suspended_until, owes, open_holds, next_hold_expiry, debited, fees, transactions, balance, seq) WHERE a.id = d.id`,
		`cardinality($1::bigint[])`)
	openAccounts = statement{"open_accounts", `INSERT INTO accounts (id, owner, kind, stripe, balance, seq, status, suspended_until, owes,
		open_holds, next_hold_expiry, debited, fees, transactions)
		SELECT id, owner, kind, stripe, balance::numeric, seq, status, suspended_until, owes::numeric, open_holds, next_hold_expiry,
		debited::numeric, fees::numeric, transactions
		FROM unnest($1::bigint[], $2::smallint[], $3::timestamptz[], $4::text[], $5::int[], $6::timestamptz[], $7::text[], $8::text[], $9::bigint[],
		$10::text[], $11::bigint[], $12::text[], $13::smallint[], $14::smallint[])
		AS d (id, status, suspended_until, owes, open_holds, next_hold_expiry, debited, fees, transactions, balance, seq, owner, kind, stripe)`}
	insertAgents = statement{"insert_agents", `INSERT INTO agent_teg_profiles (did, account_id, locked_id, origin, metadata, suspension_reason,
		reputation_score, created_at)
		SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::text[], $7::int[], $8::timestamptz[])`}
	changeProfile = guarded("change_profile", `UPDATE agent_teg_profiles SET suspension_reason = $2 WHERE did = $1`, `1`)
)

// writeCalls are the statements that write the changes, all but the events.
func (l *loaded) writeCalls(c *store.Changes) []call {
	var calls []call
	if len(c.Opened) > 0 {
		calls = append(calls, openAccountsCall(c.Opened))
	}
	if moved := movedOnly(c); len(moved) > 0 {
		calls = append(calls, moveAccountsCall(moved))
	}
	if len(c.Altered) > 0 {
		calls = append(calls, do(alterAccounts, standings(byID(c.Altered))...))
	}
	if len(c.Agents) > 0 {
		calls = append(calls, insertAgentsCall(c.Agents))
	}
	for _, p := range c.Profiles {
		calls = append(calls, do(changeProfile, p.Agent.String(), p.SuspensionReason))
	}
	if len(c.Transactions) > 0 {
		calls = append(calls, transactionCalls(c.Transactions)...)
	}
	calls = append(calls, holdCalls(c)...)
	return append(calls, l.journalCalls(c)...)
}

// movedOnly are the rows of which nothing but balance and seq changed. The others
// are written once, with everything: each write of a row leaves a dead one.
func movedOnly(c *store.Changes) []*ledger.Account {
	altered := make(map[ledger.AccountID]bool, len(c.Altered))
	for _, row := range c.Altered {
		altered[row.ID] = true
	}
	moved := make([]*ledger.Account, 0, len(c.Moved))
	for _, row := range c.Moved {
		if !altered[row.ID] {
			moved = append(moved, row)
		}
	}
	return moved
}

func byID(rows []*ledger.Account) []*ledger.Account {
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, func(a, b *ledger.Account) int { return cmp.Compare(a.ID, b.ID) })
	return sorted
}

func moveAccountsCall(rows []*ledger.Account) call {
	ids, balances, seqs := make([]int64, len(rows)), make([]string, len(rows)), make([]int64, len(rows))
	for i, row := range byID(rows) {
		ids[i], balances[i], seqs[i] = int64(row.ID), row.Balance.String(), row.Seq
	}
	return do(moveAccounts, ids, balances, seqs)
}

// standings are the columns that can change.
func standings(rows []*ledger.Account) []any {
	n := len(rows)
	ids, statuses, holds, transactions := make([]int64, n), make([]int16, n), make([]int32, n), make([]int64, n)
	suspended, expiries := make([]*time.Time, n), make([]*time.Time, n)
	owes, debited, fees := make([]string, n), make([]string, n), make([]string, n)
	balances, seqs := make([]string, n), make([]int64, n)
	for i, row := range rows {
		ids[i], statuses[i], suspended[i], owes[i] = int64(row.ID), int16(row.Status), moment(row.SuspendedUntil), row.Owes.String()
		holds[i], expiries[i] = int32(row.OpenHolds), moment(row.NextHoldExpiry)
		debited[i], fees[i], transactions[i] = row.Tally.Debited.String(), row.Tally.Fees.String(), row.Tally.Transactions
		balances[i], seqs[i] = row.Balance.String(), row.Seq
	}
	return []any{ids, statuses, suspended, owes, holds, expiries, debited, fees, transactions, balances, seqs}
}

// openAccountsCall makes rows in the order of their unique key, in which others
// that make the same are met.
func openAccountsCall(rows []*ledger.Account) call {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b *ledger.Account) int { return cmp.Or(a.Owner.Compare(b.Owner), cmp.Compare(a.Kind, b.Kind)) })
	n := len(rows)
	names, kinds, stripes := make([]string, n), make([]int16, n), make([]int16, n)
	for i, row := range rows {
		names[i], kinds[i], stripes[i] = row.Owner.String(), int16(row.Kind), int16(row.Stripe)
	}
	return do(openAccounts, append(standings(rows), names, kinds, stripes)...)
}

func insertAgentsCall(agents []ledger.Agent) call {
	n := len(agents)
	names, available, locked, origins := make([]string, n), make([]int64, n), make([]int64, n), make([]int16, n)
	metadata, reasons, scores, created := make([]*string, n), make([]string, n), make([]int32, n), make([]time.Time, n)
	for i := range agents {
		a := &agents[i]
		names[i], available[i], locked[i], origins[i] = a.ID.String(), int64(a.Account), int64(a.Locked), int16(a.Origin)
		metadata[i], reasons[i], scores[i], created[i] = optional(string(a.Metadata)), a.SuspensionReason, int32(a.Reputation), a.CreatedAt
	}
	return do(insertAgents, names, available, locked, origins, metadata, reasons, scores, created)
}

var (
	insertTransactions = statement{"insert_transactions", `INSERT INTO teg_transactions (id, type, sender, sender_seq, receiver, receiver_seq,
		amount, fee, reason, reference_id, reference, at)
		SELECT id, type, sender, sender_seq, receiver, receiver_seq, amount::numeric, fee::numeric, reason, reference_id, reference, at
		FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[], $9::text[],
		$10::text[], $11::text[], $12::timestamptz[])
		AS d (id, type, sender, sender_seq, receiver, receiver_seq, amount, fee, reason, reference_id, reference, at)`}
	insertEntries = statement{"insert_entries", `INSERT INTO entries (transaction_id, leg, account_id, seq, amount, balance_after)
		SELECT transaction_id, leg, account_id, seq, amount::numeric, balance_after::numeric
		FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
		AS d (transaction_id, leg, account_id, seq, amount, balance_after)`}
)

// transactionCalls write transactions and their entries.
func transactionCalls(list []ledger.Transaction) []call {
	n := len(list)
	ids, types, at := make(pgtype.FlatArray[pgtype.UUID], n), make([]int16, n), make([]time.Time, n)
	senders, senderSeqs, receivers, receiverSeqs := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	sums, fees := make([]string, n), make([]string, n)
	reasons, referenceIDs, references := make([]*string, n), make([]*string, n), make([]*string, n)
	legs := 0
	for i := range list {
		t := &list[i]
		ids[i], types[i], at[i] = pgtype.UUID{Bytes: t.ID, Valid: true}, int16(t.Type), t.At
		senders[i], senderSeqs[i], receivers[i], receiverSeqs[i] = int64(t.Sender), t.SenderSeq, int64(t.Receiver), t.ReceiverSeq
		sums[i], fees[i] = t.Amount.String(), t.Fee.String()
		reasons[i], referenceIDs[i], references[i] = optional(t.Notes.Reason), optional(t.Notes.ReferenceID), optional(t.Notes.Reference)
		legs += len(t.Entries)
	}
	return []call{
		do(insertTransactions, ids, types, senders, senderSeqs, receivers, receiverSeqs, sums, fees, reasons, referenceIDs, references, at),
		insertEntriesCall(list, legs),
	}
}

func insertEntriesCall(list []ledger.Transaction, n int) call {
	ids, legs := make(pgtype.FlatArray[pgtype.UUID], 0, n), make([]int16, 0, n)
	accounts, seqs := make([]int64, 0, n), make([]int64, 0, n)
	sums, balances := make([]string, 0, n), make([]string, 0, n)
	for i := range list {
		for _, e := range list[i].Entries {
			ids, legs = append(ids, pgtype.UUID{Bytes: e.Transaction, Valid: true}), append(legs, int16(e.Leg))
			accounts, seqs = append(accounts, int64(e.Account)), append(seqs, e.Seq)
			sums, balances = append(sums, e.Amount.String()), append(balances, e.BalanceAfter.String())
		}
	}
	return do(insertEntries, ids, legs, accounts, seqs, sums, balances)
}
