package teg

import "github.com/agentvault/teg-layer/store"

// webhooks takes in how webhooks stand.
func (v *verification) webhooks() error {
	var after WebhookID
	for {
		page, err := v.engine.reader().AuditWebhooks(v.ctx, after, auditPage)
		if err != nil {
			return err
		}
		for i := range page {
			v.hooked.kept.add(sumOf(page[i].ID.String(), webhookTerms(&page[i])))
			after = page[i].ID
		}
		if len(page) < auditPage {
			return nil
		}
	}
}

// tellWebhook takes in what an event tells of a webhook: how it stands by it, in place of
// how it stood before.
func (v *verification) tellWebhook(a *toldAct) {
	switch a.Action {
	case store.VerbCreateWebhook.String(), store.VerbUpdateWebhook.String(), store.VerbPauseWebhook.String(),
		store.VerbResumeWebhook.String(), store.VerbRotateWebhook.String(), store.VerbEndWebhook.String():
		v.hooked.told.add(sumOf(a.ReferenceID, a.Reference))
		if a.Value != "" {
			v.hooked.told.take(sumOf(a.ReferenceID, a.Value))
			a.Value = ""
		}
	}
}
