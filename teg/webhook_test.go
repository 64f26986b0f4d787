package teg_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// postman is a courier, and the receivers that it goes to, who do as they are told.
type postman struct {
	mu     sync.Mutex
	taken  []teg.Parcel // in the order in which they were taken
	tried  int
	answer func(p teg.Parcel) (teg.Reply, error) // nil: all are taken
}

func (m *postman) CheckURL(address string) error {
	if !strings.HasPrefix(address, "https://") {
		return errors.New("must be https")
	}
	return nil
}

func (m *postman) Secret(id teg.WebhookID, generation int64) string {
	return fmt.Sprintf("whsec_%s.%d", id, generation)
}

func (m *postman) Deliver(ctx context.Context, p teg.Parcel) (teg.Reply, error) {
	m.mu.Lock()
	answer := m.answer
	m.tried++
	m.mu.Unlock()
	reply := teg.Reply{Status: 204}
	if answer != nil {
		var err error
		if reply, err = answer(p); err != nil {
			return teg.Reply{}, err
		}
	}
	if ctx.Err() != nil {
		return teg.Reply{}, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if reply.Status == 204 {
		m.taken = append(m.taken, p)
	}
	return reply, nil
}

func (m *postman) answers(answer func(p teg.Parcel) (teg.Reply, error)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer = answer
}

// always is a receiver with one answer.
func always(status int) func(teg.Parcel) (teg.Reply, error) {
	return func(teg.Parcel) (teg.Reply, error) { return teg.Reply{Status: status}, nil }
}

// saidByPost is what a parcel says.
type saidByPost struct {
	Type      string
	Timestamp string
	Data      struct {
		ID       string `json:"entry_id"`
		Position *int64
		Actor    *string
		Body     map[string]any
	}
}

func opened(t testing.TB, p *teg.Parcel) (message saidByPost) {
	t.Helper()
	require.NoError(t, json.Unmarshal(p.Body, &message))
	return message
}

// types are the kinds of what was taken since the last look.
func (m *postman) types(t testing.TB) (list []string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.taken {
		list = append(list, opened(t, &m.taken[i]).Type)
	}
	m.taken = nil
	return list
}

// hooked is an economy with webhooks.
type hooked struct {
	*testing.T
	eng        *teg.Engine
	post       *postman
	clock      *tegtest.Clock
	alice, bob teg.DID
}

func newHooked(t *testing.T, st store.Store, options ...func(*teg.Config)) *hooked {
	h := &hooked{T: t, post: &postman{}, clock: tegtest.NewClock()}
	options = append([]func(*teg.Config){tegtest.WithClock(h.clock), h.carried}, options...)
	h.eng = tegtest.Over(t, st, options...)
	h.alice, h.bob = tegtest.Fund(t, h.eng, "did:example:alice", "100"), tegtest.Fund(t, h.eng, "did:example:bob", "100")
	return h
}

func (h *hooked) carried(c *teg.Config) {
	c.Courier = h.post
	c.WebhookSchedule = []time.Duration{time.Second, time.Minute, time.Hour}
}

func (h *hooked) create(p teg.CreateWebhookParams) teg.WebhookReceipt {
	h.Helper()
	if p.URL == "" {
		p.URL = "https://alice.example/hooks?key=secret"
	}
	r, err := h.eng.CreateWebhook(context.Background(), p)
	require.NoError(h, err)
	return r
}

func (h *hooked) pay(from, to teg.DID) {
	h.Helper()
	_, err := h.eng.Transfer(context.Background(), teg.TransferParams{From: from, To: to, Amount: teg.AVT("1")})
	require.NoError(h, err)
}

func (h *hooked) deliver() {
	h.Helper()
	require.NoError(h, h.eng.DeliverWebhooks(limited(h.T)))
}

func (h *hooked) state(id teg.WebhookID) teg.WebhookState {
	h.Helper()
	w, err := h.eng.Webhook(context.Background(), id, teg.DID{})
	require.NoError(h, err)
	return w
}

func (h *hooked) deliveries(id teg.WebhookID) []teg.WebhookDelivery {
	h.Helper()
	page, err := h.eng.WebhookDeliveries(context.Background(), teg.DeliveriesQuery{Webhook: id})
	require.NoError(h, err)
	return page.Deliveries
}

// eachHooked runs a test on both databases.
func eachHooked(t *testing.T, test func(h *hooked, st store.Store)) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		test(newHooked(t, st), st)
	})
}

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
