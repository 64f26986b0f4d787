package teg

// note has a stream know of an event that names its agent. It returns 1 where that wakes it.
func (s *EventStream) note(event *fedEvent) int {
	switch at := &s.seat; {
	case at.lost, event.Position < at.next, !s.filter.wants(event):
		return 0
	case len(at.notes) == s.tail.most.notes:
		at.lose()
	case len(at.notes) == 0:
		at.before = event.before
		fallthrough
	default:
		at.notes = append(at.notes, event.Position)
	}
	return s.rouse()
}

// lose forgets what is noted, and has the stream look for itself from there on.
func (at *seat) lose() {
	at.bookmark, at.lost, at.notes = bookmark{at.notes[0], at.before}, true, at.notes[:0]
}

// rouse wakes who waits for the stream, and returns 1 unless it is awake.
func (s *EventStream) rouse() int {
	select {
	case s.wake <- struct{}{}:
		return 1
	default:
		return 0
	}
}

// take returns what a stream was not told yet, at most [MaxLimit] events. It is not current
// where it has to read from the database first.
func (t *tail) take(s *EventStream) (events []*fedEvent, current bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fault != nil {
		return nil, false, t.fault
	}
	if at := &s.seat; at.at && s.about != "" && !at.lost {
		if len(at.notes) == 0 || at.notes[0] >= t.from {
			return t.noted(s), true, nil
		}
		at.lose()
	}
	if s.seat.next < t.from {
		t.unseat(s)
		return nil, false, nil
	}
	if s.whole() {
		t.turnPage(s)
		return nil, true, nil
	}
	return t.scan(s), true, nil
}

// noted returns what was noted for a stream.
func (t *tail) noted(s *EventStream) []*fedEvent {
	at := &s.seat
	events := make([]*fedEvent, len(at.notes))
	for i, position := range at.notes {
		events[i] = t.kept[position-t.from]
	}
	if at.notes = at.notes[:0]; at.next < t.head() {
		at.bookmark = t.behind(t.head())
	}
	return events
}

// behind is where a stream stands that was told of all before a position.
func (t *tail) behind(position int64) bookmark {
	if position == t.from {
		return bookmark{position, t.before}
	}
	return bookmark{position, t.kept[position-t.from-1].ID}
}

// scan looks through what is kept from where a stream stands. At the end of that the
// stream is told of what comes.
func (t *tail) scan(s *EventStream) (events []*fedEvent) {
	at := &s.seat
	for ; at.next < t.head() && len(events) < MaxLimit; at.bookmark = t.behind(at.next + 1) {
		if event := t.kept[at.next-t.from]; s.filter.wants(event) {
			events = append(events, event)
		}
	}
	if at.lost, at.notes = at.next < t.head(), at.notes[:0]; !at.at {
		t.join(s)
	}
	return events
}

// position is from where on a stream was told nothing.
func (t *tail) position(s *EventStream) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch at := &s.seat; {
	case !at.at || at.lost || s.about == "":
		return at.next
	case len(at.notes) > 0:
		return at.notes[0]
	default:
		return max(at.next, t.head())
	}
}

// moved notes how far a stream has read for itself.
func (t *tail) moved(s *EventStream, to bookmark) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.seat.bookmark = to
}
