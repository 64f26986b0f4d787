package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

func newWebhooks(n *connection) *cobra.Command {
	return collection("webhook", "Addresses that are told of events", func(use string) *cobra.Command { return newWebhookList(n, use) },
		newWebhookCreate(n), newWebhookShow(n), newWebhookUpdate(n), newWebhookPause(n), newWebhookResume(n), newWebhookRotate(n),
		newWebhookTest(n), newWebhookResend(n), newDeliveries(n), newWebhookDelete(n))
}

func newWebhookList(n *connection, use string) *cobra.Command {
	var q client.ListWebhooksQuery
	return newList(n, listing[client.Webhook]{
		use: use, short: "List your webhooks, or (admin) those of others", items: "webhooks",
		columns: []string{"webhook_id", "status", "scope", "url", "failures", "next_attempt", "behind"},
		flags: func(cmd *cobra.Command) {
			choiceFlag(cmd, &q.Status, "status", "only those that stand there", client.WebhookStatusActive, client.WebhookStatusPaused, client.WebhookStatusEnded)
			cmd.Flags().BoolVar(&q.Everyone, "everybody", false, "those of all agents")
			didFlag(cmd, &q.AgentID, "agent", "those of this agent")
		},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.Webhook, *string, error) {
			q.Limit, q.Cursor = s.limit, s.cursor
			page, err := c.ListWebhooks(ctx, q, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Webhooks, page.NextCursor, nil
		},
	})
}

func newWebhookCreate(n *connection) *cobra.Command {
	var in client.WebhookRequest
	var all bool
	var about did.DID
	cmd := &cobra.Command{
		Use: "create URL", Short: "Have an address told of your events", Args: exactly(1),
		Long:    "Has an address told of your events, or (admin) of all, from now on. The secret that it\nchecks signatures with is shown once.",
		Example: "  teg webhook create https://alice.example/hooks --event transfer --event refund",
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			in.URL = args[0]
			if all {
				in.Scope = client.WebhookScopeAll
			}
			in.AgentID = about
			return c.CreateWebhook(ctx, in, o...)
		}),
	}
	cmd.Flags().StringArrayVar(&in.EventTypes, "event", nil, "a kind of events; may be repeated (default: all that you may see)")
	cmd.Flags().BoolVar(&all, "all-events", false, "of all agents' events (admin)")
	didFlag(cmd, &about, "about", "of these only those that name this agent (admin)")
	cmd.Flags().StringVar(&in.Description, "description", "", "what to say of it")
	return cmd
}

// onWebhook is a command about the webhook that its first argument names.
func onWebhook[T any](n *connection, use, short string, args cobra.PositionalArgs,
	do func(context.Context, *client.Client, client.WebhookID, []string, ...client.CallOption) (*T, error),
) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return do(ctx, c, client.WebhookID(args[0]), args, o...)
		}),
	}
}

func newWebhookShow(n *connection) *cobra.Command {
	return onWebhook(n, "show WEBHOOK", "Show a webhook and how it gets on", exactly(1),
		func(ctx context.Context, c *client.Client, id client.WebhookID, _ []string, o ...client.CallOption) (*client.Webhook, error) {
			return c.GetWebhook(ctx, id, o...)
		})
}

func newWebhookUpdate(n *connection) *cobra.Command {
	var in client.WebhookChangeRequest
	cmd := onWebhook(n, "update WEBHOOK", "Change where a webhook goes, or what it is told", exactly(1),
		func(ctx context.Context, c *client.Client, id client.WebhookID, _ []string, o ...client.CallOption) (*client.Webhook, error) {
			return c.UpdateWebhook(ctx, id, in, o...)
		})
	cmd.Flags().StringVar(&in.URL, "to", "", "where messages go")
	cmd.Flags().StringArrayVar(&in.EventTypes, "event", nil, "a kind of events; may be repeated")
	cmd.Flags().StringVar(&in.Description, "description", "", "what to say of it")
	return cmd
}

func newWebhookPause(n *connection) *cobra.Command {
	var in client.WebhookPauseRequest
	cmd := onWebhook(n, "pause WEBHOOK", "Send nothing until it is resumed", exactly(1),
		func(ctx context.Context, c *client.Client, id client.WebhookID, _ []string, o ...client.CallOption) (*client.Webhook, error) {
			return c.PauseWebhook(ctx, id, in, o...)
		})
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why, for its owner")
	return cmd
}

func newWebhookResume(n *connection) *cobra.Command {
	var fromNow bool
	cmd := onWebhook(n, "resume WEBHOOK", "Go on where it was paused", exactly(1),
		func(ctx context.Context, c *client.Client, id client.WebhookID, _ []string, o ...client.CallOption) (*client.Webhook, error) {
			return c.ResumeWebhook(ctx, id, client.WebhookResumeRequest{FromNow: &fromNow}, o...)
		})
	cmd.Flags().BoolVar(&fromNow, "from-now", false, "leave out what has happened since")
	return cmd
}

func newWebhookRotate(n *connection) *cobra.Command {
	var in client.WebhookRotationRequest
	cmd := onWebhook(n, "rotate WEBHOOK", "Make another secret, which is shown once", exactly(1),
		func(ctx context.Context, c *client.Client, id client.WebhookID, _ []string, o ...client.CallOption) (*client.WebhookWithSecret, error) {
			return c.RotateWebhookSecret(ctx, id, in, o...)
		})
	wholeFlag(cmd, &in.OverlapHours, "overlap-hours", "for how long the one before is good, too (default: 24)")
	return cmd
}

func newWebhookTest(n *connection) *cobra.Command {
	var in client.WebhookTestRequest
	cmd := onWebhook(n, "test WEBHOOK", "Send it a message that tells of nothing", exactly(1),
		func(ctx context.Context, c *client.Client, id client.WebhookID, _ []string, o ...client.CallOption) (*client.Delivery, error) {
			return c.TestWebhook(ctx, id, in, o...)
		})
	cmd.Flags().StringVar(&in.Note, "note", "", "a text that comes with it")
	return cmd
}

func newWebhookResend(n *connection) *cobra.Command {
	return onWebhook(n, "resend WEBHOOK MESSAGE", "Send a message again", exactly(2),
		func(ctx context.Context, c *client.Client, id client.WebhookID, args []string, o ...client.CallOption) (*client.Delivery, error) {
			return c.ResendMessage(ctx, id, client.ResendRequest{MessageID: client.MessageID(args[1])}, o...)
		})
}

func newDeliveries(n *connection) *cobra.Command {
	var q client.ListDeliveriesQuery
	return newList(n, listing[client.Delivery]{
		use: "deliveries WEBHOOK", short: "List what was sent, with the attempts", items: "deliveries", args: exactly(1),
		columns: []string{"message_id", "created_at", "event_type", "state", "updated_at", "entry_id"},
		flags: func(cmd *cobra.Command) {
			choiceFlag(cmd, &q.State, "state", "only those that stand there", client.DeliveryStateDelivered, client.DeliveryStateFailing, client.DeliveryStateFailed)
		},
		page: func(ctx context.Context, c *client.Client, args []string, s span, o ...client.CallOption) ([]client.Delivery, *string, error) {
			q.Limit, q.Cursor = s.limit, s.cursor
			page, err := c.ListDeliveries(ctx, client.WebhookID(args[0]), q, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Deliveries, page.NextCursor, nil
		},
	})
}

func newWebhookDelete(n *connection) *cobra.Command {
	return onWebhook(n, "delete WEBHOOK", "End a webhook for good", exactly(1),
		func(ctx context.Context, c *client.Client, id client.WebhookID, _ []string, o ...client.CallOption) (*client.Webhook, error) {
			return c.DeleteWebhook(ctx, id, o...)
		})
}
