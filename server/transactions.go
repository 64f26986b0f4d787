package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// infoOf is a transaction as every list and answer shows it. An issuance has no sender,
// and a burn no receiver.
func infoOf(t teg.Transaction) api.Transaction {
	return api.Transaction{
		TransactionID: t.ID, SenderAgentID: known(t.From), ReceiverAgentID: known(t.To), Amount: t.Amount, FeeAmount: t.Fee, Status: "completed",
		TransactionType: api.TransactionType(t.Type.String()), Timestamp: stamp(t.At), AttachedMessage: orNull(t.Message), ReferenceID: orNull(t.ReferenceID),
		ReputationSignalApplied: t.Signal != 0,
	}
}

// getTransactions lists an agent's, newest first.
func getTransactions(c *call) (func() (answer, error), error) {
	agent, err := c.subject()
	if err != nil {
		return nil, err
	}
	q := teg.TransactionsQuery{
		Agent: agent, Counterparty: c.query.agent("counterparty"), Reference: c.query.filter("reference", teg.MaxReference),
	}
	q.From, q.To = c.query.span()
	q.Types = c.query.transactionTypes()
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().Transactions(c.ctx, q)
		return transactionsAnswer(p, found), valued(err, "cursor", p.cursor)
	}, nil
}

func transactionsAnswer(p page, found teg.TransactionsPage) answer {
	body := api.TransactionsPage{Transactions: make([]api.Transaction, 0, len(found.Transactions))}
	for _, t := range found.Transactions {
		body.Transactions = append(body.Transactions, infoOf(t))
	}
	body.Page = p.info(found.Total, found.TotalCapped, found.NextCursor)
	return answer{body: body}
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

// getOperation tells what became of a key of the caller's.
func getOperation(c *call) (func() (answer, error), error) {
	key := c.vars["key"]
	c.faults.key("key", &key)
	return func() (answer, error) {
		outcomes, err := c.engine().Operation(c.ctx, c.caller.Agent, key)
		return answer{body: operationsOf(outcomes)}, err
	}, nil
}

func operationsOf(outcomes []teg.Outcome) api.Operations {
	var body api.Operations
	for _, o := range outcomes {
		each := api.Operation{Verb: o.Verb.String(), Status: api.OperationStatusCompleted, TransactionIDs: orEmpty(o.TransactionIDs)}
		if o.Err != nil {
			each.Status, each.Error = api.OperationStatusRefused, newShortProblem(o.Err)
		}
		body.Operations = append(body.Operations, each)
	}
	return body
}
