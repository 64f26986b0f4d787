package teg

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/governance/webhook"
	"github.com/agentvault/teg-layer/ledger"
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
	head    int64 // from which on the log was not read
	hooks   map[WebhookID]*subscriber
	own     map[string][]*subscriber // by their owners
	all     []*subscriber
	busy    map[WebhookID]*subscriber // that have something to do
	owners  map[DID]int               // messages on their way, by owners
	flying  int
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
	of  *subscriber
	q   *queued
	cut bool // nobody waited for the answer
	sent
}

func (e *Engine) newDispatcher() *dispatcher {
	d := &dispatcher{Engine: e, turn: e.turn(webhooksName), results: make(chan flown, e.config.WebhookConcurrency)}
	d.forget()
	return d
}

// forget drops what is known, as another process may have gone on.
func (d *dispatcher) forget() {
	d.hooks, d.own, d.all = map[WebhookID]*subscriber{}, map[string][]*subscriber{}, nil
	d.busy, d.owners, d.dirty = map[WebhookID]*subscriber{}, map[DID]int{}, map[WebhookID]bool{}
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
	err = errors.Join(d.feed(ctx), d.catchUp(ctx), d.conclude(ctx))
	return d.start(ctx), errors.Join(err, d.write(ctx, false))
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
		room := min(d.config.WebhookConcurrency-d.flying, maxSending-d.owners[s.hook.Owner])
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
	d.flying++
	d.owners[s.hook.Owner]++
	hook := s.hook
	d.sending.Go(func() {
		r := flown{of: s, q: q, sent: d.send(ctx, &hook, q.id, body)}
		r.cut = !r.taken() && ctx.Err() != nil
		d.results <- r
	})
}

// back takes in what became of a message.
func (d *dispatcher) back(r flown) {
	s := r.of
	d.moved = true
	d.flying--
	if d.owners[s.hook.Owner]--; d.owners[s.hook.Owner] <= 0 {
		delete(d.owners, s.hook.Owner)
	}
	switch {
	case d.hooks[s.hook.ID] != s: // it has ended meanwhile
		return
	case r.cut:
		s.flying--
		r.q.state = waitsInQueue
		return
	}
	d.dirty[s.hook.ID] = true
	state := MessageDelivered
	if r.taken() {
		s.arrived(r.q)
	} else {
		state = d.refused(s, &r)
	}
	message := WebhookDelivery{ID: r.q.id, Webhook: s.hook.ID, Event: ledger.ID(r.q.event.ID), Position: r.q.event.Position, Action: r.q.event.Action}
	d.note.Deliveries = append(d.note.Deliveries, message.Add(r.attempt, state))
}

// refused says what becomes of a message that was not taken, and of its webhook.
func (d *dispatcher) refused(s *subscriber, r *flown) DeliveryState {
	now := d.clock.now()
	counts := s.failed(r.q, now)
	if r.reply.gone() {
		d.condemn(s, store.VerbEndWebhook, WebhookEnded, "its receiver answered 410: it wants no more")
		return MessageFailed
	}
	if counts {
		wait, last := webhook.Schedule(d.config.WebhookSchedule).Next(s.failures, r.reply.RetryAfter, rand.Float64())
		s.retryAt = now.Add(wait)
		if last {
			d.condemn(s, store.VerbPauseWebhook, WebhookPaused, "its receiver has taken nothing since "+momentText(s.since)+": "+r.attempt.Fault)
		}
	}
	s.shed()
	if s.over != nil {
		return MessageFailed
	}
	return MessageFailing
}

// condemn has a webhook paused or ended, which the log is to tell. Until that has been
// done nothing is sent.
func (d *dispatcher) condemn(s *subscriber, verb Verb, to WebhookStatus, reason string) {
	s.over = func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, turnGiveUp)
		defer cancel()
		if err := d.endedByItself(ctx, s.hook.ID, verb, to, reason); err != nil {
			d.config.Logger.Warn("a webhook cannot go on, and could not be stopped; it is tried again", "webhook", s.hook.ID.String(), "error", err)
			s.overAt = d.clock.now().Add(turnGiveUp)
			return
		}
		d.config.Logger.Info("a webhook was stopped", "webhook", s.hook.ID.String(), "status", to.String(), "reason", reason)
		s.over = nil
		s.hook.Status = to // the log says so behind what was read of it
		d.moved = true
	}
	d.busy[s.hook.ID] = s
}

// conclude stops the webhooks that cannot go on.
func (d *dispatcher) conclude(ctx context.Context) error {
	now := d.clock.now()
	for _, s := range d.busy {
		if s.over != nil && s.flying == 0 && !now.Before(s.overAt) {
			s.shed()
			d.dirty[s.hook.ID] = true
			s.over(ctx)
		}
	}
	return nil
}

// write notes what is to be remembered, once in a while or now.
func (d *dispatcher) write(ctx context.Context, now bool) error {
	if !now && time.Since(d.noted) < turnNote && len(d.note.Deliveries) < maxUnnoted {
		return nil
	}
	note, head := d.note, d.head
	note.Places = nil
	for id := range d.dirty {
		if s := d.hooks[id]; s != nil {
			note.Places = append(note.Places, s.place(head))
		}
	}
	if len(note.Places)+len(note.Deliveries)+len(note.Forget) > 0 {
		if err := d.store.Webhooks().NoteWebhooks(ctx, note); err != nil {
			if errors.Is(err, store.ErrConflict) { // another process has the turn
				d.turn.lose()
				d.lost()
				return nil
			}
			return outward(err)
		}
	}
	d.note.Places, d.note.Deliveries, d.note.Forget = nil, nil, nil
	clear(d.dirty)
	d.noted, d.turn.done = time.Now(), head
	d.tell()
	return nil
}

// maxUnnoted is how many attempts are remembered before they are written down.
const maxUnnoted = 2000

// lost waits for what flies, and forgets all: another process has the turn, or nobody.
func (d *dispatcher) lost() {
	if len(d.hooks) == 0 && d.flying == 0 {
		d.tell()
		return
	}
	d.land()
	d.forget()
	d.tell()
}

// land waits for what flies.
func (d *dispatcher) land() {
	for d.flying > 0 {
		d.back(<-d.results)
	}
	d.sending.Wait()
}

// stop leaves the turn to others, and notes what is known.
func (d *dispatcher) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnGiveUp)
	defer cancel()
	d.land()
	if d.turn.mine {
		if err := d.write(ctx, true); err != nil {
			d.config.Logger.WarnContext(ctx, "what webhooks were told could not be noted; it is told again", "error", err)
		}
	}
	d.giveUp(ctx, d.turn)
	d.forget()
	d.tell()
}

// tell says how webhooks get on.
func (d *dispatcher) tell() {
	health := WebhookHealth{Sending: d.turn.mine}
	for _, s := range d.hooks {
		if !s.active() {
			continue
		}
		health.Active++
		if s.failures > 0 {
			health.Failing++
		}
		if !s.oldest.IsZero() && (health.Oldest.IsZero() || s.oldest.Before(health.Oldest)) {
			health.Oldest = s.oldest
		}
	}
	d.dispatching.seeing.Lock()
	defer d.dispatching.seeing.Unlock()
	d.dispatching.health = health
}
