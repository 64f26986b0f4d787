package teg_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// What a webhook is told of, and by whom it is made, has bounds.
func TestWebhookBounds(t *testing.T) {
	eachHooked(t, func(h *hooked, st store.Store) {
		ctx := context.Background()
		for name, p := range map[string]teg.CreateWebhookParams{
			"no address":             {By: h.alice},
			"an address that is bad": {By: h.alice, URL: "http://alice.example"},
			"a long address":         {By: h.alice, URL: "https://alice.example/" + strings.Repeat("x", teg.MaxWebhookURL)},
			"an unknown kind":        {By: h.alice, URL: "https://a.example", Actions: []string{"explode"}},
			"a kind twice":           {By: h.alice, URL: "https://a.example", Actions: []string{"transfer", "transfer"}},
			"a kind for admins":      {By: h.alice, URL: "https://a.example", Actions: []string{"raise_flag"}},
			"another agent":          {By: h.alice, URL: "https://a.example", About: h.bob},
			"nobody":                 {URL: "https://a.example"},
		} {
			_, err := h.eng.CreateWebhook(ctx, p)
			require.ErrorIs(h, err, teg.ErrInvalidInput, name)
		}
		_, err := h.eng.CreateWebhook(ctx, teg.CreateWebhookParams{By: teg.Agent("did:example:nobody"), URL: "https://a.example"})
		require.ErrorIs(h, err, teg.ErrNotFound)
		for range teg.MaxWebhooks {
			h.create(teg.CreateWebhookParams{By: h.alice})
		}
		_, err = h.eng.CreateWebhook(ctx, teg.CreateWebhookParams{By: h.alice, URL: "https://a.example"})
		require.ErrorIs(h, err, teg.ErrInvalidState)
		page, err := h.eng.Webhooks(ctx, teg.WebhooksQuery{Owner: h.alice, Limit: 15})
		require.NoError(h, err)
		require.Len(h, page.Webhooks, 15)
		require.EqualValues(h, teg.MaxWebhooks, page.Total)
		rest, err := h.eng.Webhooks(ctx, teg.WebhooksQuery{Owner: h.alice, Limit: 15, Cursor: page.NextCursor})
		require.NoError(h, err)
		require.Len(h, rest.Webhooks, teg.MaxWebhooks-15)
		_, err = h.eng.DeleteWebhook(ctx, teg.WebhookParams{By: h.alice, ID: rest.Webhooks[0].ID})
		require.NoError(h, err)
		h.create(teg.CreateWebhookParams{By: h.alice})

		log, err := h.eng.AuditLog(ctx, teg.AuditLogQuery{Action: "create_webhook"})
		require.NoError(h, err)
		require.Contains(h, string(log.Entries[0].Body), "https://alice.example\"")
		require.NotContains(h, string(log.Entries[0].Body), "secret", "neither the address nor what it is signed with")

		off := tegtest.Over(h, st)
		_, err = off.CreateWebhook(ctx, teg.CreateWebhookParams{By: h.alice, URL: "https://a.example"})
		require.ErrorIs(h, err, teg.ErrInvalidState)
		require.NoError(h, off.DeliverWebhooks(ctx))
	})
}

// Nobody sees another's webhooks or acts on them, but who oversees them.
func TestWebhooksAreTheirOwners(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		ctx := context.Background()
		r := h.create(teg.CreateWebhookParams{By: h.alice})
		stranger := teg.WebhookParams{By: h.bob, ID: r.ID}
		overseer := teg.WebhookParams{By: tegtest.Admin, ID: r.ID, Oversees: true, Reason: "too loud"}
		_, err := h.eng.Webhook(ctx, r.ID, h.bob)
		require.ErrorIs(h, err, teg.ErrNotFound)
		_, err = h.eng.WebhookDeliveries(ctx, teg.DeliveriesQuery{Webhook: r.ID, Viewer: h.bob})
		require.ErrorIs(h, err, teg.ErrNotFound)
		_, err = h.eng.PauseWebhook(ctx, stranger)
		require.ErrorIs(h, err, teg.ErrNotFound)
		_, err = h.eng.TestWebhook(ctx, teg.TestWebhookParams{WebhookParams: stranger})
		require.ErrorIs(h, err, teg.ErrNotFound)
		_, err = h.eng.ResendWebhook(ctx, teg.ResendParams{WebhookParams: stranger})
		require.ErrorIs(h, err, teg.ErrNotFound)
		paused, err := h.eng.PauseWebhook(ctx, overseer)
		require.NoError(h, err)
		require.Equal(h, "too loud", paused.Reason)
		own, err := h.eng.Webhook(ctx, r.ID, h.alice)
		require.NoError(h, err)
		require.Equal(h, teg.WebhookPaused, own.Status)
	})
}

// What somebody asks for is sent at once, beside what is sent in order.
func TestWebhooksOnRequest(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		ctx := context.Background()
		r := h.create(teg.CreateWebhookParams{By: h.alice})
		named := teg.WebhookParams{By: h.alice, ID: r.ID}
		d, err := h.eng.TestWebhook(ctx, teg.TestWebhookParams{WebhookParams: named, Note: "hello"})
		require.NoError(h, err)
		require.True(h, d.Test())
		require.Equal(h, teg.MessageDelivered, d.State)
		require.Nil(h, opened(h, &h.post.taken[0]).Data.Position)
		require.Equal(h, "hello", opened(h, &h.post.taken[0]).Data.Body["note"])
		require.Equal(h, []string{teg.WebhookTestType}, h.post.types(h))
		_, err = h.eng.ResendWebhook(ctx, teg.ResendParams{WebhookParams: named, Message: d.ID})
		require.ErrorIs(h, err, teg.ErrInvalidState)

		h.pay(h.alice, h.bob)
		h.deliver()
		sent := h.post.taken[0]
		h.post.answers(always(302))
		again, err := h.eng.ResendWebhook(ctx, teg.ResendParams{WebhookParams: named, Message: sent.Message})
		require.NoError(h, err)
		require.Equal(h, teg.MessageFailed, again.State)
		require.Len(h, again.Attempts, 2)
		h.post.answers(nil)
		again, err = h.eng.ResendWebhook(ctx, teg.ResendParams{WebhookParams: named, Message: sent.Message})
		require.NoError(h, err)
		require.Equal(h, teg.MessageDelivered, again.State)
		require.Equal(h, sent.Message, h.post.taken[1].Message)
		require.Equal(h, sent.Body, h.post.taken[1].Body)
		_, err = h.eng.SuspendAgent(ctx, teg.StandingParams{By: tegtest.Admin, Agent: h.alice, Reason: "x"})
		require.NoError(h, err)
		_, err = h.eng.TestWebhook(ctx, teg.TestWebhookParams{WebhookParams: named, Note: "hello"})
		require.ErrorIs(h, err, teg.ErrSuspended)
		_, err = h.eng.CreateWebhook(ctx, teg.CreateWebhookParams{By: h.alice, URL: "https://a.example"})
		require.ErrorIs(h, err, teg.ErrSuspended)
	})
}

// Each owner has one message at a time sent on request, so that no slow receiver keeps others
// from theirs.
func TestWebhookRequestsInTurn(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		r := h.create(teg.CreateWebhookParams{By: h.alice})
		ask := func() error {
			_, err := h.eng.TestWebhook(limited(h.T), teg.TestWebhookParams{WebhookParams: teg.WebhookParams{By: h.alice, ID: r.ID}})
			return err
		}
		inside, release, told := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		h.post.answers(func(teg.Parcel) (teg.Reply, error) {
			close(inside)
			<-release
			return teg.Reply{Status: 204}, nil
		})
		go func() { told <- ask() }()
		<-inside
		require.ErrorIs(h, ask(), teg.ErrOverloaded)
		close(release)
		require.NoError(h, <-told)
		h.post.answers(nil)
		require.NoError(h, ask())
	})
}

// Where it goes and what it is can change, and what failed is tried again at once then.
func TestWebhooksChange(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		ctx := context.Background()
		r := h.create(teg.CreateWebhookParams{By: h.alice})
		named := teg.WebhookParams{By: h.alice, ID: r.ID}
		h.post.answers(always(404))
		h.pay(h.alice, h.bob)
		h.deliver()
		h.post.answers(nil)
		moved, kinds := "https://elsewhere.example/", []string{"transfer", "hold"}
		changed, err := h.eng.UpdateWebhook(ctx, teg.UpdateWebhookParams{WebhookParams: named, URL: &moved, Actions: &kinds})
		require.NoError(h, err)
		require.Equal(h, []string{"hold", "transfer"}, changed.Kinds())
		h.deliver()
		require.Len(h, h.post.taken, 1)
		require.Equal(h, moved, h.post.taken[0].URL)
		_, err = h.eng.UpdateWebhook(ctx, teg.UpdateWebhookParams{WebhookParams: named, Actions: &[]string{"set_rules"}})
		require.ErrorIs(h, err, teg.ErrInvalidInput)
		_, err = h.eng.UpdateWebhook(ctx, teg.UpdateWebhookParams{WebhookParams: named, URL: new(string)})
		require.ErrorIs(h, err, teg.ErrInvalidInput)
	})
}

// A long backlog is worked off in order, with no more in memory than there is room for.
func TestWebhooksCatchUp(t *testing.T) {
	eachHooked(t, func(h *hooked, st store.Store) {
		ctx := context.Background()
		all := h.create(teg.CreateWebhookParams{By: tegtest.Admin, All: true, Actions: []string{"transfer"}})
		own := h.create(teg.CreateWebhookParams{By: h.alice})
		transfers := make([]teg.BatchTransfer, 700)
		for i := range transfers {
			transfers[i] = teg.BatchTransfer{To: h.bob, Amount: teg.AVT("0.01"), Reference: fmt.Sprint(i)}
		}
		_, err := h.eng.TransferBatch(ctx, teg.BatchParams{From: h.alice, Transfers: transfers})
		require.NoError(h, err)
		h.deliver()
		positions := map[teg.WebhookID][]int64{}
		for i := range h.post.taken {
			p := &h.post.taken[i]
			positions[p.Webhook] = append(positions[p.Webhook], *opened(h, p).Data.Position)
		}
		for _, id := range []teg.WebhookID{all.ID, own.ID} {
			require.Len(h, positions[id], 700)
			require.True(h, slices.IsSorted(positions[id]))
			require.Len(h, slices.Compact(positions[id]), 700)
		}
		h.post.types(h)
		again := tegtest.Over(h, st, tegtest.WithClock(h.clock), h.carried)
		require.NoError(h, again.DeliverWebhooks(limited(h.T)))
		require.Empty(h, h.post.types(h), "another process goes on where this one was")
	})
}
