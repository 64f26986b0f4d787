package teg_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// An administrator is told of all, in full and of the kinds that it wants; agents are in
// nobody's way; and it is told as long as it may be.
func TestWebhooksOfAllEvents(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		boss := tegtest.Fund(h, h.eng, "did:example:boss", "0")
		r := h.create(teg.CreateWebhookParams{By: boss, All: true, Actions: []string{"transfer", "suspend_agent"}})
		about := h.create(teg.CreateWebhookParams{By: boss, All: true, About: h.bob, URL: "https://boss.example/bob"})
		var mu sync.Mutex
		first := true
		h.post.answers(func(p teg.Parcel) (teg.Reply, error) {
			mu.Lock()
			defer mu.Unlock()
			if p.Webhook == r.ID && first {
				first = false
				return teg.Reply{Status: 500}, nil
			}
			return teg.Reply{Status: 204}, nil
		})
		carol := tegtest.Fund(h, h.eng, "did:example:carol", "5")
		h.pay(h.alice, carol)
		h.pay(h.bob, h.alice)
		h.deliver()
		h.clock.Advance(2 * time.Second)
		h.deliver()
		var all, bobs []string
		for i := range h.post.taken {
			p := &h.post.taken[i]
			if message := opened(h, p); p.Webhook == r.ID {
				all = append(all, fmt.Sprint(message.Data.Body["receiver"]))
			} else if p.Webhook == about.ID {
				bobs = append(bobs, message.Type)
			}
		}
		require.Equal(h, []string{carol.String(), h.alice.String()}, all)
		require.Equal(h, []string{"transfer"}, bobs)
		h.post.types(h)
		_, err := h.eng.SetRoles(context.Background(), teg.RolesParams{Agent: boss, By: tegtest.Admin, Revoked: teg.RolesOf(teg.RoleAdmin), Reason: "x"})
		require.NoError(h, err)
		h.pay(h.alice, h.bob)
		h.deliver()
		require.Empty(h, h.post.types(h))
		require.Equal(h, teg.WebhookPaused, h.state(r.ID).Status)
		require.Contains(h, h.state(about.ID).Reason, "may not read all events")
	})
}

// Who is an administrator no more has nothing sent by a webhook of all events: it can
// be paused and deleted, and neither resumed nor tried, nor sent elsewhere.
func TestWebhooksOfAllEventsEnd(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		ctx := context.Background()
		boss := tegtest.Fund(h, h.eng, "did:example:boss", "0")
		roles := func(revoked teg.Roles) {
			h.Helper()
			_, err := h.eng.SetRoles(ctx, teg.RolesParams{Agent: boss, By: tegtest.Admin, Revoked: revoked, Reason: "x"})
			require.NoError(h, err)
		}
		named := func(id teg.WebhookID) teg.WebhookParams { return teg.WebhookParams{By: boss, ID: id} }
		r := h.create(teg.CreateWebhookParams{By: boss, All: true, Actions: []string{"transfer"}})
		h.pay(h.alice, h.bob)
		h.deliver()
		require.Len(h, h.post.types(h), 1)
		message := h.deliveries(r.ID)[0].ID
		roles(teg.RolesOf(teg.RoleAdmin))
		h.deliver()
		require.Equal(h, teg.WebhookPaused, h.state(r.ID).Status)
		elsewhere := "https://elsewhere.example"
		for name, act := range map[string]func() error{
			"create": func() error {
				_, err := h.eng.CreateWebhook(ctx, teg.CreateWebhookParams{By: boss, All: true, URL: elsewhere})
				return err
			},
			"resume": func() error {
				_, err := h.eng.ResumeWebhook(ctx, teg.ResumeWebhookParams{WebhookParams: named(r.ID)})
				return err
			},
			"update": func() error {
				_, err := h.eng.UpdateWebhook(ctx, teg.UpdateWebhookParams{WebhookParams: named(r.ID), URL: &elsewhere})
				return err
			},
			"rotate": func() error {
				_, err := h.eng.RotateWebhookSecret(ctx, teg.RotateWebhookParams{WebhookParams: named(r.ID)})
				return err
			},
			"test": func() error {
				_, err := h.eng.TestWebhook(ctx, teg.TestWebhookParams{WebhookParams: named(r.ID)})
				return err
			},
			"resend": func() error {
				_, err := h.eng.ResendWebhook(ctx, teg.ResendParams{WebhookParams: named(r.ID), Message: message})
				return err
			},
		} {
			require.ErrorIs(h, act(), teg.ErrForbidden, name)
		}
		h.pay(h.alice, h.bob)
		h.deliver()
		require.Empty(h, h.post.types(h))
		roles(teg.Roles(0))
		_, err := h.eng.ResumeWebhook(ctx, teg.ResumeWebhookParams{WebhookParams: named(r.ID)})
		require.NoError(h, err)
		h.deliver()
		require.Len(h, h.post.types(h), 1)
		_, err = h.eng.PauseWebhook(ctx, named(r.ID))
		require.NoError(h, err)
		roles(teg.RolesOf(teg.RoleAdmin))
		_, err = h.eng.DeleteWebhook(ctx, named(r.ID))
		require.NoError(h, err)
	})
}

// A webhook of all events that comes to life as its owner loses the role tells nothing,
// also where it was known before.
func TestAWebhookResumedAsItsOwnerFalls(t *testing.T) {
	eachHooked(t, func(h *hooked, _ store.Store) {
		ctx, cancel := context.WithCancel(limited(h.T))
		boss := tegtest.Fund(h, h.eng, "did:example:boss", "0")
		r := h.create(teg.CreateWebhookParams{By: boss, All: true, Actions: []string{"transfer"}})
		_, err := h.eng.PauseWebhook(ctx, teg.WebhookParams{By: boss, ID: r.ID})
		require.NoError(h, err)
		ended := make(chan error, 1)
		go func() { ended <- h.eng.Run(ctx) }()
		own := h.create(teg.CreateWebhookParams{By: h.alice, Actions: []string{"transfer"}})
		tried := func(n int) {
			h.Helper()
			require.Eventually(h, func() bool {
				h.post.mu.Lock()
				defer h.post.mu.Unlock()
				return h.post.tried >= n
			}, 2*time.Minute, time.Millisecond)
		}
		h.pay(h.alice, h.bob)
		tried(1)
		_, err = h.eng.SetRoles(ctx, teg.RolesParams{Agent: boss, By: tegtest.Admin, Revoked: teg.RolesOf(teg.RoleAdmin), Reason: "x"})
		require.NoError(h, err)
		h.pay(h.alice, h.bob)
		tried(2)
		require.NoError(h, h.eng.ResumeUnasked(ctx, r.ID), "the right was looked at before")
		h.pay(h.alice, h.bob)
		tried(3)
		require.Eventually(h, func() bool { return h.state(r.ID).Status == teg.WebhookPaused }, 2*time.Minute, time.Millisecond)
		cancel()
		require.NoError(h, <-ended)
		for _, p := range h.post.taken {
			require.Equal(h, own.ID, p.Webhook)
		}
	})
}
