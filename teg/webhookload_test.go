package teg_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// receiver counts what one webhook was told, as a receiver that knows messages by their
// ids does.
type receiver struct {
	mu    sync.Mutex
	seen  map[teg.MessageID]bool
	order map[string][]int64 // positions of what was new, by the agents that the event names
	again int
}

// Under load, with receivers that are away half of the time and two processes that send by
// turns and stop at random, of all that happened nothing is missed, nothing is told twice
// but under its id, and what is new of each agent comes in order.
func TestWebhooksUnderLoad(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		const payers, payments = 4, 50
		st := open(t)
		post := &postman{}
		receivers := map[teg.WebhookID]*receiver{}
		var mu sync.Mutex
		post.answer = func(p teg.Parcel) (teg.Reply, error) {
			mu.Lock()
			r := receivers[p.Webhook]
			mu.Unlock()
			if rand.N(2) == 0 { // killed before it took the message, or while it answered
				if rand.N(2) == 0 {
					r.take(t, &p)
				}
				return teg.Reply{Status: 502}, nil
			}
			r.take(t, &p)
			return teg.Reply{Status: 204}, nil
		}
		options := []func(*teg.Config){func(c *teg.Config) {
			c.Clock, c.Courier, c.ReaderTerm = nil, post, time.Second
			c.WebhookSchedule = make([]time.Duration, 100)
			for i := range c.WebhookSchedule {
				c.WebhookSchedule[i] = time.Millisecond
			}
		}}
		eng, other := tegtest.Over(t, st, options...), tegtest.Over(t, st, options...)
		agents := tegtest.FundMany(t, eng, payers, "1000")
		begin := func(p teg.CreateWebhookParams) teg.WebhookID {
			p.URL = "https://receiver.example"
			mu.Lock()
			defer mu.Unlock()
			r, err := eng.CreateWebhook(context.Background(), p)
			require.NoError(t, err)
			receivers[r.ID] = &receiver{seen: map[teg.MessageID]bool{}, order: map[string][]int64{}}
			return r.ID
		}
		all, own := begin(teg.CreateWebhookParams{By: tegtest.Admin, All: true, Actions: []string{"transfer"}}), begin(teg.CreateWebhookParams{By: agents[0]})
		paid := make(chan struct{})
		var paying, sending sync.WaitGroup
		for i := range payers {
			paying.Go(func() {
				for range payments {
					_, err := eng.Transfer(context.Background(), teg.TransferParams{From: agents[i], To: agents[(i+1)%payers], Amount: teg.AVT("0.01")})
					require.NoError(t, err)
				}
			})
		}
		go func() { paying.Wait(); close(paid) }()
		done := func() bool {
			return receivers[all].count() == payers*payments && receivers[own].count() == 2*payments
		}
		deadline, end := context.WithTimeout(context.Background(), patience)
		defer end()
		for _, e := range []*teg.Engine{eng, other} {
			sending.Go(func() {
				for lives := 0; deadline.Err() == nil && !done(); lives++ { // which grow, or a busy machine would see none get anywhere
					life, kill := context.WithTimeout(deadline, time.Duration(rand.N(300+10*lives))*time.Millisecond)
					require.NoError(t, e.Run(life))
					kill()
				}
			})
		}
		sending.Wait()
		<-paid
		require.True(t, done(), "all of %d and %d arrived", receivers[all].count(), receivers[own].count())
		for id, r := range receivers {
			for agent, positions := range r.order {
				require.IsIncreasing(t, positions, "%s is told of %s in order", id, agent)
			}
		}
	})
}

func (r *receiver) take(t testing.TB, p *teg.Parcel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen[p.Message] {
		r.again++
		return
	}
	r.seen[p.Message] = true
	message := opened(t, p)
	for _, place := range []string{"sender", "receiver"} {
		agent := fmt.Sprint(message.Data.Body[place])
		r.order[agent] = append(r.order[agent], *message.Data.Position)
	}
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.seen)
}
