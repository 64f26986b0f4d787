package server

import (
	"github.com/agentvault/teg-layer/teg"
)

// transactionInfo is a transaction as every list and answer shows it. An issuance
// has no sender, and a burn no receiver.
type transactionInfo struct {
	ID            teg.TransactionID `json:"transaction_id"`
	Sender        *string           `json:"sender_agent_id"`
	Receiver      *string           `json:"receiver_agent_id"`
	Amount        teg.Amount        `json:"amount"`
	Fee           teg.Amount        `json:"fee_amount"`
	Status        string            `json:"status"`
	Type          string            `json:"transaction_type"`
	Timestamp     string            `json:"timestamp"`
	Message       *string           `json:"attached_message"`
	SignalApplied bool              `json:"reputation_signal_applied"`
	ReferenceID   *string           `json:"reference_id"`
}

func infoOf(t teg.Transaction) transactionInfo {
	return transactionInfo{
		ID: t.ID, Sender: didOrNull(t.From), Receiver: didOrNull(t.To), Amount: t.Amount, Fee: t.Fee, Status: "completed",
		Type: t.Type.String(), Timestamp: stamp(t.At), Message: orNull(t.Message), ReferenceID: orNull(t.ReferenceID),
		SignalApplied: t.Signal != 0,
	}
}

type transactionsBody struct {
	Transactions []transactionInfo `json:"transactions"`
	pageInfo
}

// getTransactions lists the caller's own, newest first.
func getTransactions(c *call) (func() (answer, error), error) {
	q := teg.TransactionsQuery{
		Agent: c.caller.Agent, Counterparty: c.query.agent("counterparty"), Reference: c.query.filter("reference", teg.MaxReference),
	}
	q.From, q.To = c.query.span()
	if kind := c.query.text("transaction_type"); c.query.given("transaction_type") {
		parsed, err := teg.ParseTransactionType(kind)
		if err != nil {
			c.query.fault("transaction_type", "must be a type of transaction")
		}
		q.Types = []teg.TransactionType{parsed}
	}
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Transactions(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := transactionsBody{Transactions: make([]transactionInfo, 0, len(found.Transactions))}
		for _, t := range found.Transactions {
			body.Transactions = append(body.Transactions, infoOf(t))
		}
		body.pageInfo = p.info(found.Total, found.TotalCapped, found.NextCursor)
		return answer{body: body}, nil
	}, nil
}

// getTransaction shows one to those who are party to it, auditors and admins, and
// a slash to those who had delegated what it took.
func getTransaction(c *call) (answer, error) {
	id, err := teg.ParseTransactionID(c.vars["transaction_id"])
	if err != nil {
		return answer{}, err
	}
	by, err := c.viewer(auditors.roles)
	if err != nil {
		return answer{}, err
	}
	t, err := c.engine().Transaction(c.ctx, by, id)
	return answer{body: infoOf(t)}, err
}

type operationsBody struct {
	Operations []operationBody `json:"operations"`
}

type operationBody struct {
	Verb           string              `json:"verb"`
	Status         string              `json:"status"`
	TransactionIDs []teg.TransactionID `json:"transaction_ids"`
	Error          *shortProblem       `json:"error,omitempty"`
}

// getOperation tells what became of a key of the caller's.
func getOperation(c *call) (func() (answer, error), error) {
	key := c.vars["key"]
	c.faults.key("key", &key)
	return func() (answer, error) {
		outcomes, err := c.engine().Operation(c.ctx, c.caller.Agent, key)
		return answer{body: operationsOf(outcomes)}, err
	}, nil
}

func operationsOf(outcomes []teg.Outcome) operationsBody {
	var body operationsBody
	for _, o := range outcomes {
		each := operationBody{Verb: o.Verb.String(), Status: "completed", TransactionIDs: orEmpty(o.TransactionIDs)}
		if o.Err != nil {
			each.Status, each.Error = "refused", newShortProblem(o.Err)
		}
		body.Operations = append(body.Operations, each)
	}
	return body
}
