package teg

import (
	"context"
	"sync/atomic"
	"time"
)

// trust is what the engine knows of who is to be trusted. Whoever asks gets a view,
// and one of them at a time makes the next.
type trust struct {
	view atomic.Pointer[trustView] // nil before the first
	turn chan struct{}             // full while somebody makes the next view
	log  signalLog                 // of the one whose turn it is
}

// The signals are looked for once a second at most, and weighed anew in a fifth of
// the time at most: that is the pause of a view. One that is older than some pauses is
// answered to nobody who can wait for the next.
const (
	trustPause    = time.Second
	trustShare    = 5
	trustPatience = 5 // pauses
)

// trustAside is how long signals are read at once for hosts, who do not wait for it.
const trustAside = 5 * time.Second

// trusted returns everybody's trust, up to date within seconds. While one caller makes
// the next view the others get the last one, and nobody waits beyond its context.
func (e *Engine) trusted(ctx context.Context) (*trustView, error) {
	t := &e.trust
	view := t.view.Load()
	switch {
	case view.within(1):
		return view, nil
	case e.host != nil:
		return e.trustedInHost(ctx, view)
	}
	usable := view.within(trustPatience)
	if mine, err := t.take(ctx, usable); err != nil || !mine {
		return view, err
	}
	if next := t.view.Load(); next.within(1) { // made while this caller waited
		t.giveUp()
		return next, nil
	}
	next, err := e.nextTrust(ctx)
	if err != nil && ctx.Err() != nil && usable {
		return view, nil
	}
	return next, err
}

// take takes the turn, and waits for it where there is no view that will do.
func (t *trust) take(ctx context.Context, usable bool) (mine bool, err error) {
	if usable {
		select {
		case t.turn <- struct{}{}:
			return true, nil
		default:
			return false, nil
		}
	}
	select {
	case t.turn <- struct{}{}:
		return true, nil
	case <-ctx.Done():
		return false, outward(ctx.Err())
	}
}

func (t *trust) giveUp() { <-t.turn }

// nextTrust makes the next view in the caller's turn, which ends when it is made,
// though the caller may have gone by then: weighing ends by itself, and needs no
// database.
func (c *core) nextTrust(ctx context.Context) (*trustView, error) {
	looked := time.Now()
	if err := c.trust.log.read(ctx, c.store.Reader(), c.config.Logger); err != nil {
		c.trust.giveUp()
		return nil, outward(err)
	}
	made := make(chan error, 1)
	go func() {
		defer c.trust.giveUp()
		made <- c.publishTrust(looked)
	}()
	select {
	case err := <-made:
		return c.trust.view.Load(), err
	case <-ctx.Done():
		return nil, outward(ctx.Err())
	}
}

// publishTrust makes a view of what was read, or leaves the last one as it is where
// nothing has come in since.
func (c *core) publishTrust(looked time.Time) error {
	t := &c.trust
	if last := t.view.Load(); last != nil && !t.log.changed {
		same := *last
		same.looked = looked
		t.view.Store(&same)
		return nil
	}
	next, err := c.weigh(&t.log, looked)
	if err != nil {
		return err
	}
	t.log.changed = false
	t.view.Store(next)
	return nil
}

// trustedInHost answers with the last view, however old: a host's transaction holds
// one of the connections that the next view may be waiting for. Where there is none,
// the host's own connection reads all signals for this one answer; what the host has
// not committed must not get into the views of others.
func (e *Engine) trustedInHost(ctx context.Context, view *trustView) (*trustView, error) {
	e.renewAside()
	if view != nil {
		return view, nil
	}
	var log signalLog
	if err := log.read(ctx, e.host.Reader(), e.config.Logger); err != nil {
		return nil, outward(err)
	}
	return e.weigh(&log, time.Now())
}

// renewAside makes the next view while nobody waits for it, unless somebody else does
// or the engine is closed. Where connections are short it gives up; what was read
// stays read.
func (c *core) renewAside() {
	t := &c.trust
	if mine, _ := t.take(context.Background(), true); !mine {
		return
	}
	if !c.enter() {
		t.giveUp()
		return
	}
	go func() {
		defer c.callers.Done()
		defer t.giveUp()
		ctx, cancel := context.WithTimeout(context.Background(), trustAside)
		defer cancel()
		looked := time.Now()
		err := t.log.read(ctx, c.store.Reader(), c.config.Logger)
		if err == nil {
			err = c.publishTrust(looked)
		}
		if err != nil {
			c.config.Logger.Warn("trust could not be made anew; hosts get what there was, and it is tried again", "error", err)
		}
	}()
}
