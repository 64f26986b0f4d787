package remote

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

func newReputation(n *connection) *cobra.Command {
	cmd := &cobra.Command{
		Use: "reputation [DID]", Short: "Show an agent's reputation, or yours", Args: between(0, 1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			agent, err := orMyself(ctx, c, args)
			if err != nil {
				return nil, err
			}
			return c.GetReputation(ctx, agent, o...)
		}),
	}
	cmd.AddCommand(newReputationHistory(n), newRankings(n), newSignal(n))
	return cmd
}

// orMyself is the agent that is named, otherwise the caller.
func orMyself(ctx context.Context, c *client.Client, args []string) (did.DID, error) {
	if len(args) > 0 {
		return parseDID("DID", args[0])
	}
	profile, err := c.GetProfile(ctx)
	if err != nil {
		return did.DID{}, err
	}
	return profile.AgentID, nil
}

func newReputationHistory(n *connection) *cobra.Command {
	var q client.ListReputationHistoryQuery
	return newList(n, listing[client.ReputationChange]{
		use: "history [DID]", short: "List the changes of a reputation, the newest first", args: between(0, 1), items: "history",
		columns: []string{"timestamp", "score_change", "new_score", "reason", "related_transaction_id", "related_id"},
		flags: func(cmd *cobra.Command) {
			countFlag(cmd, &q.Days, "days", "only those of so many days")
		},
		page: func(ctx context.Context, c *client.Client, args []string, s span, o ...client.CallOption) ([]client.ReputationChange, *string, error) {
			agent, err := orMyself(ctx, c, args)
			if err != nil {
				return nil, nil, err
			}
			q.Limit, q.Cursor = s.limit, s.cursor
			page, err := c.ListReputationHistory(ctx, agent, q, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.History, page.NextCursor, nil
		},
	})
}

func newRankings(n *connection) *cobra.Command {
	var q client.ListRankingsQuery
	return newList(n, listing[client.Ranking]{
		use: "rankings", short: "List agents by reputation or trust", items: "rankings",
		flags: func(cmd *cobra.Command) {
			choiceFlag(cmd, &q.Sort, "sort", "by what", client.RankingOrderReputation, client.RankingOrderTrust)
		},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.Ranking, *string, error) {
			q.Limit, q.Cursor = s.limit, s.cursor
			page, err := c.ListRankings(ctx, q, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Rankings, page.NextCursor, nil
		},
	})
}

// signals are what can be said of who was paid.
var signals = map[string]int{"praise": client.Praise, "complain": client.Complaint}

func newSignal(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "signal TRANSACTION praise|complain", Short: "Praise, or complain of, whom you paid, once for a payment", Args: exactly(2),
		ValidArgs: []string{"praise", "complain"},
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			value, ok := signals[strings.ToLower(args[1])]
			if !ok {
				return nil, misused("a signal is praise or complain, and not %q", args[1])
			}
			return c.SignalReputation(ctx, client.TransactionID(args[0]), client.SignalRequest{SignalValue: value}, o...)
		}),
	}
}

func newTrust(n *connection) *cobra.Command {
	var q client.GetTrustQuery
	cmd := &cobra.Command{
		Use: "trust DID", Short: "Show how far an agent can be trusted, and why", Args: exactly(1),
		RunE: n.ask(about(func(ctx context.Context, c *client.Client, agent did.DID, o ...client.CallOption) (any, error) {
			return c.GetTrust(ctx, agent, q, o...)
		})),
	}
	countFlag(cmd, &q.Limit, "limit", "how many contributions to name (default: the server's)")
	return cmd
}
