package auditor

// memory keeps a value for each key until the key has not been asked for during a
// span of event time, and forgets it within another. It has two generations and
// drops the elder whole, so forgetting costs nothing for each key. Whoever uses it
// must not be able to tell a value that is older than the span from none, for when
// exactly it goes depends on where a replay began.
type memory[K comparable, V any] struct {
	span       int64 // microseconds
	turn       int64 // when the generations change
	young, old map[K]*V
}

// keep sets the span. What is there stays for at least as long as it would have.
func (m *memory[K, V]) keep(span int64) {
	m.turn += max(0, span-m.span)
	m.span = span
}

// find returns the value of a key, or nil.
func (m *memory[K, V]) find(key K, now int64) *V {
	m.age(now)
	if v := m.young[key]; v != nil {
		return v
	}
	v := m.old[key]
	if v != nil {
		m.young[key] = v
	}
	return v
}

// of returns the value of a key, which it makes where there is none.
func (m *memory[K, V]) of(key K, now int64) *V {
	v := m.find(key, now)
	if v == nil {
		v = new(V)
		m.young[key] = v
	}
	return v
}

func (m *memory[K, V]) age(now int64) {
	if now < m.turn && m.young != nil {
		return
	}
	m.old = m.young
	if now >= m.turn+m.span { // the young ones are too old as well
		m.old = nil
	}
	m.young = map[K]*V{}
	m.turn = now + m.span
}
