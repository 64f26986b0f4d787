package console

import "github.com/agentvault/teg-layer/server/client"

// webhookPage is one webhook, with what was sent.
type webhookPage struct {
	*client.Webhook
	Filter     *filter
	States     []client.DeliveryState
	Deliveries []client.Delivery
	Pager      pager
	Mine       bool
	May        bool // whether the visitor may end or pause it
}

func webhook(v *visit) (any, error) {
	id, f := client.WebhookID(v.r.PathValue("id")), v.filter("state")
	found, err := v.api.GetWebhook(v.r.Context(), id)
	if err != nil {
		return nil, err
	}
	page := webhookPage{
		Webhook: found, Filter: f, States: []client.DeliveryState{client.DeliveryStateDelivered, client.DeliveryStateFailing, client.DeliveryStateFailed},
		Mine: found.OwnerAgentID == v.who.Agent,
	}
	page.May = page.Mine || v.who.may(admins)
	sent, err := v.api.ListDeliveries(v.r.Context(), id, client.ListDeliveriesQuery{State: client.DeliveryState(f.Given["state"]), Limit: listed, Cursor: f.Cursor})
	if err != nil {
		return nil, err
	}
	page.Deliveries, page.Pager = sent.Deliveries, f.pager(sent.Page)
	return page, nil
}
