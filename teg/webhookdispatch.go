package teg

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// webhooksName is the reader that webhooks are.
const webhooksName = "webhooks"

// dispatching is what this process knows of webhooks. All of it can be lost: what was not
// noted is sent again then.
type dispatching struct {
	mu     sync.Mutex // held by who sends
	seeing sync.Mutex // held for a moment
	health WebhookHealth
}

// WebhookHealth is how webhooks get on, where this process is the one that sends.
type WebhookHealth struct {
	Configured bool
	Sending    bool // this process has the turn
	Active     int  // webhooks that are sent something
	Failing    int  // of these, those whose receivers do not take it
	// Oldest is when the first thing happened of which one of them has not been told; zero:
	// there is none.
	Oldest time.Time
}

// WebhookHealth tells how webhooks get on. It asks nobody.
func (e *Engine) WebhookHealth() WebhookHealth {
	e.dispatching.seeing.Lock()
	defer e.dispatching.seeing.Unlock()
	health := e.dispatching.health
	health.Configured = e.config.Courier != nil
	return health
}

// dispatcher sends what webhooks are to be told. Of several processes one does at a time.
type dispatcher struct {
	*Engine
	turn    *turn
	at      bookmark // how far the log was read
	hooks   map[WebhookID]*subscriber
	own     map[string][]*subscriber // by their owners
	all     []*subscriber
	busy    map[WebhookID]*subscriber // that have something to do
	owners  map[DID]int               // messages on their way, by owners
	flying  int
	slow    int            // of these, to receivers that are not known to be prompt
	sites   map[string]int // and of these, by the site to which they go
	agents  int            // of those on their way, those that are not of all events
	sending sync.WaitGroup
	results chan flown

	note   store.WebhookNote // what is to be written down
	dirty  map[WebhookID]bool
	noted  time.Time
	looked time.Time // when the end of the log was found last
	moved  bool      // something happened in this pass
}

// flown is a message that came back.
type flown struct {
	of   *subscriber
	q    *queued
	home func() // gives its places back
	cut  bool   // nobody waited for the answer
	sent
}

// promptly is the time in which a receiver answers that is prompt. All others share half of
// the places, so that they cannot take the rest of them, however many they are.
const promptly = time.Second

func (e *Engine) newDispatcher() *dispatcher {
	d := &dispatcher{Engine: e, turn: e.turn(webhooksName), results: make(chan flown, e.config.WebhookConcurrency)}
	d.forget()
	return d
}

// forget drops what is known, as another process may have gone on.
func (d *dispatcher) forget() {
	d.hooks, d.own, d.all = map[WebhookID]*subscriber{}, map[string][]*subscriber{}, nil
	d.busy, d.dirty = map[WebhookID]*subscriber{}, map[WebhookID]bool{}
	d.owners, d.sites = map[DID]int{}, map[string]int{}
	d.note = store.WebhookNote{Reader: webhooksName, Holder: d.turn.holder}
}

// runWebhooks sends until the context ends.
func (e *Engine) runWebhooks(ctx context.Context) {
	if e.config.Courier == nil {
		return
	}
	e.dispatching.mu.Lock()
	defer e.dispatching.mu.Unlock()
	d := e.newDispatcher()
	defer d.stop(ctx)
	for ctx.Err() == nil {
		wait, err := d.pass(ctx)
		if err != nil && ctx.Err() == nil {
			e.config.Logger.WarnContext(ctx, "webhooks could not be told what happened; it is tried again", "error", err)
		}
		if !d.moved {
			d.await(ctx, wait)
		}
	}
}

// DeliverWebhooks sends what webhooks have not been told and are to be told now, and
// returns when the receivers have answered. It does nothing where there is no
// [Config.Courier], and where another goroutine or process is at it. [Engine.Run] does the
// same all the time, and [Engine.Tick] once.
//
// Errors: [ErrInvalidState] in a host's transaction, and those of the database. That a
// receiver does not answer is none.
func (e *Engine) DeliverWebhooks(ctx context.Context) error {
	if err := e.ownTransactions(); err != nil {
		return err
	}
	if e.config.Courier == nil || !e.dispatching.mu.TryLock() {
		return nil
	}
	defer e.dispatching.mu.Unlock()
	d := e.newDispatcher()
	defer d.stop(ctx)
	for ctx.Err() == nil {
		_, err := d.pass(ctx)
		if err != nil || !d.turn.mine {
			return err
		}
		if d.flying > 0 {
			d.await(ctx, time.Minute)
		} else if !d.moved {
			return nil
		}
	}
	return nil
}

// pass does what there is to do and waits for nothing, and says how long to wait before
// there may be more.
func (d *dispatcher) pass(ctx context.Context) (time.Duration, error) {
	d.moved = false
	mine, err := d.keep(ctx, d.turn)
	if errors.Is(err, store.ErrBeyondLog) {
		return d.anew(err)
	}
	if err != nil || !mine {
		d.lost()
		return d.turnPause(), err
	}
	if d.turn.moved {
		if err := d.load(ctx); err != nil {
			d.turn.lose()
			return d.turnPause(), err
		}
		d.turn.moved = false
	}
	d.collect()
	err = d.feed(ctx)
	if errors.Is(err, store.ErrBeyondLog) {
		return d.anew(err)
	}
	err = errors.Join(err, d.catchUp(ctx), d.conclude(ctx))
	return d.start(ctx), errors.Join(err, d.write(ctx, false))
}

// anew has the dispatcher begin where the database says: the log is a copy of the one that it
// has read, which ended before, and may have grown again.
func (d *dispatcher) anew(err error) (time.Duration, error) {
	d.turn.lose()
	d.lost()
	return d.turnPause(), beyondLog(err)
}

// await waits for something to come back, but not for longer than so long.
func (d *dispatcher) await(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case r := <-d.results:
		d.back(r)
	case <-timer.C:
	case <-ctx.Done():
	}
}

// collect takes in what has come back.
func (d *dispatcher) collect() {
	for {
		select {
		case r := <-d.results:
			d.back(r)
		default:
			return
		}
	}
}

// start sends what can be sent, and says how long to wait before there may be more.
func (d *dispatcher) start(ctx context.Context) time.Duration {
	now, wait := d.clock.now(), followPause
	for id, s := range d.busy {
		if s.idle() {
			delete(d.busy, id)
			continue
		}
		if d.flying >= d.config.WebhookConcurrency {
			break
		}
		room := d.room(s)
		if room <= 0 {
			continue
		}
		for _, q := range s.startable(now, room) {
			d.launch(ctx, s, q)
		}
		if s.active() && now.Before(s.retryAt) {
			wait = min(wait, s.retryAt.Sub(now))
		}
	}
	return wait
}

func (d *dispatcher) launch(ctx context.Context, s *subscriber, q *queued) {
	body, err := messageOf(&q.entry)
	if err != nil { // an event is JSON, or it would not have been read
		d.config.Logger.Error("an event cannot be told", "event", q.event.ID.String(), "error", err)
		body = []byte(`{}`)
	}
	q.state, q.round = fliesNow, s.round
	s.flying++
	hook, home := s.hook, d.departs(s)
	d.sending.Go(func() {
		r := flown{of: s, q: q, home: home, sent: d.send(ctx, &hook, q.id, body)}
		r.cut = !r.taken() && ctx.Err() != nil
		d.results <- r
	})
}
