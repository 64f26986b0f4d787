package teg

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// Bounds of what one tick pays: steps, debtors in each and, by [ledger.MaxDebtsPaid],
// debts of each.
const (
	tickDebtors = 100
	tickSteps   = 10
)

// payDebts pays creditors from what is set aside for them, in steps, until nothing is:
// what a creditor is paid may be its own creditors'. What is due is found by what lies
// there, so that nothing is lost by a crash, and paid under the locks of the rows, so
// that several servers may do it at once.
func (e *Engine) payDebts(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tickPatience)
	defer cancel()
	for range tickSteps {
		due, err := e.reader().Garnished(ctx, tickDebtors)
		if err != nil || len(due) == 0 {
			return outward(err)
		}
		if err := e.payStep(ctx, due); err != nil {
			return err
		}
	}
	return nil
}

// payStep pays the oldest debts of debtors.
func (e *Engine) payStep(ctx context.Context, due []ledger.GarnishedRow) error {
	debtors := make([]ledger.AccountID, len(due))
	for i := range due {
		debtors[i] = due[i].Debtor
	}
	debts, err := e.reader().OldestDebts(ctx, debtors...)
	if err != nil {
		return outward(err)
	}
	creditors := make(map[ledger.AccountID][]ledger.AccountID, len(due))
	for i := range debts {
		creditors[debts[i].Debtor] = append(creditors[debts[i].Debtor], debts[i].Creditor)
	}
	return e.together(len(due), func(i int) error { return e.payDebtsOf(ctx, due[i], creditors[due[i].Debtor]) })
}

// payDebtsOf pays an agent's oldest debts, as far as what is set aside goes. The
// creditors are those that were seen before anything was locked.
func (e *Engine) payDebtsOf(ctx context.Context, from ledger.GarnishedRow, creditors []ledger.AccountID) error {
	op := &operation{
		ctx: ctx, verb: store.VerbPayDebt, request: requestID(ctx), weight: max(1, len(creditors)),
		parties: []party{{available: from.Debtor}},
		need:    needs{accounts: append(creditors, from.Account), debtsOf: []ledger.AccountID{from.Debtor}},
	}
	return e.bySystem(op, func(d *decision) error { return d.payDebts(from) })
}

func (d *decision) payDebts(from ledger.GarnishedRow) error {
	debts := d.debts.Oldest(from.Debtor)
	creditors := make([]ledger.AccountID, len(debts))
	for i := range debts {
		creditors[i] = debts[i].Creditor
	}
	if missing := d.absent(creditors...); len(missing) > 0 { // of debts that were made meanwhile
		return errMore{needs{accounts: missing}}
	}
	for i := range debts {
		if err := d.payDebt(&debts[i], d.book.Account(from.Account)); err != nil {
			return err
		}
	}
	return nil
}

// payDebt pays what can be paid of a debt. A creditor that is deactivated receives
// nothing any more; the treasury gets what was owed to it.
func (d *decision) payDebt(debt *ledger.Debt, garnished *ledger.Account) error {
	to, receiver := debt.Creditor, d.book.Account(debt.Creditor).Owner
	if ledger.CanReceive(d.book.Account(to), d.now) != nil {
		to, receiver = d.book.Collectors().Treasury, d.core.config.Treasury
	}
	posting, due := ledger.PlanDebtPayment(debt, garnished, to)
	if !due {
		return nil
	}
	tx, err := d.book.Post(d.core.newTransactionID(), d.now, posting)
	if err != nil {
		return err
	}
	if err := d.debts.Pay(debt.ID, posting.Amount, d.now); err != nil {
		return err
	}
	left, err := d.book.Account(debt.Debtor).Owes.Sub(posting.Amount)
	if err != nil {
		return err
	}
	d.book.Change(debt.Debtor, func(row *ledger.Account) { row.Owes = left })
	d.emit(d.core.config.Treasury, d.op.request, act{action: store.VerbPayDebt.String(), sender: garnished.Owner, receiver: receiver,
		amount: posting.Amount, referenceID: debt.ID.String(), transactions: []TransactionID{tx.ID}})
	return nil
}
