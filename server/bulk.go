package server

import (
	"fmt"
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
	Error         *shortProblem      `json:"error,omitempty"`
}

// checkKeys wants each key once, those included that elements get from the key of
// the whole.
func (in *bulkRequest) checkKeys(whole string, f *faults) {
	seen := map[string]bool{}
	for i := range in.Transfers {
		key := orZero(in.Transfers[i].Key)
		if key == "" && whole != "" {
			key = whole + "#" + strconv.Itoa(i)
		}
		if key != "" && seen[key] {
			f.add(fmt.Sprintf("transfers[%d].idempotency_key", i), "is given twice in this request", &key)
		}
		seen[key] = true
	}
}

func postBulk(c *call) (func() (answer, error), error) {
	in := new(bulkRequest)
	if err := c.read(in); err != nil {
		return nil, err
	}
	in.checkKeys(c.key, &c.faults)
	c.items = len(in.Transfers)
	return func() (answer, error) { return in.carryOut(c) }, nil
}

func (in *bulkRequest) carryOut(c *call) (answer, error) {
	p := teg.BatchParams{From: c.caller.Agent, Key: c.key, Atomic: orZero(in.Atomic)}
	for _, each := range in.Transfers {
		p.Transfers = append(p.Transfers, teg.BatchTransfer{
			To: each.Receiver, Amount: each.Amount, Message: orZero(each.Message), Reference: orZero(each.Reference), Key: orZero(each.Key),
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
	return bulkResult{Index: i, Status: "failed", Error: newShortProblem(r.Err)}
}
