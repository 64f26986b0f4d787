package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

func newAuditLog(n *connection) *cobra.Command {
	var q client.ListAuditLogQuery
	return newList(n, listing[client.AuditLogEntry]{
		use: "audit-log", short: "List who did what, the newest first (admin)", items: "entries",
		columns: []string{"position", "timestamp", "actor", "action", "ids", "request_id"},
		flags: func(cmd *cobra.Command) {
			didFlag(cmd, &q.Actor, "actor", "only what this agent did")
			cmd.Flags().StringVar(&q.Action, "action", "", "only acts of this name, such as transfer")
			timeFlag(cmd, &q.StartDate, "from", "only those since this time or date")
			timeFlag(cmd, &q.EndDate, "to", "only those before this time or date")
		},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.AuditLogEntry, *string, error) {
			q.Limit, q.Cursor = s.limit, s.cursor
			page, err := c.ListAuditLog(ctx, q, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Entries, page.NextCursor, nil
		},
	})
}
