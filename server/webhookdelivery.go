package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type webhookTestRequest api.WebhookTestRequest

func (in *webhookTestRequest) check(f *faults) { f.text("note", in.Note, teg.MaxWebhookDescription) }

func postWebhookTest(c *call, in *webhookTestRequest) (answer, error) {
	own, err := c.ownWebhook()
	if err != nil {
		return answer{}, err
	}
	d, err := c.engine().TestWebhook(c.ctx, teg.TestWebhookParams{WebhookParams: own, Note: orZero(in.Note)})
	return answer{body: deliveryOf(&d)}, err
}

type resendRequest api.ResendRequest

func (in *resendRequest) check(f *faults) {
	checkID(f, "message_id", "message", &in.MessageID, teg.ParseMessageID)
}

func postResend(c *call, in *resendRequest) (answer, error) {
	own, err := c.ownWebhook()
	if err != nil {
		return answer{}, err
	}
	d, err := c.engine().ResendWebhook(c.ctx, teg.ResendParams{WebhookParams: own, Message: readID(&in.MessageID, teg.ParseMessageID)})
	return answer{body: deliveryOf(&d)}, err
}

// deliveryOf is a message with its attempts.
func deliveryOf(d *teg.WebhookDelivery) api.Delivery {
	body := api.Delivery{
		MessageID: d.ID, WebhookID: d.Webhook, EntryID: teg.EventID(d.Event), EventType: d.Action, State: d.State,
		Attempts: make([]api.DeliveryAttempt, len(d.Attempts)), CreatedAt: stamp(d.CreatedAt), UpdatedAt: stamp(d.UpdatedAt),
	}
	for i := range d.Attempts {
		a := &d.Attempts[i]
		body.Attempts[i] = api.DeliveryAttempt{Timestamp: stamp(a.At), DurationMs: a.Took.Milliseconds(), Fault: orNull(a.Fault)}
		if a.Status != 0 {
			status := int64(a.Status)
			body.Attempts[i].StatusCode = &status
		}
	}
	return body
}

func getDeliveries(c *call) (func() (answer, error), error) {
	q := teg.DeliveriesQuery{State: oneOf(&c.query, "state", teg.ParseDeliveryState)}
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		var err error
		q.Webhook = c.webhookID()
		if q.Viewer, err = c.viewer(adminRole); err != nil {
			return answer{}, err
		}
		found, err := c.engine().WebhookDeliveries(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := api.DeliveriesPage{Deliveries: make([]api.Delivery, len(found.Deliveries)), Page: p.info(found.Total, found.TotalCapped, found.NextCursor)}
		for i := range found.Deliveries {
			body.Deliveries[i] = deliveryOf(&found.Deliveries[i])
		}
		return answer{body: body}, nil
	}, nil
}
