package teg

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// turn is a process's claim to read the log under a name.
type turn struct {
	name   string
	holder ledger.ID
	mine   bool
	moved  bool      // the position was set from the database since somebody looked
	until  time.Time // by the engine's clock
	at     bookmark  // how far was read
	done   bookmark  // what was read before it needs nothing more: this is what is noted
	known  int64     // what the database knows of that
	noted  time.Time // when it was last told
}

// How long giving a turn up may take, and how often a position is written down: a write
// costs all others their turn with the database.
const (
	turnGiveUp = 10 * time.Second
	turnNote   = time.Second
)

func (c *core) turn(name string) *turn { return &turn{name: name, holder: c.newID()} }

// turnPause is how long readers wait for their turn, before they ask again.
func (c *core) turnPause() time.Duration { return c.config.ReaderTerm / 15 }

// keep takes the turn, or sees to it that it stays this process's, and notes what is
// done once in a while. A turn is taken again when a third of its term is over. A log of
// which something else was read is [store.ErrBeyondLog].
func (c *core) keep(ctx context.Context, t *turn) (mine bool, err error) {
	if c.ended() {
		return false, ErrClosed
	}
	now := c.clock.now()
	due := t.done.next > t.known && time.Since(t.noted) >= turnNote
	if t.mine && now.Before(t.until.Add(-c.config.ReaderTerm*2/3)) && !due {
		return true, nil
	}
	claim := c.claim(t, now, now.Add(c.config.ReaderTerm))
	position, mine, err := c.store.Claim(ctx, claim)
	if err != nil {
		return false, outward(err)
	}
	if mine && t.mine && position < claim.Position && claim.Last != (store.EventID{}) {
		return false, store.ErrBeyondLog
	}
	if mine && (!t.mine || position > t.done.next) { // where somebody else left it
		t.at, t.done, t.moved = bookmark{next: position}, bookmark{next: position}, true
	}
	t.mine, t.until, t.known, t.noted = mine, claim.Until, position, time.Now()
	return mine, nil
}

// turnAhead is how far the clocks of servers may be apart for turns. A turn that is held
// beyond it was taken by a clock that is wrong. It is long: two processes whose clocks
// differ by less never take each other's turn for that.
const turnAhead = time.Hour

// claim says what is done, as far as the turn is this process's to say it.
func (c *core) claim(t *turn, now, until time.Time) store.Claim {
	claim := store.Claim{Name: t.name, Holder: t.holder, Now: now, Until: until, Longest: now.Add(c.config.ReaderTerm + turnAhead)}
	if t.mine {
		claim.Position, claim.Last = t.done.next, t.done.last
	}
	return claim
}

// lose forgets what is known of the turn, so that it begins where the database says.
func (t *turn) lose() { t.mine = false }

// giveUp leaves the turn to others at once.
func (c *core) giveUp(ctx context.Context, t *turn) {
	if !t.mine {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnGiveUp)
	defer cancel()
	now := c.clock.now()
	if _, _, err := c.store.Claim(ctx, c.claim(t, now, now)); err != nil {
		c.config.Logger.WarnContext(ctx, "a reader of the log could not give its turn up; another waits until it ends", "reader", t.name, "error", err)
	}
	t.lose()
}

// ended reports whether the engine was closed.
func (c *core) ended() bool {
	select {
	case <-c.closing:
		return true
	default:
		return false
	}
}

// rest waits, or until the context ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
