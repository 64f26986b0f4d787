package teg

import (
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// FeeQuote is what a transfer of an amount would cost under the terms in force.
type FeeQuote struct {
	Amount    Amount
	Fee       Amount
	Total     Amount // what the payer pays
	Recipient DID    // the treasury
}

// CalculateFee tells what a transfer would cost now, by [Engine.TermsInForce].
//
// Errors: [ErrInvalidInput] for zero, [ErrAboveMaximum] where amount and fee
// together pass 10^18 AVT.
func (e *Engine) CalculateFee(sum Amount) (FeeQuote, error) {
	if err := positive("amount", sum); err != nil {
		return FeeQuote{}, err
	}
	fee := e.Terms().Fees.Of(sum)
	total, err := sum.Add(fee)
	if err != nil {
		return FeeQuote{}, ledger.Refuse(ErrAboveMaximum, "amount and fee together pass %s AVT", amount.Max)
	}
	return FeeQuote{Amount: sum, Fee: fee, Total: total, Recipient: e.config.Treasury}, nil
}

// TreasuryDID is who owns the treasury.
func (e *Engine) TreasuryDID() DID { return e.config.Treasury }
