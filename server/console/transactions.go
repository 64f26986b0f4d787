package console

import (
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/client"
)

// transactionsPage is a list of transactions, with what it was filtered by.
type transactionsPage struct {
	Filter *filter
	Sees   bool // whether the visitor sees those of others
	Types  []client.TransactionType
	List   []client.Transaction
	Pager  pager
}

func transactions(v *visit) (any, error) {
	f := v.filter("agent_id", "counterparty", "transaction_type", "start_date", "end_date", "reference", "min_amount")
	page := transactionsPage{Filter: f, Sees: v.may(auth.Auditor, auth.Admin), Types: transactionTypes}
	ask := page.ofOne
	if page.Sees && f.Given["agent_id"] == "" {
		ask = page.ofAll
	}
	found, err := ask(v)
	if err != nil || found == nil {
		return page, err
	}
	page.List, page.Pager = found.Transactions, f.pager(found.Page)
	return page, nil
}

// ofOne asks for those of one agent: the visitor, or another one that it may look at. Nothing is
// asked for where the address has faults.
func (p *transactionsPage) ofOne(v *visit) (*client.TransactionsPage, error) {
	f := p.Filter
	query := client.ListTransactionsQuery{
		Limit: listed, Cursor: f.Cursor, AgentID: f.agent("agent_id"), Counterparty: f.agent("counterparty"),
		TransactionType: client.TransactionType(f.Given["transaction_type"]), Reference: f.Given["reference"],
		StartDate: f.date("start_date"), EndDate: f.date("end_date"),
	}
	if len(f.Faults) > 0 {
		return nil, nil
	}
	return v.api.ListTransactions(v.r.Context(), query)
}

// ofAll asks for those of the whole economy.
func (p *transactionsPage) ofAll(v *visit) (*client.TransactionsPage, error) {
	f := p.Filter
	query := client.ListAllTransactionsQuery{
		Limit: listed, Cursor: f.Cursor, TransactionType: client.TransactionType(f.Given["transaction_type"]), Reference: f.Given["reference"],
		StartDate: f.date("start_date"), EndDate: f.date("end_date"), MinAmount: f.amount("min_amount"),
	}
	if f.Given["counterparty"] != "" {
		f.Faults["counterparty"] = "name the agent, too, with whose transactions they are"
	}
	if len(f.Faults) > 0 {
		return nil, nil
	}
	return v.api.ListAllTransactions(v.r.Context(), query)
}

// amount reads an amount; zero where none was given.
func (f *filter) amount(name string) amount.Amount {
	text := f.Given[name]
	if text == "" {
		return amount.Amount{}
	}
	sum, err := amount.Parse(text)
	if err != nil {
		f.Faults[name] = "that is no amount; it is like 10.5"
	}
	return sum
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
