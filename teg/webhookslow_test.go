package teg_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Receivers that take their time do not take all places, however many they are: who
// answers promptly is told of what happens meanwhile.
func TestSlowReceiversHoldNobodyUp(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		h := newHooked(t, open(t), func(c *teg.Config) { c.WebhookConcurrency = 4 })
		ctx, cancel := context.WithCancel(limited(t))
		slow := map[teg.WebhookID]bool{}
		for range 6 {
			slow[h.create(teg.CreateWebhookParams{By: h.bob}).ID] = true
		}
		own := h.create(teg.CreateWebhookParams{By: h.alice})
		carol := tegtest.Fund(t, h.eng, "did:example:carol", "1")
		release, hanging := make(chan struct{}), make(chan teg.WebhookID, 100)
		told := make(chan struct{}, 100)
		h.post.answers(func(p teg.Parcel) (teg.Reply, error) {
			if slow[p.Webhook] {
				hanging <- p.Webhook
				<-release
			} else {
				require.Equal(t, own.ID, p.Webhook)
				told <- struct{}{}
			}
			return teg.Reply{Status: 204}, nil
		})
		ended := make(chan error, 1)
		go func() { ended <- h.eng.Run(ctx) }()
		h.pay(h.alice, carol)
		receive(t, told)
		h.pay(h.bob, carol)
		receive(t, hanging)
		receive(t, hanging)
		h.pay(h.alice, carol)
		receive(t, told)
		require.Empty(t, hanging, "they share half of the places")
		close(release)
		for range 4 {
			receive(t, hanging)
		}
		cancel()
		require.NoError(t, <-ended)
	})
}

func receive[T any](t *testing.T, from chan T) T {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(2 * time.Minute):
		require.Fail(t, "nothing came")
		panic("unreachable")
	}
}
