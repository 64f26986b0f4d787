package teg

import (
	"bytes"
	"sync"

	"github.com/agentvault/teg-layer/store"
)

// fedEvent is an event on its way to those who read the log live. It is read and cut once
// for all of them.
type fedEvent struct {
	store.Event
	before   store.EventID    // which event stands before it in the log; zero where that is not known
	mentions func() []mention // agents that it names
	whole    func() AuditLogEntry
	shown    [2]func() AuditLogEntry // to who may see it, and to the one of these that acted
}

func newFedEvent(event store.Event) *fedEvent {
	f := &fedEvent{Event: event}
	f.mentions = sync.OnceValue(func() []mention { return mentionsIn(&f.Event) })
	f.whole = sync.OnceValue(func() AuditLogEntry { return auditLogEntry(f.Event) })
	for acted := range f.shown {
		f.shown[acted] = sync.OnceValue(func() AuditLogEntry { return f.cut(acted == 1) })
	}
	return f
}

// mentionsAmong returns the agents that an event names, none where nobody listens to any of
// them. Most events are nobody's who listens: it costs less to find that out than to know whom
// they name.
func mentionsAmong[V any](listening map[string]V, f *fedEvent) []mention {
	if len(listening) == 0 {
		return nil
	}
	if _, listens := listening[f.Actor.String()]; listens {
		return f.mentions()
	}
	for body := f.Body; ; {
		at := bytes.Index(body, beginsDID)
		if at < 0 {
			return nil
		}
		var name []byte
		name, body, _ = bytes.Cut(body[at+1:], beginsDID[:1])
		if _, listens := listening[string(name)]; listens {
			return f.mentions()
		}
	}
}

// beginsDID is how an agent is named in a body, or what somebody wrote that looks so.
var beginsDID = []byte(`"did:`)

// names tells in which places the event names an agent.
func (f *fedEvent) names(agent string) places {
	if f.Actor.String() != agent && !bytes.Contains(f.Body, []byte(agent)) {
		return 0 // which is sooner known than whom it names
	}
	for _, m := range f.mentions() {
		if m.agent == agent {
			return m.in
		}
	}
	return 0
}

// to is what a viewer sees of the event: all of it where the viewer is nobody in
// particular, nothing where it may see none.
func (f *fedEvent) to(viewer string) (AuditLogEntry, bool) {
	if viewer == "" {
		return f.whole(), true
	}
	in := f.names(viewer)
	if who := audiences[f.Action].who; in&who == 0 {
		return AuditLogEntry{}, false
	}
	if in&asActor != 0 {
		return f.shown[1](), true
	}
	return f.shown[0](), true
}

func (f *fedEvent) cut(acted bool) AuditLogEntry {
	a := audiences[f.Action]
	event := f.Event
	body, err := a.cutTo(&event, f.mentions(), acted)
	if err != nil {
		return AuditLogEntry{ID: event.ID, Position: event.Position, Action: event.Action, At: event.At}
	}
	if event.Body = body; !a.tellsActor(f.mentions()) {
		event.Actor = DID{}
	}
	return auditLogEntry(event)
}
