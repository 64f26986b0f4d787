package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

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
		body := api.AuditLogPage{
			Entries: make([]api.AuditLogEntry, 0, len(found.Entries)), FirstPosition: found.Tail,
			Page: p.info(found.Total, found.TotalCapped, found.NextCursor),
		}
		for _, e := range found.Entries {
			body.Entries = append(body.Entries, api.AuditLogEntry{
				EntryID: e.ID, Position: e.Position, Actor: e.Actor, Action: e.Action, Timestamp: stamp(e.At),
				RequestID: orNull(e.RequestID), IDs: orEmpty(e.IDs),
			})
		}
		return answer{body: body}, nil
	}, nil
}
