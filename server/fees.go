package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

func getFeeConfig(c *call) (answer, error) {
	terms, err := c.engine().LatestTerms(c.ctx)
	if err != nil {
		return answer{}, err
	}
	fees, treasury := terms.Ledger.Fees, c.engine().TreasuryDID()
	body := api.FeeConfig{
		FeeActive: fees.Active(), FeePercentage: fees.Percentage.PercentString(), MinFeeAmount: fees.Fixed, TransferFeeAmount: fees.Fixed,
		FeeRecipient: treasury, FeeCollectionAddress: treasury,
	}
	if most, limited := fees.Ceiling(); limited {
		body.MaxFeeAmount = &most
	}
	return answer{body: body}, nil
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
		return answer{body: api.Fee{Amount: q.Amount, FeeAmount: q.Fee, TotalAmount: q.Total, FeeRecipient: q.Recipient}}, err
	}, nil
}
