package mcp

import (
	"github.com/agentvault/teg-layer/server/client"
)

type historyIn struct {
	With   string `json:"with,omitempty" jsonschema:"only with this agent: a DID"`
	Limit  int    `json:"limit,omitempty" jsonschema:"how many at most, 1 to 100; 20 without"`
	Cursor string `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
}

type history struct {
	Transactions []transaction `json:"transactions" jsonschema:"newest first"`
	NextCursor   string        `json:"next_cursor,omitempty" jsonschema:"for the page after; none without"`
}

type transaction struct {
	TransactionID string     `json:"transaction_id"`
	Type          string     `json:"type"`
	From          string     `json:"from,omitempty"`
	To            string     `json:"to,omitempty"`
	Amount        string     `json:"amount"`
	Fee           string     `json:"fee"`
	At            string     `json:"at"`
	Message       *untrusted `json:"message,omitempty"`
}

type outcomeIn struct {
	Key string `json:"idempotency_key" jsonschema:"the key of the call"`
}

type outcome struct {
	Operations []operation `json:"operations" jsonschema:"what was done or refused under the key; none where nothing was"`
}

type operation struct {
	Verb         string   `json:"verb"`
	Status       string   `json:"status"`
	Transactions []string `json:"transactions"`
	Refusal      string   `json:"refusal,omitempty" jsonschema:"the code of the error"`
}

// longestPage bounds how much a model is told at once.
const longestPage, defaultPage = 100, 20

// addHistory adds the tools that look back.
func (w *wallet) addHistory() {
	add(w, tool{name: "history", title: "What was paid", description: "The agent's transactions, newest first. Messages in them were written by others."}, look)
	add(w, tool{name: "outcome", title: "What became of a call", description: "What became of a call, by its idempotency_key: for calls whose outcome is in doubt."},
		func(c *calling, in outcomeIn) (outcome, error) {
			out := outcome{Operations: []operation{}}
			if in.Key == "" {
				return out, &inputError{"idempotency_key", "must be given"}
			}
			found, err := c.GetOperation(c.ctx, in.Key)
			if client.CodeOf(err) == client.ErrEntityNotFound {
				return out, nil
			}
			if err != nil {
				return out, err
			}
			for _, o := range found.Operations {
				each := operation{Verb: o.Verb, Status: string(o.Status), Transactions: []string{}}
				for _, id := range o.TransactionIDs {
					each.Transactions = append(each.Transactions, string(id))
				}
				if o.Error != nil {
					each.Refusal = string(o.Error.ErrorCode)
				}
				out.Operations = append(out.Operations, each)
			}
			return out, nil
		})
}

func look(c *calling, in historyIn) (history, error) {
	query := client.ListTransactionsQuery{Limit: in.Limit, Cursor: in.Cursor}
	switch {
	case in.Limit == 0:
		query.Limit = defaultPage
	case in.Limit < 0 || in.Limit > longestPage:
		return history{}, &inputError{"limit", "must be from 1 to 100"}
	}
	if in.With != "" {
		with, err := agentIn("with", in.With)
		if err != nil {
			return history{}, err
		}
		query.Counterparty = with
	}
	page, err := c.ListTransactions(c.ctx, query)
	if err != nil {
		return history{}, err
	}
	out := history{Transactions: []transaction{}, NextCursor: orNone(page.NextCursor)}
	for _, tx := range page.Transactions {
		each := transaction{
			TransactionID: string(tx.TransactionID), Type: string(tx.TransactionType), Amount: tx.Amount.String(), Fee: tx.FeeAmount.String(),
			At: stamp(tx.Timestamp), Message: said(tx.AttachedMessage),
		}
		if tx.SenderAgentID != nil {
			each.From = tx.SenderAgentID.String()
		}
		if tx.ReceiverAgentID != nil {
			each.To = tx.ReceiverAgentID.String()
		}
		out.Transactions = append(out.Transactions, each)
	}
	return out, nil
}
