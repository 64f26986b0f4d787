package teg

import (
	"slices"
	"sort"
	"sync"
)

// fedPage is a run of at most [MaxLimit] events that came at once, as those see them who see
// everything. All of these share its entries: what one more costs who reads along is no more
// than the looking at them.
type fedPage struct {
	from    int64
	events  []*fedEvent
	entries func() []AuditLogEntry // made for the first who wants them
}

func newFedPage(events []*fedEvent) *fedPage {
	p := &fedPage{from: events[0].Position, events: events}
	p.entries = sync.OnceValue(func() []AuditLogEntry {
		entries := make([]AuditLogEntry, len(p.events))
		for i, event := range p.events {
			entries[i] = event.whole()
		}
		return entries
	})
	return p
}

// end is the position behind the last event of the page.
func (p *fedPage) end() int64 { return p.from + int64(len(p.events)) }

// after is where a stream stands that has read the page.
func (p *fedPage) after() bookmark { return bookmark{p.end(), p.events[len(p.events)-1].ID} }

// pageAt is the page with a position that is kept; its mutex is held.
func (t *tail) pageAt(position int64) *fedPage {
	return t.pages[sort.Search(len(t.pages), func(i int) bool { return t.pages[i].end() > position })]
}

// forgetPages drops the pages of which nothing is kept any more.
func (t *tail) forgetPages() {
	drop := 0
	for drop < len(t.pages) && t.pages[drop].end() <= t.from {
		drop++
	}
	if drop > 0 {
		t.pages = append([]*fedPage(nil), t.pages[drop:]...)
	}
}

// turnPage has a stream that sees everything stand at a page, where there is one.
func (t *tail) turnPage(s *EventStream) {
	if s.seat.next < t.head() {
		s.page = t.pageAt(s.seat.next)
		return
	}
	if !s.seat.at {
		t.join(s)
	}
}

// leaf returns the page at which the stream stands, from there on. The first who comes makes
// it, while nobody holds a lock that others want.
func (s *EventStream) leaf() []AuditLogEntry {
	entries := s.page.entries()[s.seat.next-s.page.from:]
	s.seat.bookmark, s.page = s.page.after(), nil
	return slices.Clip(entries)
}
