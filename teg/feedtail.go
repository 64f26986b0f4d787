package teg

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/store"
)

// keeps bounds what a tail keeps of the log, and what it notes for one stream.
type keeps struct{ events, bytes, notes int }

var tailKeeps = keeps{events: 8192, bytes: 8 << 20, notes: 256}

// tail is the end of the log as it grows. It keeps the last events for the streams that
// follow it; those that are further behind read from the database. It waits for no stream,
// and keeps nothing for one but where that stands.
type tail struct {
	most    keeps
	end     context.CancelFunc // of who reads
	streams int                // that were given this tail; the feed's mutex guards it
	poke    chan struct{}      // there may be more
	at      bookmark           // how far was read; for who reads alone, as is
	woken   int                // how many times a stream was woken for what was read last

	mu     sync.Mutex
	from   int64         // the position of the first event that is kept
	before store.EventID // which stands before that; zero where it was not read
	kept   []*fedEvent
	pages  []*fedPage // that these came in
	bytes  int
	fault  error                                // for which it ended
	all    map[*EventStream]struct{}            // at the end, wanting events of whomever
	about  map[string]map[*EventStream]struct{} // and those that want one agent's
}

// seat is where a stream stands at its tail, whose mutex guards it.
type seat struct {
	bookmark               // from which on the stream was told nothing
	at       bool          // it is told of what comes
	lost     bool          // there was more than is noted: it looks for itself, from next on
	notes    []int64       // positions of what is for it, where it wants one agent's: all of them from next on
	before   store.EventID // the event before the first of these
}

func newTail(from int64, most keeps) *tail {
	return &tail{
		most: most, at: bookmark{next: from}, from: from, poke: make(chan struct{}, 1),
		all: map[*EventStream]struct{}{}, about: map[string]map[*EventStream]struct{}{},
	}
}

// look has the tail read.
func (t *tail) look() {
	select {
	case t.poke <- struct{}{}:
	default:
	}
}

// rest waits until there may be more, but not longer than wait. Under load it reads no
// more often than it must: streams are woken for many events at once.
func (t *tail) rest(ctx context.Context, closing <-chan struct{}, began time.Time, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-closing:
	case <-timer.C:
	case <-t.poke:
		rest(ctx, min(max(feedPace, time.Duration(t.woken)*feedEach), followPause)-time.Since(began))
	}
}

// read reads on and tells the streams. It says whether there may be more at once.
func (t *tail) read(ctx context.Context, r store.Reader) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, groupLimit)
	defer cancel()
	if t.at.last == (store.EventID{}) {
		if err := t.at.look(ctx, r); err != nil {
			return false, err
		}
	}
	page, after, err := t.at.follow(ctx, r, logPage)
	if err != nil {
		return false, err
	}
	events := make([]*fedEvent, len(page))
	for i, before := 0, t.at.last; i < len(page); i++ {
		events[i] = newFedEvent(page[i])
		events[i].before, before = before, page[i].ID
	}
	t.at = after
	t.add(events)
	return len(page) == logPage, nil
}

// add keeps what was read, forgets what is too old for that, and tells whom it is for.
func (t *tail) add(events []*fedEvent) {
	t.woken = 0
	if len(events) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.woken = len(t.all)
	if len(t.kept) == 0 {
		t.before = events[0].before
	}
	for _, event := range events {
		t.bytes += len(event.Body)
		for _, m := range mentionsAmong(t.about, event) {
			for s := range t.about[m.agent] {
				t.woken += s.note(event)
			}
		}
	}
	t.kept = append(t.kept, events...)
	for page := range slices.Chunk(events, MaxLimit) {
		t.pages = append(t.pages, newFedPage(page))
	}
	t.forget()
	for s := range t.all {
		s.rouse()
	}
}

// forget drops the oldest events that are beyond the bounds.
func (t *tail) forget() {
	drop := 0
	for len(t.kept)-drop > t.most.events || t.bytes > t.most.bytes {
		t.bytes -= len(t.kept[drop].Body)
		drop++
	}
	if drop > 0 {
		t.before = t.kept[drop-1].ID
		t.kept = append([]*fedEvent(nil), t.kept[drop:]...) // or the array would keep them
		t.from += int64(drop)
		t.forgetPages()
	}
}

// fail ends the tail for all its streams.
func (t *tail) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fault = err
	for s := range t.all {
		s.rouse()
	}
	for _, of := range t.about {
		for s := range of {
			s.rouse()
		}
	}
}

// head is the position behind the last event that is kept.
func (t *tail) head() int64 { return t.from + int64(len(t.kept)) }

// join has a stream told of what comes.
func (t *tail) join(s *EventStream) {
	switch s.seat.at = true; {
	case s.about == "":
		t.all[s] = struct{}{}
	case t.about[s.about] == nil:
		t.about[s.about] = map[*EventStream]struct{}{s: {}}
	default:
		t.about[s.about][s] = struct{}{}
	}
}

// leave has a stream told of nothing any more.
func (t *tail) leave(s *EventStream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unseat(s)
}

func (t *tail) unseat(s *EventStream) {
	s.seat.at, s.seat.lost, s.seat.notes = false, false, nil
	delete(t.all, s)
	if of := t.about[s.about]; of != nil {
		if delete(of, s); len(of) == 0 {
			delete(t.about, s.about)
		}
	}
}
