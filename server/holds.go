package server

import (
	"net/http"
	"time"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type holdRequest api.HoldRequest

func (in *holdRequest) check(f *faults) {
	f.sum("amount", &in.Amount)
	f.between("expires_in_seconds", in.ExpiresInSeconds, 1, int64(teg.MaxHoldTerm/time.Second))
	f.text("purpose", in.Purpose, teg.MaxPurpose)
	if given := (*string)(in.VoidBy); given != nil && *given != "either" && *given != "receiver" {
		f.add("void_by", "must be either or receiver", given)
	}
}

func holdOf(h teg.HoldReceipt) api.Hold {
	return api.Hold{
		HoldID: h.HoldID, PayerAgentID: h.From, ReceiverAgentID: h.To, Amount: h.Amount, FeeAmount: h.Fee, CapturedAmount: h.Captured,
		Status: api.HoldStatus(h.State.String()), Purpose: orNull(h.Purpose), VoidBy: api.VoidBy(h.VoidBy.String()),
		CreatedAt: stamp(h.CreatedAt), ExpiresAt: stamp(h.ExpiresAt), TransactionIDs: h.TransactionIDs,
	}
}

func postHold(c *call, in *holdRequest) (answer, error) {
	p := teg.HoldParams{
		From: c.caller.Agent, To: in.ReceiverAgentID, Amount: in.Amount, Term: time.Duration(orZero(in.ExpiresInSeconds)) * time.Second,
		Purpose: orZero(in.Purpose), Key: c.key,
	}
	var err error
	if p.VoidBy, err = teg.ParseVoider(string(orZero(in.VoidBy))); err != nil {
		return answer{}, err
	}
	h, err := c.engine().Hold(c.ctx, p)
	return answer{status: http.StatusCreated, body: holdOf(h), replayed: h.Replayed}, err
}

type captureRequest api.CaptureRequest

func (in *captureRequest) check(f *faults) { f.sum("amount", in.Amount) }

func postCapture(c *call, in *captureRequest) (answer, error) {
	h, err := c.engine().Capture(c.ctx, teg.CaptureParams{By: c.caller.Agent, HoldID: c.holdID(), Amount: orZero(in.Amount), Key: c.key})
	return answer{body: holdOf(h), replayed: h.Replayed}, valued(err, "amount", orZero(in.Amount).String())
}

func postVoid(c *call, _ *api.VoidRequest) (answer, error) {
	h, err := c.engine().Void(c.ctx, teg.VoidParams{By: c.caller.Agent, HoldID: c.holdID(), Key: c.key})
	return answer{body: holdOf(h), replayed: h.Replayed}, err
}

// holdID is the hold that the path names, zero for what is no id; see
// [call.transactionID].
func (c *call) holdID() teg.HoldID {
	id, _ := teg.ParseHoldID(c.vars["hold_id"])
	return id
}

func getHolds(c *call) (func() (answer, error), error) {
	agent, err := c.subject()
	if err != nil {
		return nil, err
	}
	p := c.query.page()
	return func() (answer, error) {
		found, err := c.engine().Holds(c.ctx, teg.HoldsQuery{
			Agent: agent, Limit: p.limit, Offset: p.offset, Cursor: p.cursor, Total: p.total,
		})
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.HoldsPage{Holds: make([]api.Hold, 0, len(found.Holds)), Page: p.info(found.Total, false, found.NextCursor)}
		for _, h := range found.Holds {
			body.Holds = append(body.Holds, holdOf(h))
		}
		return answer{body: body}, nil
	}, nil
}
