package console

import "github.com/agentvault/teg-layer/server/client"

// webhooksPage is where events are sent.
type webhooksPage struct {
	Filter   *filter
	Statuses []client.WebhookStatus
	List     []client.Webhook
	Pager    pager
	Admin    bool
}

func webhooks(v *visit) (any, error) {
	f := v.filter("status", "agent_id", "everyone")
	page := webhooksPage{
		Filter: f, Statuses: []client.WebhookStatus{client.WebhookStatusActive, client.WebhookStatusPaused, client.WebhookStatusEnded}, Admin: v.who.may(admins),
	}
	query := client.ListWebhooksQuery{
		Status: client.WebhookStatus(f.Given["status"]), AgentID: f.agent("agent_id"), Everyone: f.Given["everyone"] != "", Limit: listed, Cursor: f.Cursor,
	}
	if len(f.Faults) > 0 {
		return page, nil
	}
	found, err := v.api.ListWebhooks(v.r.Context(), query)
	if err != nil {
		return nil, err
	}
	page.List, page.Pager = found.Webhooks, f.pager(found.Page)
	return page, nil
}
