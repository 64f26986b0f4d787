package server

import (
	"github.com/agentvault/teg-layer/teg"
)

type auditLogBody struct {
	Entries []auditLogEntry `json:"entries"`
	pageInfo
}

type auditLogEntry struct {
	ID        string   `json:"entry_id"`
	Position  int64    `json:"position"`
	Actor     teg.DID  `json:"actor"`
	Action    string   `json:"action"`
	Timestamp string   `json:"timestamp"`
	RequestID *string  `json:"request_id"`
	IDs       []string `json:"ids"`
}

func getAuditLog(c *call) (func() (answer, error), error) {
	q := teg.AuditLogQuery{Actor: c.query.agent("actor"), Action: c.query.filter("action", teg.MaxAction)}
	q.From, q.To = c.query.span()
	p := c.query.page()
	q.Limit, q.Offset, q.Cursor, q.Total = p.limit, p.offset, p.cursor, p.total
	return func() (answer, error) {
		found, err := c.engine().AuditLog(c.ctx, q)
		if err != nil {
			return answer{}, valued(err, "cursor", p.cursor)
		}
		body := auditLogBody{Entries: make([]auditLogEntry, 0, len(found.Entries)), pageInfo: p.info(found.Total, found.TotalCapped, found.NextCursor)}
		for _, e := range found.Entries {
			ids := e.IDs
			if ids == nil {
				ids = []string{}
			}
			body.Entries = append(body.Entries, auditLogEntry{
				ID: e.ID.String(), Position: e.Position, Actor: e.Actor, Action: e.Action, Timestamp: stamp(e.At),
				RequestID: orNull(e.RequestID), IDs: ids,
			})
		}
		return answer{body: body}, nil
	}, nil
}
