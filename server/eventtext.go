package server

import (
	"encoding/json"
	"sync/atomic"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// eventTexts remembers the last events as they are sent, so that one that goes to many is
// written once. The engine gives the same body to all who see the same of an event.
type eventTexts [4096]atomic.Pointer[eventText]

type eventText struct {
	body  *byte  // of the event; while it is remembered, no other is there
	frame []byte // for Server-Sent Events
	text  []byte // the JSON alone, a part of the frame
}

// eventText is an event as it is sent.
func (s *Server) eventText(e *teg.AuditLogEntry) *eventText {
	if len(e.Body) == 0 {
		return newEventText(e)
	}
	slot := &s.texts[uint64(e.Position)%uint64(len(s.texts))]
	if known := slot.Load(); known != nil && known.body == &e.Body[0] {
		return known
	}
	text := newEventText(e)
	text.body = &e.Body[0]
	slot.Store(text)
	return text
}

func newEventText(e *teg.AuditLogEntry) *eventText {
	text := eventJSON(e)
	head := "id: " + (place{e.Position, teg.EventSeal(e.ID)}).id() + "\nevent: " + e.Action + "\ndata: "
	frame := append(append(append(make([]byte, 0, len(head)+len(text)+2), head...), text...), "\n\n"...)
	return &eventText{frame: frame, text: frame[len(head) : len(head)+len(text)]}
}

func eventJSON(e *teg.AuditLogEntry) []byte {
	text, _ := json.Marshal(api.Event{ // a plain struct
		EntryID: e.ID, Position: e.Position, Actor: known(e.Actor), Action: e.Action, Timestamp: stamp(e.At),
		RequestID: orNull(e.RequestID), IDs: orEmpty(e.IDs), Body: e.Body,
	})
	return text
}
