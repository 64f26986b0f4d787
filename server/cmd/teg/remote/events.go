package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

func newEvents(n *connection) *cobra.Command {
	var q client.EventsQuery
	var follow bool
	cmd := &cobra.Command{
		Use: "events", Short: "Show what happens, as it happens", Args: exactly(0),
		Long: "Shows events, the oldest first, one on each line: position, time, action, and whom and\n" +
			"what it is about. You see what you are a party to; auditors and admins see everything.\n" +
			"With --follow it goes on until you end it, over connections that break, too: none is\n" +
			"missed. With --json each line is the event as the API has it.",
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what happens from now, or after --after")
	cmd.Flags().StringSliceVar(&q.Types, "type", nil, "only these actions, such as transfer,refund")
	didFlag(cmd, &q.AgentID, "agent", "only what names this agent (auditor, admin)")
	cmd.Flags().Var(&value[*int64]{into: &q.After, kind: "POSITION", parse: optional(func(text string) (int64, error) {
		return strconv.ParseInt(text, 10, 64)
	})}, "after", "only events behind this position, such as that of the last one seen; -1 is all")
	cmd.RunE = n.with(func(ctx context.Context, cmd *cobra.Command, c *client.Client, _ []string) error {
		q.ToEnd = !follow
		for event, err := range c.Events(ctx, q) {
			if err != nil {
				return err
			}
			if err := n.showEvent(cmd, &event); err != nil {
				return err
			}
		}
		return nil
	})
	return cmd
}

func (n *connection) showEvent(cmd *cobra.Command, event *client.Event) error {
	if n.json {
		text, err := json.Marshal(event)
		if err != nil {
			return err
		}
		return writeJSON(cmd.OutOrStdout(), text)
	}
	var body struct {
		Sender, Receiver, Agent, Amount, Status string
	}
	_ = json.Unmarshal(event.Body, &body) // what is not there is not shown
	line := []string{strconv.FormatInt(event.Position, 10), event.Timestamp.UTC().Format("2006-01-02T15:04:05.000000Z"), event.Action}
	for _, part := range []struct{ name, text string }{
		{"from", body.Sender}, {"to", body.Receiver}, {"agent", body.Agent}, {"amount", body.Amount}, {"status", body.Status}, {"ids", strings.Join(event.IDs, ",")},
	} {
		if part.text != "" {
			line = append(line, fmt.Sprintf("%s=%s", part.name, part.text))
		}
	}
	return write(cmd.OutOrStdout(), plain(strings.Join(line, "  "))+"\n")
}
