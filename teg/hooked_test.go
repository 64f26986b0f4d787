package teg_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
