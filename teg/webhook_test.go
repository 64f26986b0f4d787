package teg_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// An agent is told of its own events from the creation on, and of nothing else; nothing
// twice.
func TestWebhooksTellWhatHappens(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		h.pay(h.alice, h.bob)
		r := h.create(teg.CreateWebhookParams{By: h.alice})
		require.Equal(h, h.post.Secret(r.ID, 1), r.Secret)
		carol := tegtest.Fund(h, h.eng, "did:example:carol", "5")
		h.pay(h.alice, h.bob)
		h.pay(h.bob, carol)
		h.pay(h.bob, h.alice)
		h.deliver()
		require.Len(h, h.post.taken, 2)
		first := opened(h, &h.post.taken[0])
		require.Equal(h, "transfer", first.Type)
		require.Equal(h, h.alice.String(), *first.Data.Actor)
		require.Equal(h, "1", first.Data.Body["amount"])
		require.NotContains(h, first.Data.Body, "private")
		require.Equal(h, []int64{1}, h.post.taken[0].Generations)
		require.NotEqual(h, h.post.taken[0].Message, h.post.taken[1].Message)
		require.Equal(h, []string{"transfer", "transfer"}, h.post.types(h))
		h.deliver()
		require.Empty(h, h.post.types(h), "nothing is sent twice")
		list := h.deliveries(r.ID)
		require.Len(h, list, 2)
		require.Equal(h, teg.MessageDelivered, list[0].State)
		require.Len(h, list[0].Attempts, 1)
		require.Equal(h, 204, list[0].Attempts[0].Status)
		require.False(h, h.state(r.ID).Behind)
	})
}

// What is not taken is tried again, in order, until the schedule is through; then the
// webhook waits, and goes on with the same message.
func TestWebhooksTryAgain(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		r := h.create(teg.CreateWebhookParams{By: h.alice})
		h.post.answers(always(500))
		h.pay(h.alice, h.bob)
		h.pay(h.bob, h.alice)
		h.deliver()
		w := h.state(r.ID)
		require.EqualValues(h, 1, w.Failures)
		require.True(h, w.Behind)
		require.WithinRange(h, w.NextAttempt, h.clock.Now().Add(time.Second), h.clock.Now().Add(1100*time.Millisecond))
		h.deliver()
		require.Equal(h, 1, h.post.tried, "it is left alone for a while, and the second waits for the first")
		h.clock.Advance(2 * time.Second)
		h.post.answers(nil)
		h.deliver()
		require.Equal(h, []string{"transfer", "transfer"}, h.post.types(h))
		require.Zero(h, h.state(r.ID).Failures)
		list := h.deliveries(r.ID)
		require.Len(h, list, 2)
		require.Len(h, list[1].Attempts, 2, "the older one was tried twice")
		require.Equal(h, "it answered 500", list[1].Attempts[0].Fault)
		require.Equal(h, teg.MessageDelivered, list[1].State)

		h.clock.Advance(time.Second)
		h.post.answers(func(teg.Parcel) (teg.Reply, error) { return teg.Reply{}, errors.New("nobody answers") })
		h.pay(h.alice, h.bob)
		for range 4 {
			h.deliver()
			h.clock.Advance(2 * time.Hour)
		}
		h.deliver()
		w = h.state(r.ID)
		require.Equal(h, teg.WebhookPaused, w.Status)
		require.Contains(h, w.Reason, "nobody answers")
		require.Equal(h, teg.MessageFailed, h.deliveries(r.ID)[0].State)
		h.post.answers(nil)
		h.pay(h.bob, h.alice)
		h.deliver()
		require.Empty(h, h.post.types(h))
		_, err := h.eng.ResumeWebhook(context.Background(), teg.ResumeWebhookParams{WebhookParams: teg.WebhookParams{By: h.alice, ID: r.ID}})
		require.NoError(h, err)
		h.deliver()
		require.Equal(h, []string{"transfer", "transfer"}, h.post.types(h), "nothing was missed")
	})
}

// A receiver that answers 410 ends its webhook, and one that wants to be left alone is.
func TestWebhookAnswers(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		r := h.create(teg.CreateWebhookParams{By: h.alice})
		h.post.answers(func(teg.Parcel) (teg.Reply, error) { return teg.Reply{Status: 503, RetryAfter: time.Hour}, nil })
		h.pay(h.alice, h.bob)
		h.deliver()
		require.WithinDuration(h, h.clock.Now().Add(time.Hour), h.state(r.ID).NextAttempt, time.Second)
		h.clock.Advance(59 * time.Minute)
		h.deliver()
		require.Equal(h, 1, h.post.tried)
		h.clock.Advance(time.Minute)
		h.post.answers(always(410))
		h.deliver()
		w := h.state(r.ID)
		require.Equal(h, teg.WebhookEnded, w.Status)
		require.Contains(h, w.Reason, "410")
		h.pay(h.alice, h.bob)
		h.deliver()
		require.Equal(h, 2, h.post.tried)
		require.Empty(h, h.deliveries(r.ID), "what became of its messages is forgotten")
		_, err := h.eng.ResumeWebhook(context.Background(), teg.ResumeWebhookParams{WebhookParams: teg.WebhookParams{By: h.alice, ID: r.ID}})
		require.ErrorIs(h, err, teg.ErrInvalidState)
		page, err := h.eng.Webhooks(context.Background(), teg.WebhooksQuery{Owner: h.alice})
		require.NoError(h, err)
		require.Empty(h, page.Webhooks)
	})
}

// A webhook that is paused keeps its place, and can go on from now.
func TestWebhooksPause(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		r := h.create(teg.CreateWebhookParams{By: h.alice})
		named := teg.WebhookParams{By: h.alice, ID: r.ID}
		h.deliver()
		pause := func() {
			h.Helper()
			_, err := h.eng.PauseWebhook(context.Background(), named)
			require.NoError(h, err)
		}
		pause()
		h.pay(h.alice, h.bob)
		h.deliver()
		require.Empty(h, h.post.types(h))
		_, err := h.eng.PauseWebhook(context.Background(), named)
		require.ErrorIs(h, err, teg.ErrInvalidState)
		_, err = h.eng.ResumeWebhook(context.Background(), teg.ResumeWebhookParams{WebhookParams: named})
		require.NoError(h, err)
		h.deliver()
		require.Equal(h, []string{"transfer"}, h.post.types(h))
		pause()
		h.pay(h.alice, h.bob)
		_, err = h.eng.ResumeWebhook(context.Background(), teg.ResumeWebhookParams{WebhookParams: named, FromNow: true})
		require.NoError(h, err)
		h.deliver()
		require.Empty(h, h.post.types(h))
		h.pay(h.alice, h.bob)
		h.deliver()
		require.Equal(h, []string{"transfer"}, h.post.types(h))
		_, err = h.eng.DeleteWebhook(context.Background(), named)
		require.NoError(h, err)
		h.pay(h.alice, h.bob)
		h.deliver()
		require.Empty(h, h.post.types(h))
	})
}

// While one secret follows another, messages are signed with both.
func TestWebhookSecrets(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		r := h.create(teg.CreateWebhookParams{By: h.alice})
		rotated, err := h.eng.RotateWebhookSecret(context.Background(), teg.RotateWebhookParams{WebhookParams: teg.WebhookParams{By: h.alice, ID: r.ID}, Overlap: time.Hour})
		require.NoError(h, err)
		require.Equal(h, h.post.Secret(r.ID, 2), rotated.Secret)
		generations := func() []int64 {
			h.Helper()
			h.post.types(h)
			h.pay(h.alice, h.bob)
			h.deliver()
			return h.post.taken[0].Generations
		}
		require.Equal(h, []int64{2, 1}, generations())
		h.clock.Advance(time.Hour)
		require.Equal(h, []int64{2}, generations())
		_, err = h.eng.RotateWebhookSecret(context.Background(), teg.RotateWebhookParams{WebhookParams: teg.WebhookParams{By: h.bob, ID: r.ID, Oversees: true}})
		require.ErrorIs(h, err, teg.ErrNotFound, "nobody gets another's secret")
	})
}
