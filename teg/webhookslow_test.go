package teg_test

import (
	"context"
	"fmt"
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
		for i := range 6 { // the first two names have one owner
			slow[h.create(teg.CreateWebhookParams{By: h.bob, URL: fmt.Sprintf("https://a%d.slow%d.example", i, i/2)}).ID] = true
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

// What is slow at one site has a share of what all slow ones have, under however many names
// and identities, and webhooks of all events have places that no agent's take.
func TestSlowSitesHaveTheirShare(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		h := newHooked(t, open(t), func(c *teg.Config) { c.WebhookConcurrency = 16 })
		ctx, cancel := context.WithCancel(limited(t))
		agents := tegtest.FundMany(t, h.eng, 12, "10")
		for i, agent := range agents {
			h.create(teg.CreateWebhookParams{By: agent, URL: fmt.Sprintf("https://n%d.one.co.uk/", i)})
		}
		all := h.create(teg.CreateWebhookParams{By: tegtest.Admin, All: true, Actions: []string{"transfer"}})
		release, hanging, told := make(chan struct{}), make(chan struct{}, 100), make(chan struct{}, 100)
		h.post.answers(func(p teg.Parcel) (teg.Reply, error) {
			if p.Webhook == all.ID {
				told <- struct{}{}
			} else {
				hanging <- struct{}{}
				<-release
			}
			return teg.Reply{Status: 204}, nil
		})
		ended := make(chan error, 1)
		go func() { ended <- h.eng.Run(ctx) }()
		for _, agent := range agents {
			h.pay(agent, h.bob)
		}
		for range agents {
			receive(t, told)
		}
		for range 2 {
			receive(t, hanging)
		}
		require.Empty(t, hanging, "a quarter of eight places")
		close(release)
		for range len(agents) - 2 {
			receive(t, hanging)
		}
		cancel()
		require.NoError(t, <-ended)
	})
}

// Whoever has one domain, or one network, has one site.
func TestSites(t *testing.T) {
	t.Parallel()
	for address, site := range map[string]string{
		"https://a.example.org/":            "example.org",
		"https://A.B.Example.ORG.:8443/":    "example.org",
		"https://example.org/":              "example.org",
		"https://n1.x1z.top/":               "x1z.top",
		"https://n1.ibm.de/":                "ibm.de",
		"https://n1.one.co.uk/":             "one.co.uk",
		"https://a.b.one.com.au/":           "one.com.au",
		"https://co.uk/":                    "co.uk",
		"http://localhost/":                 "localhost",
		"https://192.0.2.7/":                "192.0.2.7",
		"https://[::ffff:192.0.2.7]/":       "192.0.2.7",
		"https://[2001:db8:1:2:3:4:5:6]/":   "2001:db8:1:2::/64",
		"https://[2001:db8:1:2:ffff::1]:1/": "2001:db8:1:2::/64",
	} {
		require.Equal(t, site, teg.SiteOf(address), address)
	}
}
