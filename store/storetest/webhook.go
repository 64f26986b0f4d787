package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// webhookTests are those of who is told of events, and how far.
var webhookTests = map[string]func(*testing.T, *bench){
	"webhooks are read back":                        testWebhooks,
	"webhooks that have ended stay so":              testEndedWebhooks,
	"webhooks have bounds":                          testWebhookBounds,
	"how far webhooks were told is kept":            testWebhookPlaces,
	"who lost its turn notes nothing of webhooks":   testWebhookFence,
	"who read another log claims and notes nothing": testOtherLog,
	"attempts upon a message add up":                testWebhookAttempts,
	"of deliveries the newest are remembered":       testWebhookTrim,
}

func (b *bench) webhook(id byte) webhook.Webhook {
	return webhook.Webhook{
		ID: webhook.ID{id}, Owner: b.alice.Owner, All: id%2 == 0, CreatedAt: b.now, URL: fmt.Sprintf("https://example.com/%d?✓", id),
		Actions: "hold transfer", Description: "💬", Status: webhook.Active, Generation: 1, Steps: 1, UpdatedAt: b.now,
	}
}

func (b *bench) hooks(t *testing.T, c webhook.Changes) error {
	t.Helper()
	tx, _ := b.begin(t, store.Need{})
	return tx.Commit(background(), &store.Changes{Webhooks: c})
}

func (b *bench) made(t *testing.T, ids ...byte) (list []webhook.Webhook) {
	t.Helper()
	for _, id := range ids {
		list = append(list, b.webhook(id))
	}
	require.NoError(t, b.hooks(t, webhook.Changes{Created: list}))
	return list
}

func (b *bench) webhooksBy(t *testing.T, q webhook.Query) (page []webhook.Webhook, total int64) {
	t.Helper()
	page, total, err := b.reader.Webhooks(background(), q)
	require.NoError(t, err)
	return page, total
}

func testWebhooks(t *testing.T, b *bench) {
	all := b.made(t, 1, 2, 3)
	bobs := b.webhook(4)
	bobs.Owner, bobs.About = b.bob.Owner, b.alice.Owner
	require.NoError(t, b.hooks(t, webhook.Changes{Created: []webhook.Webhook{bobs}}))
	tx, rows := b.begin(t, store.Need{Webhooks: webhook.Need{IDs: []webhook.ID{{3}, {9}}, Owners: []did.DID{b.bob.Owner}}})
	require.ElementsMatch(t, []webhook.Webhook{all[2], bobs}, rows.Webhooks)
	paused, err := all[2].Move(webhook.Paused, "x", b.now.Add(time.Minute))
	require.NoError(t, err)
	paused.OldUntil = b.now.Add(time.Hour)
	require.NoError(t, tx.Commit(background(), &store.Changes{Webhooks: webhook.Changes{Changed: []webhook.Webhook{paused}}}))
	page, total := b.webhooksBy(t, webhook.Query{Limit: 10, Count: 100})
	require.Equal(t, []webhook.Webhook{bobs, paused, all[1], all[0]}, page)
	require.EqualValues(t, 4, total)
	page, total = b.webhooksBy(t, webhook.Query{Owner: b.alice.Owner, Before: webhook.ID{3}, Limit: 1, Count: 2})
	require.Equal(t, all[1:2], page)
	require.EqualValues(t, 2, total, "counted so far")
	page, _ = b.webhooksBy(t, webhook.Query{Status: webhook.Paused, Limit: 10})
	require.Equal(t, []webhook.Webhook{paused}, page)
	page, _ = b.webhooksBy(t, webhook.Query{Live: true, Owner: b.alice.Owner, Offset: 1, Limit: 10})
	require.Equal(t, []webhook.Webhook{all[1], all[0]}, page)
	found, err := b.reader.WebhooksByID(background(), webhook.ID{1}, webhook.ID{9})
	require.NoError(t, err)
	require.Equal(t, all[:1], found)
	audited, err := b.reader.AuditWebhooks(background(), webhook.ID{1}, 2)
	require.NoError(t, err)
	require.Equal(t, []webhook.Webhook{all[1], paused}, audited)
	require.Error(t, b.hooks(t, webhook.Changes{Changed: []webhook.Webhook{b.webhook(9)}}), "what is not there does not change")
}

func testEndedWebhooks(t *testing.T, b *bench) {
	one := b.made(t, 1)[0]
	ended, err := one.Move(webhook.Ended, "x", b.now)
	require.NoError(t, err)
	require.NoError(t, b.hooks(t, webhook.Changes{Changed: []webhook.Webhook{ended}}))
	require.Error(t, b.hooks(t, webhook.Changes{Changed: []webhook.Webhook{one}}))
	page, _ := b.webhooksBy(t, webhook.Query{Live: true, Limit: 10})
	require.Empty(t, page)
	_, rows := b.begin(t, store.Need{Webhooks: webhook.Need{Owners: []did.DID{one.Owner}}})
	require.Empty(t, rows.Webhooks)
}

func testWebhookBounds(t *testing.T, b *bench) {
	b.made(t, 1)
	for name, spoil := range map[string]func(*webhook.Webhook){
		"another's id":            func(w *webhook.Webhook) { w.ID = webhook.ID{1} },
		"no address":              func(w *webhook.Webhook) { w.URL = "" },
		"no state":                func(w *webhook.Webhook) { w.Status = 0 },
		"no secret":               func(w *webhook.Webhook) { w.Generation = 0 },
		"of another's events":     func(w *webhook.Webhook) { w.About = b.bob.Owner },
		"an address that is long": func(w *webhook.Webhook) { w.URL = strings.Repeat("x", webhook.MaxURL+1) },
	} {
		bad := b.webhook(3)
		spoil(&bad)
		require.Error(t, b.hooks(t, webhook.Changes{Created: []webhook.Webhook{bad}}), name)
	}
}

func (b *bench) noted(t *testing.T, n store.WebhookNote) {
	t.Helper()
	require.NoError(t, b.store.Webhooks().NoteWebhooks(background(), n))
}

func testWebhookPlaces(t *testing.T, b *bench) {
	b.made(t, 1, 2, 3)
	_, pending, err := b.reader.WebhooksPending(background())
	require.NoError(t, err)
	require.False(t, pending)
	one := webhook.Place{Webhook: webhook.ID{1}, Position: 9, Pending: true, Failures: 2, Since: b.now, NextAt: b.now.Add(time.Hour)}
	two := webhook.Place{Webhook: webhook.ID{2}, Position: 7, Pending: true}
	three := webhook.Place{Webhook: webhook.ID{3}, Position: 5}
	b.noted(t, store.WebhookNote{Places: []webhook.Place{one, two, three}})
	found, err := b.reader.WebhookPlaces(background(), webhook.ID{1}, webhook.ID{2}, webhook.ID{3}, webhook.ID{4})
	require.NoError(t, err)
	require.ElementsMatch(t, []webhook.Place{one, two, three}, found)
	lowest := func() int64 {
		t.Helper()
		position, pending, err := b.reader.WebhooksPending(background())
		require.NoError(t, err)
		require.True(t, pending)
		return position
	}
	require.EqualValues(t, 7, lowest())
	two.Position, two.Pending = 20, false
	b.noted(t, store.WebhookNote{Places: []webhook.Place{two}})
	require.EqualValues(t, 9, lowest())
	b.noted(t, store.WebhookNote{Forget: []webhook.ID{{1}}})
	found, err = b.reader.WebhookPlaces(background(), webhook.ID{1}, webhook.ID{2})
	require.NoError(t, err)
	require.Equal(t, []webhook.Place{two}, found)
}

func testWebhookFence(t *testing.T, b *bench) {
	claim := store.Claim{Name: "webhooks", Holder: ledger.ID{1}, Now: b.now, Until: b.now.Add(time.Minute), Longest: b.now.Add(time.Hour)}
	_, mine, err := b.store.Claim(background(), claim)
	require.NoError(t, err)
	require.True(t, mine)
	place := webhook.Place{Webhook: webhook.ID{1}, Position: 9}
	b.noted(t, store.WebhookNote{Reader: "webhooks", Holder: ledger.ID{1}, Places: []webhook.Place{place}})
	place.Position = 3
	err = b.store.Webhooks().NoteWebhooks(background(), store.WebhookNote{Reader: "webhooks", Holder: ledger.ID{2}, Places: []webhook.Place{place}})
	require.ErrorIs(t, err, store.ErrConflict)
	found, err := b.reader.WebhookPlaces(background(), webhook.ID{1})
	require.NoError(t, err)
	require.EqualValues(t, 9, found[0].Position)
}

func testOtherLog(t *testing.T, b *bench) {
	tx, _ := b.begin(t, store.Need{})
	var changes store.Changes
	for i := range 9 {
		changes.Events = append(changes.Events, store.Event{ID: store.EventID{byte(i), 1}, Action: "transfer", Actor: b.alice.Owner, At: b.now, Body: []byte("{}")})
	}
	require.NoError(t, tx.Commit(background(), &changes))
	claim := store.Claim{Name: "webhooks", Holder: ledger.ID{1}, Position: 5, Now: b.now, Until: b.now.Add(time.Minute), Longest: b.now.Add(time.Hour)}
	note := store.WebhookNote{Reader: claim.Name, Holder: claim.Holder, Position: claim.Position, Places: []webhook.Place{{Webhook: webhook.ID{1}, Position: 5}}}
	for i, c := range []struct {
		last store.EventID
		at   int64
		err  error
	}{{store.EventID{7, 1}, 0, store.ErrConflict}, {store.EventID{4, 1}, 5, nil}} {
		claim.Last, note.Last = c.last, c.last
		at, mine, err := b.store.Claim(background(), claim)
		require.NoError(t, err)
		require.True(t, mine)
		require.Equal(t, c.at, at, "%d", i)
		require.ErrorIs(t, b.store.Webhooks().NoteWebhooks(background(), note), c.err)
	}
}

// message is what Alice's webhook is told of an event.
func (b *bench) message(id byte, at time.Duration, state webhook.DeliveryState) webhook.Delivery {
	d := webhook.Delivery{ID: webhook.MessageID{id}, Webhook: webhook.ID{1}, Event: ledger.ID{id, 1}, Position: int64(id), Action: "transfer"}
	return d.Add(webhook.Attempt{At: b.now.Add(at), Took: time.Millisecond, Status: 200, Fault: strings.Repeat("x", int(id%2))}, state)
}

func testWebhookAttempts(t *testing.T, b *bench) {
	first := b.message(1, 0, webhook.Failing)
	again, third := b.message(1, time.Minute, webhook.Failing), b.message(1, time.Hour, webhook.Delivered)
	other := b.message(2, time.Second, webhook.Failed)
	b.noted(t, store.WebhookNote{Deliveries: []webhook.Delivery{first}})
	b.noted(t, store.WebhookNote{Deliveries: []webhook.Delivery{again, other, third}})
	want := first.Add(again.Attempts[0], webhook.Failing).Add(third.Attempts[0], webhook.Delivered)
	page, total, err := b.reader.WebhookDeliveries(background(), webhook.DeliveryQuery{Webhook: webhook.ID{1}, Limit: 10, Count: 10})
	require.NoError(t, err)
	require.Equal(t, []webhook.Delivery{other, want}, page)
	require.EqualValues(t, 2, total)
	page, _, err = b.reader.WebhookDeliveries(background(), webhook.DeliveryQuery{Webhook: webhook.ID{1}, Before: &other, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []webhook.Delivery{want}, page)
	page, _, err = b.reader.WebhookDeliveries(background(), webhook.DeliveryQuery{Webhook: webhook.ID{1}, State: webhook.Failed, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []webhook.Delivery{other}, page)
	found, err := b.reader.WebhookMessages(background(), webhook.MessageID{1}, webhook.MessageID{9})
	require.NoError(t, err)
	require.Equal(t, []webhook.Delivery{want}, found)
	for i := range webhook.MaxAttempts {
		b.noted(t, store.WebhookNote{Deliveries: []webhook.Delivery{b.message(2, time.Duration(i+1)*time.Hour, webhook.Failing)}})
	}
	found, err = b.reader.WebhookMessages(background(), webhook.MessageID{2})
	require.NoError(t, err)
	require.Len(t, found[0].Attempts, webhook.MaxAttempts)
	require.Equal(t, other.CreatedAt, found[0].CreatedAt)
}

func testWebhookTrim(t *testing.T, b *bench) {
	list := make([]webhook.Delivery, webhook.MaxDeliveries+3)
	for i := range list {
		list[i] = b.message(1, time.Duration(i)*time.Second, webhook.Delivered)
		list[i].ID = webhook.MessageID{byte(i), byte(i >> 8), 1}
	}
	b.noted(t, store.WebhookNote{Deliveries: list})
	page, total, err := b.reader.WebhookDeliveries(background(), webhook.DeliveryQuery{Webhook: webhook.ID{1}, Limit: 1, Offset: webhook.MaxDeliveries - 1, Count: 10_000})
	require.NoError(t, err)
	require.EqualValues(t, webhook.MaxDeliveries, total)
	require.Equal(t, list[3].ID, page[0].ID)
}
