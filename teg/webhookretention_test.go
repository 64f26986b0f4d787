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

// A webhook whose receiver takes nothing keeps the log from being forgotten for a while,
// and not for as long as its owner likes.
func TestWebhooksHoldTheLogForAWhile(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		const day = 24 * time.Hour
		clock, post := tegtest.NewClock(), &postman{answer: always(500)}
		o := &old{t: t, clock: clock, archive: &shelf{}, eng: tegtest.Over(t, open(t), keptFor(clock), func(c *teg.Config) { c.Courier = post })}
		o.alice, o.bob = tegtest.Fund(t, o.eng, "did:example:alice", "1000"), tegtest.Fund(t, o.eng, "did:example:bob", "1000")
		r, err := o.eng.CreateWebhook(context.Background(), teg.CreateWebhookParams{By: o.bob, URL: "https://bob.example"})
		require.NoError(t, err)
		o.pay(600)
		require.NoError(t, o.eng.Tick(context.Background()))
		clock.Advance(203 * day)
		o.pay(300)
		o.archiveAll()
		require.Less(t, o.forget(), int64(256), "it is being tried")
		for range 4 {
			clock.Advance(day)
			require.NoError(t, o.eng.Tick(context.Background()))
			address := fmt.Sprint("https://bob.example/", clock.Now().Unix())
			_, err = o.eng.UpdateWebhook(context.Background(), teg.UpdateWebhookParams{WebhookParams: teg.WebhookParams{By: o.bob, ID: r.ID}, URL: &address})
			require.NoError(t, err)
		}
		clock.Advance(day)
		require.EqualValues(t, 512, o.forget())
		state, err := o.eng.Webhook(context.Background(), r.ID, o.bob)
		require.NoError(t, err)
		require.Equal(t, teg.WebhookActive, state.Status)
	})
}

// A log that ends before what was read of it has who sends begin where the database says.
func TestWebhooksOfAShorterLog(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		post := &postman{}
		w := newWorld(t, open(t), func(c *teg.Config) { c.Courier = post })
		ctx, cancel := context.WithCancel(limited(t))
		agents := tegtest.FundMany(t, w.eng, 2, "100")
		c := &conduct{t: t, ctx: ctx, eng: w.eng}
		_, err := w.eng.CreateWebhook(ctx, teg.CreateWebhookParams{By: agents[0], URL: "https://a.example"})
		require.NoError(t, err)
		ended := make(chan error, 1)
		go func() { ended <- w.eng.Run(ctx) }()
		sending := func(want bool) {
			t.Helper()
			require.Eventually(t, func() bool { return w.eng.WebhookHealth().Sending == want }, 2*time.Minute, time.Millisecond)
		}
		sending(true)
		w.faults.plan(atRead, 1, true, fmt.Errorf("%w: it was restored", store.ErrBeyondLog))
		sending(false)
		w.faults.clear()
		c.pay(agents[0], agents[1])
		sending(true)
		require.Eventually(t, func() bool { return len(post.types(t)) == 1 }, 2*time.Minute, time.Millisecond)
		cancel()
		require.NoError(t, <-ended)
	})
}
