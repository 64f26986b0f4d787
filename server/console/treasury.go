package console

import "github.com/agentvault/teg-layer/server/client"

// treasuryPage is what the economy itself has, and how it gets it.
type treasuryPage struct {
	*client.Treasury
	Metrics *client.Metrics
	Fees    *client.FeeConfig
	Supply  []part
}

func treasury(v *visit) (any, error) {
	var page treasuryPage
	var err error
	if page.Treasury, err = v.api.GetTreasury(v.r.Context()); err != nil {
		return nil, err
	}
	if page.Metrics, err = v.api.GetMetrics(v.r.Context()); err != nil {
		return nil, err
	}
	page.Supply = supply(page.Metrics)
	page.Fees, err = v.api.GetFeeConfig(v.r.Context())
	return page, err
}
