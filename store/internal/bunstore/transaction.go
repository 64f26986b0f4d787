package bunstore

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

type transactionRow struct {
	ID          idColumn
	Type        uint8
	Sender      int64
	SenderSeq   int64
	Receiver    int64
	ReceiverSeq int64
	Amount      amountColumn
	Fee         amountColumn
	Reason      *string
	ReferenceID *string
	Reference   *string
	At          timeColumn
	Message     []byte
	SenderID    string
	ReceiverID  string

	// Of the entry by which it was found.
	Seq          int64
	Gain         signedColumn
	BalanceAfter signedColumn
}

// transactionColumns and recordedFrom read transactions with the owners of both
// ends and the message.
const (
	transactionColumns = `t.id, t.type, t.sender, t.sender_seq, t.receiver, t.receiver_seq, t.amount, t.fee, t.reason,
		t.reference_id, t.reference, t.at`
	recordedColumns = transactionColumns + `, s.owner AS sender_id, r.owner AS receiver_id, p.body AS message`
	recordedJoins   = ` JOIN accounts s ON s.id = t.sender JOIN accounts r ON r.id = t.receiver
		LEFT JOIN private_parts p ON p.id = t.id `
)

func (row *transactionRow) transaction() ledger.Transaction {
	return ledger.Transaction{
		ID: ledger.TransactionID(row.ID), Type: ledger.TransactionType(row.Type),
		Sender: ledger.AccountID(row.Sender), SenderSeq: row.SenderSeq,
		Receiver: ledger.AccountID(row.Receiver), ReceiverSeq: row.ReceiverSeq,
		Amount: row.Amount.Amount, Fee: row.Fee.Amount, At: row.At.Time,
		Notes: ledger.Notes{
			Message: string(row.Message), Reason: text(row.Reason),
			ReferenceID: text(row.ReferenceID), Reference: text(row.Reference),
		},
	}
}

func (row *transactionRow) recorded() (ledger.Recorded, error) {
	sender, err := did.Parse(row.SenderID)
	if err != nil {
		return ledger.Recorded{}, err
	}
	receiver, err := did.Parse(row.ReceiverID)
	return ledger.Recorded{Transaction: row.transaction(), SenderID: sender, ReceiverID: receiver}, err
}

func text(column *string) string {
	if column == nil {
		return ""
	}
	return *column
}

func recordedList(rows []transactionRow) ([]ledger.Recorded, error) {
	list := make([]ledger.Recorded, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].recorded(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Transactions implements [ledger.TransactionReader].
func (r *Reader) Transactions(ctx context.Context, list ...ledger.TransactionID) ([]ledger.Recorded, error) {
	var found []ledger.Recorded
	err := chunks(ctx, r, list, func(view *Reader, part []ledger.TransactionID) error {
		var rows []transactionRow
		err := view.scan(ctx, &rows, `SELECT `+recordedColumns+` FROM teg_transactions t`+recordedJoins+`
			WHERE t.id IN (?) ORDER BY t.id`, ids(r.dialect, part))
		if err != nil {
			return err
		}
		recorded, err := recordedList(rows)
		if err != nil {
			return err
		}
		entries, err := view.entriesOf(ctx, part)
		if err != nil {
			return err
		}
		for i := range recorded {
			recorded[i].Entries = entries[recorded[i].ID]
		}
		found = append(found, recorded...)
		return nil
	})
	return byID(found), err
}

// byID puts transactions in order.
func byID(list []ledger.Recorded) []ledger.Recorded {
	slices.SortFunc(list, func(a, b ledger.Recorded) int { return ledger.ID(a.ID).Compare(ledger.ID(b.ID)) })
	return list
}

type entryRow struct {
	TransactionID idColumn
	Leg           int
	AccountID     int64
	Seq           int64
	Amount        signedColumn
	BalanceAfter  signedColumn
}

const entryColumns = `transaction_id, leg, account_id, seq, amount, balance_after`

func (row *entryRow) entry() ledger.Entry {
	return ledger.Entry{
		Transaction: ledger.TransactionID(row.TransactionID), Leg: row.Leg, Account: ledger.AccountID(row.AccountID),
		Seq: row.Seq, Amount: row.Amount.Signed, BalanceAfter: row.BalanceAfter.Signed,
	}
}

// entriesOf reads the legs of as many transactions as fit into one statement, in
// order.
func (r *Reader) entriesOf(ctx context.Context, list []ledger.TransactionID) (map[ledger.TransactionID][]ledger.Entry, error) {
	var rows []entryRow
	err := r.scan(ctx, &rows, `SELECT `+entryColumns+` FROM entries WHERE transaction_id IN (?)
		ORDER BY transaction_id, leg`, ids(r.dialect, list))
	entries := make(map[ledger.TransactionID][]ledger.Entry, len(list))
	for i := range rows {
		id := ledger.TransactionID(rows[i].TransactionID)
		entries[id] = append(entries[id], rows[i].entry())
	}
	return entries, err
}

// Referring implements [ledger.TransactionReader].
func (r *Reader) Referring(ctx context.Context, referenceIDs ...string) ([]ledger.Recorded, error) {
	var found []ledger.Recorded
	err := chunks(ctx, r, referenceIDs, func(view *Reader, part []string) error {
		var rows []transactionRow
		err := view.scan(ctx, &rows, `SELECT `+recordedColumns+` FROM teg_transactions t`+recordedJoins+`
			WHERE t.reference_id IN (?) ORDER BY t.id`, bun.List(part))
		if err != nil {
			return err
		}
		recorded, err := recordedList(rows)
		found = append(found, recorded...)
		return err
	})
	return byID(found), err
}
