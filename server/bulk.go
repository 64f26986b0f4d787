package server

import (
	"strconv"

	"github.com/agentvault/teg-layer/teg"
)

type bulkRequest struct {
	Transfers []bulkElement `json:"transfers"`
	Atomic    *bool         `json:"atomic"`
}

type bulkElement struct {
	Receiver  teg.DID    `json:"receiver_agent_id"`
	Amount    teg.Amount `json:"amount"`
	Message   *string    `json:"message"`
	Reference *string    `json:"reference"`
	Key       *string    `json:"idempotency_key"`
}

func (in *bulkRequest) check(f *faults) {
	if n := len(in.Transfers); n == 0 || n > teg.MaxBatch {
		f.add("transfers", "must be a list of 1 to "+strconv.Itoa(teg.MaxBatch)+" transfers", nil)
		return
	}
	for i := range in.Transfers {
		f.element("transfers", i, &in.Transfers[i])
	}
}

func (in *bulkElement) check(f *faults) {
	f.sum("amount", &in.Amount)
	f.text("message", in.Message, teg.MaxMessage)
	f.text("reference", in.Reference, teg.MaxReference)
	f.key("idempotency_key", in.Key)
}

type bulkBody struct {
	Results   []bulkResult `json:"results"`
	Succeeded int          `json:"succeeded"`
	Failed    int          `json:"failed"`
}

type bulkResult struct {
	Index         int                `json:"index"`
	Status        string             `json:"status"`
	TransactionID *teg.TransactionID `json:"transaction_id,omitempty"`
	Error         *bulkProblem       `json:"error,omitempty"`
}

type bulkProblem struct {
	Code    string `json:"error_code"`
	Message string `json:"message"`
}

func postBulk(c *call, in *bulkRequest) (answer, error) {
	p := teg.BatchParams{From: c.caller.Agent, Key: c.key, Atomic: in.Atomic != nil && *in.Atomic}
	for _, each := range in.Transfers {
		p.Transfers = append(p.Transfers, teg.BatchTransfer{
			To: each.Receiver, Amount: each.Amount, Message: value(each.Message), Reference: value(each.Reference), Key: value(each.Key),
		})
	}
	r, err := c.engine().TransferBatch(c.ctx, p)
	if err != nil {
		return answer{}, err
	}
	body := bulkBody{Results: make([]bulkResult, len(r.Results)), Succeeded: r.Succeeded, Failed: r.Failed}
	for i := range r.Results {
		body.Results[i] = bulkResultOf(i, &r.Results[i])
	}
	return answer{body: body, replayed: r.Replayed}, nil
}

func bulkResultOf(i int, r *teg.BatchResult) bulkResult {
	if r.Err == nil {
		return bulkResult{Index: i, Status: "completed", TransactionID: &r.Receipt.TransactionID}
	}
	p := newProblem(r.Err)
	return bulkResult{Index: i, Status: "failed", Error: &bulkProblem{p.Code, p.Message}}
}
