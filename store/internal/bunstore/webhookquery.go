package bunstore

import (
	"context"
	"strings"

	"github.com/agentvault/teg-layer/governance/webhook"
)

var (
	webhooksByID  = selectFrom(&Webhooks, "id IN (%s)")
	webhooksOf    = selectFrom(&Webhooks, "owner IN (%s) AND status <> 3")
	placesOfHooks = selectFrom(&WebhookPlaces, "webhook IN (%s)")
	messagesByID  = selectFrom(&webhookMessages, "id IN (%s)")
)

// LoadWebhooks reads those of owners, and those that are named behind them.
func LoadWebhooks(ctx context.Context, from Source, need webhook.Need) (rows []webhook.Webhook, err error) {
	add := Webhooks.AppendTo(&rows)
	if len(need.Owners) > 0 {
		err = from.Select(ctx, webhooksOf, anyOf(texts(need.Owners)), add)
	}
	if err == nil && len(need.IDs) > 0 {
		err = from.Select(ctx, webhooksByID, names(need.IDs), add)
	}
	return rows, err
}

// anyOf are keys that are texts.
func anyOf(list []string) []any {
	keys := make([]any, len(list))
	for i, text := range list {
		keys[i] = text
	}
	return keys
}

// Webhooks implements [webhook.Reader].
func (r *Reader) Webhooks(ctx context.Context, q webhook.Query) (page []webhook.Webhook, total int64, err error) {
	f := filter{}
	f.add(!q.Owner.IsZero(), `owner = ?`, q.Owner.String())
	f.add(q.Status != 0, `status = ?`, int(q.Status))
	f.add(q.Live, `status <> 3`) // as the index has it
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		if total, err = f.count(ctx, view, Webhooks.Name, q.Count); err != nil {
			return err
		}
		f.add(!q.Before.IsZero(), `id < ?`, view.dialect.ID(q.Before))
		page, err = list(ctx, view, &Webhooks, f.where()+` ORDER BY id DESC LIMIT ? OFFSET ?`, append(f.args, q.Limit, q.Offset)...)
		return err
	})
	return page, total, err
}

// filter is a condition in the making.
type filter struct {
	conditions []string
	args       []any
}

func (f *filter) add(wanted bool, condition string, args ...any) {
	if wanted {
		f.conditions, f.args = append(f.conditions, condition), append(f.args, args...)
	}
}

func (f *filter) where() string {
	if len(f.conditions) == 0 {
		return `TRUE`
	}
	return strings.Join(f.conditions, ` AND `)
}

// count counts the matches, as far as that is wanted.
func (f *filter) count(ctx context.Context, view *Reader, table string, limit int64) (total int64, err error) {
	if limit > 0 {
		err = view.scan(ctx, &total, `SELECT count(*) FROM (SELECT 1 FROM `+table+` WHERE `+f.where()+` LIMIT ?) AS matches`, append(f.args, limit)...)
	}
	return total, err
}

// WebhooksByID implements [webhook.Reader].
func (r *Reader) WebhooksByID(ctx context.Context, ids ...webhook.ID) (rows []webhook.Webhook, err error) {
	err = r.Select(ctx, webhooksByID, names(ids), Webhooks.AppendTo(&rows))
	return rows, err
}

// WebhookPlaces implements [webhook.Reader].
func (r *Reader) WebhookPlaces(ctx context.Context, ids ...webhook.ID) (rows []webhook.Place, err error) {
	err = r.Select(ctx, placesOfHooks, names(ids), WebhookPlaces.AppendTo(&rows))
	return rows, err
}

// WebhooksPending implements [webhook.Reader]. Few are behind at a time.
func (r *Reader) WebhooksPending(ctx context.Context) (int64, bool, error) {
	var lowest []int64
	err := r.scan(ctx, &lowest, `SELECT p.position FROM webhook_places AS p WHERE p.pending AND EXISTS (SELECT 1 FROM webhooks AS w WHERE w.id = p.webhook AND w.status = ?)
		ORDER BY p.position LIMIT 1`, int(webhook.Active))
	if err != nil || len(lowest) == 0 {
		return 0, false, err
	}
	return lowest[0], true, nil
}

// WebhookDeliveries implements [webhook.Reader].
func (r *Reader) WebhookDeliveries(ctx context.Context, q webhook.DeliveryQuery) (page []webhook.Delivery, total int64, err error) {
	f := filter{}
	f.add(true, `webhook = ?`, r.dialect.ID(q.Webhook))
	f.add(q.State != 0, `state = ?`, int(q.State))
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		if total, err = f.count(ctx, view, webhookMessages.Name, q.Count); err != nil {
			return err
		}
		if q.Before != nil {
			f.add(true, `(created_at, id) < (?, ?)`, view.dialect.Time(q.Before.CreatedAt), view.dialect.ID(q.Before.ID))
		}
		rows, err := list(ctx, view, &webhookMessages, f.where()+` ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`, append(f.args, q.Limit, q.Offset)...)
		if err == nil {
			page, err = deliveriesOf(rows)
		}
		return err
	})
	return page, total, err
}

// WebhookMessages implements [webhook.Reader].
func (r *Reader) WebhookMessages(ctx context.Context, ids ...webhook.MessageID) ([]webhook.Delivery, error) {
	var rows []webhookMessage
	if err := r.Select(ctx, messagesByID, names(ids), webhookMessages.AppendTo(&rows)); err != nil {
		return nil, err
	}
	return deliveriesOf(rows)
}

func deliveriesOf(rows []webhookMessage) ([]webhook.Delivery, error) {
	page := make([]webhook.Delivery, len(rows))
	for i := range rows {
		attempts, err := webhook.DecodeAttempts(rows[i].attempts)
		if err != nil {
			return nil, err
		}
		page[i] = rows[i].Delivery
		page[i].Attempts = attempts
	}
	return page, nil
}

// AuditWebhooks implements [webhook.Reader].
func (r *Reader) AuditWebhooks(ctx context.Context, after webhook.ID, limit int) ([]webhook.Webhook, error) {
	return audit(ctx, r, &Webhooks, after, limit)
}
