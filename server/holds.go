package server

import (
	"net/http"
	"time"

	"github.com/agentvault/teg-layer/teg"
)

type holdRequest struct {
	Receiver teg.DID    `json:"receiver_agent_id"`
	Amount   teg.Amount `json:"amount"`
	Expires  *int64     `json:"expires_in_seconds"`
	Purpose  *string    `json:"purpose"`
	VoidBy   *string    `json:"void_by"`
}

func (in *holdRequest) check(f *faults) {
	f.sum("amount", &in.Amount)
	f.between("expires_in_seconds", in.Expires, 1, int64(teg.MaxHoldTerm/time.Second))
	f.text("purpose", in.Purpose, teg.MaxPurpose)
	if in.VoidBy != nil && *in.VoidBy != "either" && *in.VoidBy != "receiver" {
		f.add("void_by", "must be either or receiver", in.VoidBy)
	}
}

type holdBody struct {
	ID           teg.HoldID          `json:"hold_id"`
	Payer        teg.DID             `json:"payer_agent_id"`
	Receiver     teg.DID             `json:"receiver_agent_id"`
	Amount       teg.Amount          `json:"amount"`
	Fee          teg.Amount          `json:"fee_amount"`
	Captured     teg.Amount          `json:"captured_amount"`
	Status       string              `json:"status"`
	Purpose      *string             `json:"purpose"`
	VoidBy       string              `json:"void_by"`
	CreatedAt    string              `json:"created_at"`
	ExpiresAt    string              `json:"expires_at"`
	Transactions []teg.TransactionID `json:"transaction_ids"`
}

func holdOf(h teg.HoldReceipt) holdBody {
	return holdBody{
		ID: h.HoldID, Payer: h.From, Receiver: h.To, Amount: h.Amount, Fee: h.Fee, Captured: h.Captured,
		Status: h.State.String(), Purpose: orNull(h.Purpose), VoidBy: h.VoidBy.String(),
		CreatedAt: stamp(h.CreatedAt), ExpiresAt: stamp(h.ExpiresAt), Transactions: h.TransactionIDs,
	}
}

func postHold(c *call, in *holdRequest) (answer, error) {
	p := teg.HoldParams{
		From: c.caller.Agent, To: in.Receiver, Amount: in.Amount, Term: time.Duration(orZero(in.Expires)) * time.Second,
		Purpose: orZero(in.Purpose), Key: c.key,
	}
	var err error
	if p.VoidBy, err = teg.ParseVoider(orZero(in.VoidBy)); err != nil {
		return answer{}, err
	}
	h, err := c.engine().Hold(c.ctx, p)
	return answer{status: http.StatusCreated, body: holdOf(h), replayed: h.Replayed}, err
}

type captureRequest struct {
	Amount *teg.Amount `json:"amount"`
}

func (in *captureRequest) check(f *faults) { f.sum("amount", in.Amount) }

func postCapture(c *call, in *captureRequest) (answer, error) {
	h, err := c.engine().Capture(c.ctx, teg.CaptureParams{By: c.caller.Agent, HoldID: c.holdID(), Amount: orZero(in.Amount), Key: c.key})
	return answer{body: holdOf(h), replayed: h.Replayed}, valued(err, "amount", orZero(in.Amount).String())
}

type voidRequest struct{}

func postVoid(c *call, _ *voidRequest) (answer, error) {
	h, err := c.engine().Void(c.ctx, teg.VoidParams{By: c.caller.Agent, HoldID: c.holdID(), Key: c.key})
	return answer{body: holdOf(h), replayed: h.Replayed}, err
}

// holdID is the hold that the path names, zero for what is no id; see
// [call.transactionID].
func (c *call) holdID() teg.HoldID {
	id, _ := teg.ParseHoldID(c.vars["hold_id"])
	return id
}

type holdsBody struct {
	Holds []holdBody `json:"holds"`
	pageInfo
}

func getHolds(c *call) (func() (answer, error), error) {
	p := c.query.page()
	return func() (answer, error) {
		found, err := c.engine().Holds(c.ctx, teg.HoldsQuery{
			Agent: c.caller.Agent, Limit: p.limit, Offset: p.offset, Cursor: p.cursor, Total: p.total,
		})
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := holdsBody{Holds: make([]holdBody, 0, len(found.Holds)), pageInfo: p.info(found.Total, false, found.NextCursor)}
		for _, h := range found.Holds {
			body.Holds = append(body.Holds, holdOf(h))
		}
		return answer{body: body}, nil
	}, nil
}
