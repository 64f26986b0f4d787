package console

import "github.com/agentvault/teg-layer/server/client"

// transactionsPage is a list of transactions, with what it was filtered by.
type transactionsPage struct {
	Filter *filter
	Types  []client.TransactionType
	List   []client.Transaction
	Pager  pager
}

func transactions(v *visit) (any, error) {
	f := v.filter("counterparty", "transaction_type", "start_date", "end_date", "reference")
	page := transactionsPage{Filter: f, Types: transactionTypes}
	query := client.ListTransactionsQuery{
		Limit: listed, Cursor: f.Cursor, Counterparty: f.agent("counterparty"), TransactionType: client.TransactionType(f.Given["transaction_type"]),
		Reference: f.Given["reference"], StartDate: f.date("start_date"), EndDate: f.date("end_date"),
	}
	if len(f.Faults) > 0 {
		return page, nil
	}
	found, err := v.api.ListTransactions(v.r.Context(), query)
	if err != nil {
		return nil, err
	}
	page.List, page.Pager = found.Transactions, f.pager(found.Page)
	return page, nil
}

// transactionTypes are those that can be looked for.
var transactionTypes = []client.TransactionType{
	client.TransactionTypeTransfer, client.TransactionTypeRefund, client.TransactionTypeHold, client.TransactionTypeHoldCapture,
	client.TransactionTypeHoldRelease, client.TransactionTypeSystemTransfer, client.TransactionTypeIssuance, client.TransactionTypeBurn,
	client.TransactionTypeAdjustment, client.TransactionTypeGrant, client.TransactionTypeStake, client.TransactionTypeUnstake,
	client.TransactionTypeUnbondingRelease, client.TransactionTypeDelegationMove, client.TransactionTypeRewardFunding,
	client.TransactionTypeStakingReward, client.TransactionTypeDelegationReward, client.TransactionTypeValidatorCommission,
	client.TransactionTypeSlash, client.TransactionTypeAttestationReward, client.TransactionTypeBond, client.TransactionTypeBondReturn,
	client.TransactionTypeBondForfeit, client.TransactionTypeDisputePenalty, client.TransactionTypeDisputeCompensation, client.TransactionTypeGarnish,
}
