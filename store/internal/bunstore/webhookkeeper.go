package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// WebhookKeeper implements [store.WebhookKeeper] on either database.
type WebhookKeeper struct {
	Dialect Dialect
	// Within runs f in a transaction of its own and commits it. Its errors are those
	// of package store.
	Within func(ctx context.Context, f func(Executor) error) error
}

var _ store.WebhookKeeper = (*WebhookKeeper)(nil)

// NoteWebhooks implements [store.WebhookKeeper].
func (k *WebhookKeeper) NoteWebhooks(ctx context.Context, n store.WebhookNote) error {
	return k.Within(ctx, func(tx Executor) error {
		note := webhookNote{ctx, tx, k.Dialect}
		for _, step := range []func() error{
			func() error { return note.fence(&n) },
			func() error { return inRows(n.Places, note.places) },
			func() error { return note.deliveries(n.Deliveries) },
			func() error { return note.forget(n.Forget) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
}

// webhookNote is a note that is being written.
type webhookNote struct {
	ctx context.Context
	tx  Executor
	d   Dialect
}

// fence refuses who does not read the log under that name any more, or has read another,
// and keeps the name from passing on before the note is written.
func (n *webhookNote) fence(of *store.WebhookNote) error {
	if of.Reader == "" {
		return nil
	}
	query, args := `SELECT 1 FROM log_readers WHERE name = ? AND holder = ?`, []any{of.Reader, n.d.ID(of.Holder)}
	if of.Last != (store.EventID{}) {
		query, args = query+` AND `+asRead, append(args, n.d.asRead(of.Position, of.Last)...)
	}
	if n.d == Postgres {
		query += ` FOR UPDATE`
	}
	var one int
	err := n.tx.QueryRowContext(n.ctx, query, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrConflict
	}
	return err
}

// noteRows is how many rows one statement writes.
const noteRows = 50

func inRows[T any](list []T, write func([]T) error) error {
	for part := range slices.Chunk(list, noteRows) {
		if err := write(part); err != nil {
			return err
		}
	}
	return nil
}

func (n *webhookNote) places(list []webhook.Place) error {
	args := make([]any, 0, 6*len(list))
	for i := range list {
		p := &list[i]
		args = append(args, n.d.ID(p.Webhook), p.Position, p.Pending, p.Failures, n.moment(p.Since), n.moment(p.NextAt))
	}
	return n.put(&WebhookPlaces, len(list), args)
}

// put writes rows of a table whose key is its first column, over those that are there.
func (n *webhookNote) put(t interface {
	names() (table string, columns, changed []string)
}, rows int, args []any) error {
	if rows == 0 {
		return nil
	}
	table, columns, changed := t.names()
	one := `(?` + strings.Repeat(`, ?`, len(columns)-1) + `)`
	set := make([]string, len(changed))
	for i, column := range changed {
		set[i] = column + ` = excluded.` + column
	}
	_, err := n.tx.ExecContext(n.ctx, `INSERT INTO `+table+` (`+strings.Join(columns, `, `)+`) VALUES `+one+strings.Repeat(`, `+one, rows-1)+
		` ON CONFLICT (`+columns[0]+`) DO UPDATE SET `+strings.Join(set, `, `), args...)
	return err
}

func (t *Table[Row]) names() (table string, columns, changed []string) {
	return t.Name, t.Written(), t.Changed()
}

// moment is an instant, or NULL for the zero time.
func (n *webhookNote) moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return n.d.Time(t)
}

// deliveries adds attempts to what is known of each message, and makes room. The messages
// are written in the order of their ids, in which others that write the same are met.
func (n *webhookNote) deliveries(list []webhook.Delivery) error {
	list = eachOnce(list)
	slices.SortFunc(list, func(a, b webhook.Delivery) int { return ledger.ID(a.ID).Compare(ledger.ID(b.ID)) })
	if err := inRows(list, n.messages); err != nil {
		return err
	}
	var of []webhook.ID
	for i := range list {
		if trims(list[i].ID) {
			of = append(of, list[i].Webhook)
		}
	}
	slices.SortFunc(of, func(a, b webhook.ID) int { return ledger.ID(a).Compare(ledger.ID(b)) })
	for _, id := range slices.Compact(of) {
		if err := n.trim(id); err != nil {
			return err
		}
	}
	return nil
}

// eachOnce joins attempts upon one message, in the order in which they were given.
func eachOnce(list []webhook.Delivery) []webhook.Delivery {
	at := make(map[webhook.MessageID]int, len(list))
	once := make([]webhook.Delivery, 0, len(list))
	for _, m := range list {
		i, found := at[m.ID]
		if !found {
			at[m.ID] = len(once)
			m.Attempts = slices.Clone(m.Attempts)
			once = append(once, m)
			continue
		}
		for _, a := range m.Attempts {
			once[i] = once[i].Add(a, m.State)
		}
	}
	return once
}

func (n *webhookNote) messages(list []webhook.Delivery) error {
	known, err := n.known(list)
	if err != nil {
		return err
	}
	args := make([]any, 0, 9*len(list))
	for i := range list {
		m := list[i]
		if before, found := known[m.ID]; found {
			all := append(before.Attempts, m.Attempts...)
			m.Attempts, m.CreatedAt = all[max(0, len(all)-webhook.MaxAttempts):], before.CreatedAt
		}
		args = append(args, n.d.ID(m.ID), n.d.ID(m.Webhook), n.d.ID(m.Event), m.Position, m.Action, n.d.Time(m.CreatedAt), int(m.State),
			webhook.EncodeAttempts(m.Attempts), n.d.Time(m.UpdatedAt))
	}
	return n.put(&webhookMessages, len(list), args)
}

// known reads what is remembered of messages, under their locks.
func (n *webhookNote) known(list []webhook.Delivery) (map[webhook.MessageID]webhook.Delivery, error) {
	args := make([]any, len(list))
	for i := range list {
		args[i] = n.d.ID(list[i].ID)
	}
	query := `SELECT id, created_at, attempts FROM webhook_deliveries WHERE id IN (?` + strings.Repeat(`, ?`, len(list)-1) + `) ORDER BY id`
	if n.d == Postgres {
		query += ` FOR UPDATE`
	}
	rows, err := n.tx.QueryContext(n.ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := map[webhook.MessageID]webhook.Delivery{}
	for rows.Next() {
		var m webhook.Delivery
		var text string
		if err := rows.Scan(Column{(*ledger.ID)(&m.ID)}, Column{&m.CreatedAt}, &text); err != nil {
			return nil, err
		}
		if m.Attempts, err = webhook.DecodeAttempts(text); err != nil {
			return nil, err
		}
		known[m.ID] = m
	}
	return known, rows.Err()
}

// trims reports whether the oldest are forgotten with this message: one in 32 is enough, for
// otherwise a note for thousands of webhooks would look at a thousand messages of each.
func trims(id webhook.MessageID) bool { return id[len(id)-1]%32 == 0 }

// trim forgets the oldest messages of a webhook beyond those that are remembered. It waits
// for none that is being sent again, which the next does: who sends it again holds it, and
// may be about to forget the others.
func (n *webhookNote) trim(id webhook.ID) error {
	oldest := `SELECT id FROM webhook_deliveries WHERE webhook = ? ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`
	if n.d == Postgres {
		oldest = `SELECT id FROM webhook_deliveries WHERE id IN (` + oldest + `) FOR UPDATE SKIP LOCKED`
	}
	_, err := n.tx.ExecContext(n.ctx, `DELETE FROM webhook_deliveries WHERE id IN (`+oldest+`)`, n.d.ID(id), 10*webhook.MaxDeliveries, webhook.MaxDeliveries)
	return err
}

func (n *webhookNote) forget(list []webhook.ID) error {
	for _, id := range list {
		for _, statement := range []string{`DELETE FROM webhook_places WHERE webhook = ?`, `DELETE FROM webhook_deliveries WHERE webhook = ?`} {
			if _, err := n.tx.ExecContext(n.ctx, statement, n.d.ID(id)); err != nil {
				return err
			}
		}
	}
	return nil
}
