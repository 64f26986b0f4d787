package server

import (
	"github.com/agentvault/teg-layer/teg"
)

type feeConfigBody struct {
	Active      bool        `json:"fee_active"`
	Percentage  string      `json:"fee_percentage"`
	Min         teg.Amount  `json:"min_fee_amount"`
	Max         *teg.Amount `json:"max_fee_amount"`
	Recipient   teg.DID     `json:"fee_recipient"`
	TransferFee teg.Amount  `json:"transfer_fee_amount"`
	Address     teg.DID     `json:"fee_collection_address"`
}

func getFeeConfig(c *call) (answer, error) {
	terms, err := c.engine().LatestTerms(c.ctx)
	if err != nil {
		return answer{}, err
	}
	fees, treasury := terms.Ledger.Fees, c.engine().TreasuryDID()
	body := feeConfigBody{
		Active: fees.Active(), Percentage: fees.Percentage.PercentString(), Min: fees.Fixed, TransferFee: fees.Fixed,
		Recipient: treasury, Address: treasury,
	}
	if most, limited := fees.Ceiling(); limited {
		body.Max = &most
	}
	return answer{body: body}, nil
}

type feeBody struct {
	Amount    teg.Amount `json:"amount"`
	Fee       teg.Amount `json:"fee_amount"`
	Total     teg.Amount `json:"total_amount"`
	Recipient teg.DID    `json:"fee_recipient"`
}

func getFee(c *call) (func() (answer, error), error) {
	text := c.query.text("amount")
	sum, err := teg.ParseAmount(text)
	switch {
	case !c.query.given("amount"):
		c.query.fault("amount", "is required")
	case err != nil:
		c.query.fault("amount", "must be an amount in AVT: up to 18 digits, and up to 18 after a point")
	case sum.IsZero():
		c.query.fault("amount", "must be more than zero")
	}
	return func() (answer, error) {
		if _, err := c.engine().LatestTerms(c.ctx); err != nil { // for others may have changed the fee
			return answer{}, err
		}
		q, err := c.engine().CalculateFee(sum)
		return answer{body: feeBody{q.Amount, q.Fee, q.Total, q.Recipient}}, err
	}, nil
}
