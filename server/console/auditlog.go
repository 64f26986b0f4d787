package console

import (
	"errors"
	"strings"

	"github.com/agentvault/teg-layer/server/client"
)

// auditLogPage is what was done, and by whom.
type auditLogPage struct {
	Filter     *filter
	List       []client.AuditLogEntry
	Pager      pager
	Checkpoint string // signed; empty where none is given out
}

func auditLog(v *visit) (any, error) {
	f := v.filter("actor", "action", "start_date", "end_date")
	page := auditLogPage{Filter: f}
	query := client.ListAuditLogQuery{
		Actor: f.agent("actor"), Action: f.Given["action"], StartDate: f.date("start_date"), EndDate: f.date("end_date"), Limit: listed, Cursor: f.Cursor,
	}
	if len(f.Faults) > 0 {
		return page, nil
	}
	found, err := v.api.ListAuditLog(v.r.Context(), query)
	if err != nil {
		return nil, err
	}
	page.List, page.Pager = found.Entries, f.pager(found.Page)
	page.Checkpoint, err = v.checkpoint()
	return page, err
}

// checkpoint is the log's last signed checkpoint, where the server signs any.
func (v *visit) checkpoint() (string, error) {
	signed, err := v.api.GetCheckpoint(v.r.Context())
	if errors.Is(err, client.ErrEntityNotFound) {
		return "", nil
	}
	return strings.TrimSpace(string(signed)), err
}
