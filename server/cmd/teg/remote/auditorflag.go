package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

var (
	severities   = []client.Severity{client.SeverityLow, client.SeverityMedium, client.SeverityHigh, client.SeverityCritical}
	flagStatuses = []client.FlagStatus{client.FlagStatusNew, client.FlagStatusUnderReview, client.FlagStatusResolved, client.FlagStatusFalsePositive}
)

func newFlags(n *connection) *cobra.Command {
	return collection("flags", "What somebody should look at (auditor, admin)", func(use string) *cobra.Command { return newFlagList(n, use) },
		newFlagShow(n), newFlagReview(n), newFlagEscalate(n), newFlagRaise(n), newRules(n), newAuditorMetrics(n))
}

func newFlagList(n *connection, use string) *cobra.Command {
	var q client.ListFlagsQuery
	return newList(n, listing[client.TrustedFlag]{
		use: use, short: "List what somebody should look at (auditor, admin)", items: "flags",
		columns: []string{"flag_id", "created_at", "severity", "status", "flagged_agent_did", "rule_violated_code", "trust_score", "flag_reason"},
		flags: func(cmd *cobra.Command) {
			choiceFlag(cmd, &q.Status, "status", "only those that stand there", flagStatuses...)
			choiceFlag(cmd, &q.Severity, "severity", "only those that are so bad", severities...)
			didFlag(cmd, &q.AgentID, "agent", "only those about this agent")
			cmd.Flags().StringVar(&q.Rule, "rule", "", "only those of this rule, such as FAN_IN")
			cmd.Flags().BoolVar(&q.Shadow, "shadow", false, "those of rules in shadow")
		},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.TrustedFlag, *string, error) {
			q.Limit, q.Cursor = s.limit, s.cursor
			page, err := c.ListFlags(ctx, q, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Flags, page.NextCursor, nil
		},
	})
}

func newFlagShow(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "show FLAG", Short: "Show a flag with its history", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.GetFlag(ctx, client.FlagID(args[0]), o...)
		}),
	}
}

func newFlagReview(n *connection) *cobra.Command {
	var in client.ReviewRequest
	cmd := &cobra.Command{
		Use: "review FLAG STATUS", Short: "Move a flag on", Args: exactly(2),
		Long: "Moves a flag on to UNDER_REVIEW, RESOLVED or FALSE_POSITIVE.",
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			var err error
			if in.Status, err = oneOf(flagStatuses)(args[1]); err != nil {
				return nil, misused("STATUS %w", err)
			}
			return c.UpdateFlag(ctx, client.FlagID(args[0]), in, o...)
		}),
	}
	cmd.Flags().StringVar(&in.ResolutionNotes, "notes", "", "why")
	return keyed(cmd)
}

func newFlagEscalate(n *connection) *cobra.Command {
	var in client.EscalationRequest
	cmd := &cobra.Command{
		Use: "escalate FLAG", Short: "Say that a flag is worse than it was thought", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.EscalateFlag(ctx, client.FlagID(args[0]), in, o...)
		}),
	}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why")
	return required(keyed(cmd), "reason")
}

func newFlagRaise(n *connection) *cobra.Command {
	var in client.FlagRequest
	var about []string
	cmd := &cobra.Command{
		Use: "raise DID CODE", Short: "Flag an agent", Args: exactly(2),
		Example: "  teg flags raise did:example:carol PRICE_TOO_GOOD --severity low --reason 'a quarter of what others ask'",
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			var err error
			if in.FlaggedAgentDID, err = parseDID("DID", args[0]); err != nil {
				return nil, err
			}
			in.RuleViolatedCode = client.RuleCode(args[1])
			for _, id := range about {
				in.RelatedTransactionIDs = append(in.RelatedTransactionIDs, client.TransactionID(id))
			}
			return c.RaiseFlag(ctx, in, o...)
		}),
	}
	choiceFlag(cmd, &in.Severity, "severity", "how bad it would be", severities...)
	cmd.Flags().StringVar(&in.FlagReason, "reason", "", "what was seen")
	cmd.Flags().StringSliceVar(&about, "transaction", nil, "what it is about; may be repeated")
	return required(keyed(cmd), "severity", "reason")
}

func newRules(n *connection) *cobra.Command {
	return newList(n, listing[client.Rule]{
		use: "rules", short: "List the auditor's rules", items: "rules",
		columns: []string{"code", "enabled", "shadow", "severity", "thresholds"},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.Rule, *string, error) {
			page, err := c.ListRules(ctx, client.ListRulesQuery{Limit: s.limit, Cursor: s.cursor}, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Rules, page.NextCursor, nil
		},
	})
}

func newAuditorMetrics(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "metrics", Short: "Show how the rules and their reviewers do", Args: exactly(0),
		RunE: n.ask(func(ctx context.Context, c *client.Client, _ []string, o ...client.CallOption) (any, error) {
			return c.GetAuditorMetrics(ctx, o...)
		}),
	}
}
