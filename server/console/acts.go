package console

import "slices"

// acts is the table of what can be done in the console. Each is one call of the API.
func acts() []act {
	return slices.Concat(paymentActs, supplyActs, accountActs, stakingActs, flagActs, disputeActs, policyActs, webhookActs)
}
