package teg_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// Nobody has more webhooks than there may be by asking for several at once, of several
// servers.
func TestWebhooksAtOnceHaveABound(t *testing.T) {
	eachHooked(t, func(h *hooked, st store.Store) {
		other := tegtest.Over(h.T, st, tegtest.WithClock(h.clock), h.carried)
		for _, p := range []teg.CreateWebhookParams{{By: h.alice}, {By: tegtest.Admin, All: true}} {
			p.URL = "https://a.example"
			var asking sync.WaitGroup
			for i := range 3 * teg.MaxWebhooks {
				asking.Go(func() {
					_, _ = []*teg.Engine{h.eng, other}[i%2].CreateWebhook(context.Background(), p) // some are refused
				})
			}
			asking.Wait()
			page, err := h.eng.Webhooks(context.Background(), teg.WebhooksQuery{Owner: p.By, Limit: 100})
			require.NoError(h, err)
			require.Len(h, page.Webhooks, teg.MaxWebhooks)
		}
	})
}
