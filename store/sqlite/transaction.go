package sqlite

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store"
)

var (
	insertTransactions = insertInto("teg_transactions", "id", "type", "sender", "sender_seq", "receiver", "receiver_seq",
		"amount", "fee", "reason", "reference_id", "reference", "at")
	insertEntries = insertInto("entries", "transaction_id", "leg", "account_id", "seq", "amount", "balance_after")

	refundsOf = one("SELECT amount FROM teg_transactions WHERE reference_id = ? AND type = ?")
)

// writeTransactions writes transactions and then all their entries.
func writeTransactions(ctx context.Context, e executor, c *store.Changes) error {
	err := insert(ctx, e, insertTransactions, len(c.Transactions), func(a *arguments, i int) {
		bindTransaction(a, &c.Transactions[i])
	})
	if err != nil {
		return err
	}
	entries := 0
	for i := range c.Transactions {
		entries += len(c.Transactions[i].Entries)
	}
	of, leg := 0, 0 // the entry that is next
	return insert(ctx, e, insertEntries, entries, func(a *arguments, _ int) {
		for leg == len(c.Transactions[of].Entries) {
			of, leg = of+1, 0
		}
		bindEntry(a, &c.Transactions[of].Entries[leg])
		leg++
	})
}

func bindTransaction(a *arguments, t *ledger.Transaction) {
	a.bytes(t.ID[:])
	a.int(int64(t.Type))
	a.int(int64(t.Sender))
	a.int(t.SenderSeq)
	a.int(int64(t.Receiver))
	a.int(t.ReceiverSeq)
	a.amount(t.Amount)
	a.amount(t.Fee)
	a.optional(t.Notes.Reason)
	a.optional(t.Notes.ReferenceID)
	a.optional(t.Notes.Reference)
	a.time(t.At)
}

func bindEntry(a *arguments, e *ledger.Entry) {
	a.bytes(e.Transaction[:])
	a.int(int64(e.Leg))
	a.int(int64(e.Account))
	a.int(e.Seq)
	a.signed(e.Amount)
	a.signed(e.BalanceAfter)
}

// loadRefunded sums up what was given back of each original. Amounts are summed
// in Go: SQLite has no type that holds them.
func loadRefunded(ctx context.Context, e executor, need *store.Need, rows *store.Rows) error {
	if len(need.Refunded) == 0 {
		return nil
	}
	rows.Refunded = make(map[ledger.TransactionID]amount.Amount, len(need.Refunded))
	for _, id := range need.Refunded {
		var sum amount.Amount
		args := &e.buffers().args
		args.reset()
		args.text(id.String())
		args.int(int64(ledger.TypeRefund))
		err := e.query(ctx, refundsOf, args.values, func(r *row) {
			var err error
			sum, err = sum.Add(r.amount())
			r.note(err)
		})
		if err != nil {
			return err
		}
		rows.Refunded[id] = sum
	}
	return nil
}
