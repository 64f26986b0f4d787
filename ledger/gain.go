package ledger

import (
	"slices"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// Gain is that a row whose owner owes something was credited.
type Gain struct {
	Account AccountID
	Before  amount.Signed // its balance before the first credit
	By      TransactionID // the transaction that credited it last
}

// noteGain remembers a credit to a row whose owner owes something.
func (b *Book) noteGain(by TransactionID, row *Account, sum amount.Signed) {
	if !row.Owes.IsZero() && sum.Sign() > 0 {
		b.gains = append(b.gains, Gain{Account: row.ID, Before: row.Balance, By: by})
	}
}

// Gains are the rows of owners who owe that were credited since it was last asked,
// each once. Where there is none that costs nothing.
func (b *Book) Gains() []Gain {
	var gains []Gain
	for _, g := range b.gains[b.taken:] {
		if i := slices.IndexFunc(gains, func(earlier Gain) bool { return earlier.Account == g.Account }); i >= 0 {
			gains[i].By = g.By
			continue
		}
		gains = append(gains, g)
	}
	b.taken = len(b.gains)
	return gains
}
