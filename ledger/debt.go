package ledger

import (
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// DebtID names a debt; its text form is "debt_" and 32 hex digits.
type DebtID ID

const debtPrefix = "debt_"

// String returns the text form, empty for the zero value.
func (id DebtID) String() string { return FormatID(debtPrefix, ID(id)) }

// IsZero reports whether the id names no debt.
func (id DebtID) IsZero() bool { return ID(id).IsZero() }

// MarshalText returns the text form.
func (id DebtID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseDebtID reads the text form; anything else is [ErrNotFound].
func ParseDebtID(text string) (DebtID, error) {
	id, err := ParseID(debtPrefix, text)
	return DebtID(id), err
}

// Debt is what an agent has to pay another and did not have. Of what comes in to the
// debtor the creditor is paid, whoever has waited longest first.
//
// What all open debts of an agent still come to stands on its available row
// ([Account.Owes]). Value that came in and is set aside for creditors lies on the
// agent's garnished row, which never has more than that.
type Debt struct {
	ID        DebtID
	Debtor    AccountID // an available row, as the creditor's
	Creditor  AccountID
	Amount    amount.Amount
	Cause     ID // why it is owed, such as a dispute
	CreatedAt time.Time

	Collected amount.Amount // paid so far
	ClosedAt  time.Time     // when the last of it was paid, zero until then
}

// Open reports whether a part of it is still to be paid.
func (d *Debt) Open() bool { return d.ClosedAt.IsZero() }

// Left is what is still to be paid.
func (d *Debt) Left() amount.Amount {
	left, err := d.Amount.Sub(d.Collected)
	if err != nil { // cannot be: no more is collected than there is
		return amount.Amount{}
	}
	return left
}

// MaxDebtsPaid is how many debts of one agent are paid in one step.
const MaxDebtsPaid = 50

// PlanGarnish decides what of a gain is set aside for the owner's creditors: all of
// it, but no more than is owed and not set aside yet. It is false where nothing is.
// What was paid on by the same act, as the captured part of a hold that came back, is
// no gain.
func PlanGarnish(g Gain, row, garnished *Account) (Posting, bool) {
	gained, err := row.Balance.Sub(g.Before)
	if err != nil || gained.Sign() <= 0 {
		return Posting{}, false
	}
	aside, err := garnished.Balance.Amount()
	if err != nil {
		return Posting{}, false
	}
	wanted, err := row.Owes.Sub(aside)
	if err != nil || wanted.IsZero() {
		return Posting{}, false
	}
	return Move(TypeGarnish, row.ID, garnished.ID, amount.Smaller(gained.Abs(), wanted), Notes{ReferenceID: g.By.String()}), true
}

// PlanDebtPayment decides what of a debt is paid from the debtor's garnished row, and
// returns it with the posting that pays it. It is false where there is nothing to pay
// from.
func PlanDebtPayment(d *Debt, garnished *Account, to AccountID) (Posting, bool) {
	aside, err := garnished.Balance.Amount()
	if err != nil || aside.IsZero() || !d.Open() {
		return Posting{}, false
	}
	return Move(TypeDisputeCompensation, garnished.ID, to, amount.Smaller(aside, d.Left()), Notes{ReferenceID: d.ID.String()}), true
}
