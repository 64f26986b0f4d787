package server

import (
	"fmt"
	"strconv"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type bulkRequest api.BulkTransferRequest

type bulkElement api.BulkTransferItem

func (in *bulkRequest) check(f *faults) {
	if n := len(in.Transfers); n == 0 || n > teg.MaxBatch {
		f.add("transfers", "must be a list of 1 to "+strconv.Itoa(teg.MaxBatch)+" transfers", nil)
		return
	}
	for i := range in.Transfers {
		f.element("transfers", i, (*bulkElement)(&in.Transfers[i]))
	}
}

func (in *bulkElement) check(f *faults) {
	f.sum("amount", &in.Amount)
	f.text("message", in.Message, teg.MaxMessage)
	f.text("reference", in.Reference, teg.MaxReference)
	f.key("idempotency_key", in.IdempotencyKey)
}

// checkKeys wants each key once, those included that elements get from the key of
// the whole.
func (in *bulkRequest) checkKeys(whole string, f *faults) {
	seen := map[string]bool{}
	for i := range in.Transfers {
		key := orZero(in.Transfers[i].IdempotencyKey)
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
			To: each.ReceiverAgentID, Amount: each.Amount, Message: orZero(each.Message), Reference: orZero(each.Reference), Key: orZero(each.IdempotencyKey),
		})
	}
	r, err := c.engine().TransferBatch(c.ctx, p)
	if err != nil {
		return answer{}, err
	}
	body := api.BulkTransfer{Results: make([]api.BulkTransferResult, len(r.Results)), Succeeded: r.Succeeded, Failed: r.Failed}
	for i := range r.Results {
		body.Results[i] = c.bulkResult(i, &r.Results[i])
	}
	return answer{body: body, replayed: r.Replayed}, nil
}

func (c *call) bulkResult(i int, r *teg.BatchResult) api.BulkTransferResult {
	if r.Err == nil {
		return api.BulkTransferResult{Index: i, Status: api.BulkTransferStatusCompleted, TransactionID: &r.Receipt.TransactionID}
	}
	return api.BulkTransferResult{Index: i, Status: api.BulkTransferStatusFailed, Error: c.elementProblem(r.Err)}
}
