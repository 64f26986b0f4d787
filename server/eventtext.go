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
	body *byte // of the event; while it is remembered, no other is there
	text []byte
}

// eventText is an event as it is sent.
func (s *Server) eventText(e *teg.AuditLogEntry) []byte {
	if len(e.Body) == 0 {
		return eventJSON(e)
	}
	place := &s.texts[uint64(e.Position)%uint64(len(s.texts))]
	if known := place.Load(); known != nil && known.body == &e.Body[0] {
		return known.text
	}
	text := eventJSON(e)
	place.Store(&eventText{&e.Body[0], text})
	return text
}

func eventJSON(e *teg.AuditLogEntry) []byte {
	text, _ := json.Marshal(api.Event{ // a plain struct
		EntryID: e.ID, Position: e.Position, Actor: known(e.Actor), Action: e.Action, Timestamp: stamp(e.At),
		RequestID: orNull(e.RequestID), IDs: orEmpty(e.IDs), Body: e.Body,
	})
	return text
}
