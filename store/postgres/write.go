package postgres

import (
	"cmp"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

var (
	moveAccounts = guarded("move_accounts", `UPDATE accounts AS a SET balance = d.balance, seq = d.seq
		FROM unnest($1::bigint[], $2::numeric[], $3::bigint[]) AS d (id, balance, seq) WHERE a.id = d.id`, `cardinality($1::bigint[])`)
	alterAccounts = guarded("alter_accounts", `UPDATE accounts AS a SET status = d.status, suspended_until = d.suspended_until,
		owes = d.owes, open_holds = d.open_holds, next_hold_expiry = d.next_hold_expiry, positions = d.positions, next_unbonding = d.next_unbonding,
		debited = d.debited, fees = d.fees, transactions = d.transactions, balance = d.balance, seq = d.seq
		FROM unnest($1::bigint[], $2::smallint[], $3::timestamptz[], $4::numeric[], $5::int[], $6::timestamptz[], $7::int[], $8::timestamptz[], $9::numeric[],
		$10::numeric[], $11::bigint[], $12::numeric[], $13::bigint[])
		AS d (id, status, suspended_until, owes, open_holds, next_hold_expiry, positions, next_unbonding, debited, fees, transactions, balance, seq) WHERE a.id = d.id`,
		`cardinality($1::bigint[])`)
	openAccounts = statement{"open_accounts", `INSERT INTO accounts (id, owner, kind, stripe, balance, seq, status, suspended_until, owes,
		open_holds, next_hold_expiry, positions, next_unbonding, debited, fees, transactions)
		SELECT id, owner, kind, stripe, balance, seq, status, suspended_until, owes, open_holds, next_hold_expiry,
		positions, next_unbonding, debited, fees, transactions
		FROM unnest($1::bigint[], $2::smallint[], $3::timestamptz[], $4::numeric[], $5::int[], $6::timestamptz[], $7::int[], $8::timestamptz[], $9::numeric[],
		$10::numeric[], $11::bigint[], $12::numeric[], $13::bigint[], $14::text[], $15::smallint[], $16::smallint[])
		AS d (id, status, suspended_until, owes, open_holds, next_hold_expiry, positions, next_unbonding, debited, fees, transactions, balance, seq, owner, kind, stripe)`}
	insertAgents = statement{"insert_agents", `INSERT INTO agent_teg_profiles (did, account_id, locked_id, origin, metadata, suspension_reason,
		reputation_score, created_at)
		SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::text[], $7::int[], $8::timestamptz[])`}
	changeProfile = guarded("change_profile", `UPDATE agent_teg_profiles SET suspension_reason = $2 WHERE did = $1`, `1`)
	changeRoles   = guarded("change_roles", `UPDATE agent_teg_profiles SET revoked_roles = $2 WHERE did = $1`, `1`)
)

// didSize is the length of most DIDs.
const didSize = 56

// writeCalls are the statements that write the changes, all but the events.
func (l *loaded) writeCalls(c *store.Changes, stripe uint8) []call {
	var calls []call
	if len(c.Opened) > 0 {
		calls = append(calls, openAccountsCall(c.Opened))
	}
	if len(c.Moved) > 0 {
		calls = append(calls, moveAccountsCall(c.Moved))
	}
	if len(c.Altered) > 0 {
		calls = append(calls, do(alterAccounts, standings(c.Altered)...))
	}
	if len(c.Agents) > 0 {
		calls = append(calls, insertAgentsCall(c.Agents))
	}
	for _, p := range c.Profiles {
		calls = append(calls, do(changeProfile, p.Agent.String(), p.SuspensionReason))
	}
	for _, r := range c.Roles {
		calls = append(calls, do(changeRoles, r.Agent.String(), int16(r.Revoked)))
	}
	if len(c.Transactions) > 0 {
		calls = append(calls, transactionCalls(c.Transactions)...)
	}
	calls = append(calls, holdCalls(c)...)
	calls = append(calls, stakingCalls(c)...)
	calls = append(calls, reputationCalls(c, stripe)...)
	calls = append(calls, flagCalls(c)...)
	calls = append(calls, policyCalls(c)...)
	calls = append(calls, attestationChanges(c)...)
	calls = append(calls, disputeCalls(c)...)
	calls = append(calls, debtCalls(c)...)
	calls = append(calls, panelCalls(c)...)
	calls = append(calls, bootstrapCalls(c)...)
	calls = append(calls, webhookCalls(c)...)
	return append(calls, l.journalCalls(c)...)
}

func moveAccountsCall(rows []*ledger.Account) call {
	n := len(rows)
	names, balances, seqs := bigints(n), numerics(n), bigints(n)
	for _, row := range rows {
		names.int64(int64(row.ID))
		balances.signed(row.Balance)
		seqs.int64(row.Seq)
	}
	return do(moveAccounts, names, balances, seqs)
}

// standings are the columns that can change.
func standings(rows []*ledger.Account) []any {
	n := len(rows)
	names, statuses, suspended, owes, holds, expiries := bigints(n), smallints(n), moments(n), numerics(n), integers(n), moments(n)
	waits := moments(n)
	positions, debited, fees, transactions, balances, seqs := integers(n), numerics(n), numerics(n), bigints(n), numerics(n), bigints(n)
	for _, row := range rows {
		names.int64(int64(row.ID))
		statuses.int16(int16(row.Status))
		suspended.moment(row.SuspendedUntil)
		owes.amount(row.Owes)
		holds.int32(int32(row.OpenHolds))
		expiries.moment(row.NextHoldExpiry)
		positions.int32(int32(row.Positions))
		waits.moment(row.NextUnbonding)
		debited.amount(row.Tally.Debited)
		fees.amount(row.Tally.Fees)
		transactions.int64(row.Tally.Transactions)
		balances.signed(row.Balance)
		seqs.int64(row.Seq)
	}
	return []any{names, statuses, suspended, owes, holds, expiries, positions, waits, debited, fees, transactions, balances, seqs}
}

// openAccountsCall makes rows in the order of their unique key, in which others
// that make the same are met.
func openAccountsCall(rows []*ledger.Account) call {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b *ledger.Account) int { return cmp.Or(a.Owner.Compare(b.Owner), cmp.Compare(a.Kind, b.Kind)) })
	n := len(rows)
	owners, kinds, stripes := texts(n, didSize), smallints(n), smallints(n)
	for _, row := range rows {
		owners.text(row.Owner.String())
		kinds.int16(int16(row.Kind))
		stripes.int16(int16(row.Stripe))
	}
	return do(openAccounts, append(standings(rows), owners, kinds, stripes)...)
}

func insertAgentsCall(agents []ledger.Agent) call {
	n := len(agents)
	names, available, locked, origins := texts(n, didSize), bigints(n), bigints(n), smallints(n)
	metadata, reasons, scores, created := texts(n, 0), texts(n, 0), integers(n), moments(n)
	for i := range agents {
		a := &agents[i]
		names.text(a.ID.String())
		available.int64(int64(a.Account))
		locked.int64(int64(a.Locked))
		origins.int16(int16(a.Origin))
		metadata.optional(string(a.Metadata))
		reasons.text(a.SuspensionReason)
		scores.int32(int32(a.Reputation))
		created.moment(a.CreatedAt)
	}
	return do(insertAgents, names, available, locked, origins, metadata, reasons, scores, created)
}

var (
	insertTransactions = statement{"insert_transactions", `INSERT INTO teg_transactions (id, type, sender, sender_seq, receiver, receiver_seq,
		amount, fee, reason, reference_id, reference, at)
		SELECT id, type, sender, sender_seq, receiver, receiver_seq, amount, fee, reason, reference_id, reference, at
		FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::numeric[], $8::numeric[], $9::text[],
		$10::text[], $11::text[], $12::timestamptz[])
		AS d (id, type, sender, sender_seq, receiver, receiver_seq, amount, fee, reason, reference_id, reference, at)`}
	insertEntries = statement{"insert_entries", `INSERT INTO entries (transaction_id, leg, account_id, seq, amount, balance_after)
		SELECT transaction_id, leg, account_id, seq, amount, balance_after
		FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::numeric[], $6::numeric[])
		AS d (transaction_id, leg, account_id, seq, amount, balance_after)`}
)

// transactionCalls write transactions and their entries.
func transactionCalls(list []ledger.Transaction) []call {
	n, legs := len(list), 0
	names, types, at := ids(n), smallints(n), moments(n)
	senders, senderSeqs, receivers, receiverSeqs := bigints(n), bigints(n), bigints(n), bigints(n)
	sums, fees := numerics(n), numerics(n)
	reasons, referenceIDs, references := texts(n, 0), texts(n, 0), texts(n, 0)
	for i := range list {
		t := &list[i]
		names.id(t.ID)
		types.int16(int16(t.Type))
		senders.int64(int64(t.Sender))
		senderSeqs.int64(t.SenderSeq)
		receivers.int64(int64(t.Receiver))
		receiverSeqs.int64(t.ReceiverSeq)
		sums.amount(t.Amount)
		fees.amount(t.Fee)
		reasons.optional(t.Notes.Reason)
		referenceIDs.optional(t.Notes.ReferenceID)
		references.optional(t.Notes.Reference)
		at.moment(t.At)
		legs += len(t.Entries)
	}
	return []call{
		do(insertTransactions, names, types, senders, senderSeqs, receivers, receiverSeqs, sums, fees, reasons, referenceIDs, references, at),
		insertEntriesCall(list, legs),
	}
}

func insertEntriesCall(list []ledger.Transaction, n int) call {
	names, legs, accounts, seqs, sums, balances := ids(n), smallints(n), bigints(n), bigints(n), numerics(n), numerics(n)
	for i := range list {
		for j := range list[i].Entries {
			e := &list[i].Entries[j]
			names.id(e.Transaction)
			legs.int16(int16(e.Leg))
			accounts.int64(int64(e.Account))
			seqs.int64(e.Seq)
			sums.signed(e.Amount)
			balances.signed(e.BalanceAfter)
		}
	}
	return do(insertEntries, names, legs, accounts, seqs, sums, balances)
}
