package teg

import (
	"context"
	"fmt"

	"github.com/agentvault/teg-layer/ledger"
)

// debtAct is a debt as the event of the act tells it by which it was made.
type debtAct struct {
	ledger.Debt
	debtor, creditor DID
}

func (a *debtAct) encode() []byte {
	w := canonical{}
	w.amount("amount", a.Amount)
	w.text("cause", ledger.FormatID("", a.Cause))
	w.text("creditor", a.creditor.String())
	w.text("debtor", a.debtor.String())
	w.text("id", a.ID.String())
	return append(w.b, '}')
}

// owe makes a debt of what could not be collected for a cause: nothing where the sum
// is zero. The rows of both must be loaded. What the debtor has at the moment is left
// to it; whatever is credited to it from then on, in the same operation too, goes to
// its creditors first. The event of the act tells of it.
func (d *decision) owe(debtor, creditor party, sum Amount, cause ledger.ID) error {
	if sum.IsZero() {
		return nil
	}
	from, to := d.book.Account(debtor.available), d.book.Account(creditor.available)
	if debtor.available == creditor.available || !debtor.known() || !creditor.known() {
		return fmt.Errorf("%w (a debt is between two agents)", ErrInternal)
	}
	if from == nil || to == nil {
		return errMore{needs{accounts: d.absent(debtor.available, creditor.available)}}
	}
	if _, err := from.Owes.Add(sum); err != nil {
		return ledger.Refuse(ErrAboveMaximum, "%s would owe more than the largest amount there is", from.Owner)
	}
	if err := d.openGarnished(from.Owner); err != nil {
		return err
	}
	debt := ledger.Debt{
		ID: DebtID(d.core.newID()), Debtor: from.ID, Creditor: to.ID, Amount: sum, Cause: cause, CreatedAt: d.now,
	}
	d.debts.Make(debt)
	d.book.Change(from.ID, func(row *ledger.Account) { row.Owes, _ = row.Owes.Add(sum) }) // looked at above
	d.act.debts = append(d.act.debts, debtAct{debt, from.Owner, to.Owner})
	return nil
}

// openGarnished makes sure that a debtor has a row on which value is set aside.
func (d *decision) openGarnished(owner DID) error {
	if d.garnished[owner] != 0 {
		return nil
	}
	if !d.agents[owner].known() { // not all of its rows are loaded
		return errMore{needs{owners: []DID{owner}, fresh: 1}}
	}
	if len(d.fresh) == 0 {
		return errMore{needs{fresh: 1}}
	}
	ids := d.fresh
	d.fresh = ids[1:]
	row := ledger.Account{ID: ids[0], Owner: owner, Kind: ledger.Garnished, Status: ledger.Active}
	d.book.Open(row)
	d.changes.Opened = append(d.changes.Opened, d.book.Account(row.ID))
	if d.garnished == nil {
		d.garnished = map[DID]ledger.AccountID{}
	}
	d.garnished[owner] = row.ID
	d.undo = append(d.undo, func() {
		delete(d.garnished, owner)
		d.fresh = ids
	})
	return nil
}

// actGarnish is what the events are called that tell what was set aside for creditors.
const actGarnish = "garnish"

// garnish sets aside what came in to agents that owe since it was last called: as acts
// of the system, in transactions of their own. It is called after every operation, and
// where an operation goes on with what came in.
func (d *decision) garnish() error {
	gains := d.book.Gains()
	if len(gains) == 0 {
		return nil
	}
	var more needs
	for _, g := range gains {
		if owner := d.book.Account(g.Account).Owner; d.garnished[owner] == 0 {
			more.owners = append(more.owners, owner)
		}
	}
	if len(more.owners) > 0 {
		return errMore{more}
	}
	for _, g := range gains {
		if err := d.garnishGain(g); err != nil {
			return err
		}
	}
	return nil
}

func (d *decision) garnishGain(g ledger.Gain) error {
	row := d.book.Account(g.Account)
	posting, due := ledger.PlanGarnish(g, row, d.book.Account(d.garnished[row.Owner]))
	if !due {
		return nil
	}
	tx, err := d.book.Post(d.core.newTransactionID(), d.now, posting)
	if err != nil {
		return err
	}
	d.emit(d.core.config.Treasury, d.op.request, act{action: actGarnish, sender: row.Owner, amount: posting.Amount,
		referenceID: posting.Notes.ReferenceID, transactions: []TransactionID{tx.ID}})
	return nil
}

// keeps is what is left to an agent of what it was paid just now, once its creditors'
// part of it is set aside.
func (d *decision) keeps(owner ledger.AccountID, sum Amount) (Amount, error) {
	row := d.book.Account(owner)
	before := row.Balance
	if err := d.garnish(); err != nil {
		return Amount{}, err
	}
	taken, err := before.Sub(row.Balance)
	if err != nil {
		return Amount{}, err
	}
	return sum.Sub(taken.Abs())
}

// kept is what was left to an agent of what transactions paid it: what [decision.keeps]
// said when they were made.
func (e *Engine) kept(ctx context.Context, owner DID, sum Amount, ids []TransactionID) (Amount, error) {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.String()
	}
	found, err := e.reader().Referring(ctx, names...)
	for i := range found {
		if tx := &found[i]; err == nil && tx.Type == ledger.TypeGarnish && tx.SenderID == owner {
			sum, err = sum.Sub(tx.Amount)
		}
	}
	return sum, outward(err)
}

// afterGarnish is what the receiver of a transaction could spend once its creditors'
// part of it was set aside, or what it had otherwise.
func (e *Engine) afterGarnish(ctx context.Context, tx *ledger.Transaction, otherwise Amount) (Amount, error) {
	next, err := e.reader().AuditEntries(ctx, tx.Receiver, tx.ReceiverSeq, 1)
	if err != nil || len(next) == 0 || next[0].Account != tx.Receiver {
		return otherwise, outward(err)
	}
	found, err := e.reader().Transactions(ctx, next[0].Transaction)
	if err != nil || len(found) == 0 || found[0].Type != ledger.TypeGarnish || found[0].Notes.ReferenceID != tx.ID.String() {
		return otherwise, outward(err)
	}
	return next[0].BalanceAfter.Amount()
}

// needGarnished asks for the garnished rows of all parties that owe, at once.
func (d *decision) needGarnished() error {
	var more needs
	for _, p := range d.op.parties {
		if row := d.book.Account(p.available); row != nil && !row.Owes.IsZero() && d.garnished[row.Owner] == 0 {
			more.owners = append(more.owners, row.Owner)
		}
	}
	if len(more.owners) == 0 {
		return nil
	}
	return errMore{more}
}

// garnishedRows are the loaded rows on which value is set aside for creditors, by
// their owners.
func garnishedRows(rows []ledger.Account) map[DID]ledger.AccountID {
	var found map[DID]ledger.AccountID
	for i := range rows {
		if rows[i].Kind != ledger.Garnished {
			continue
		}
		if found == nil {
			found = map[DID]ledger.AccountID{}
		}
		found[rows[i].Owner] = rows[i].ID
	}
	return found
}
