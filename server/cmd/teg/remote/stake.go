package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

func newStake(n *connection) *cobra.Command {
	return collection("stake", "Put value to work, and take what it earns", func(use string) *cobra.Command {
		return newStakeList(n, use, "List your stakes", "stake_id", "is_active", "amount", "delegated_amount", "rewards_pending", "staked_at")
	},
		newStakeList(n, "rewards", "List what your stakes have earned", "stake_id", "amount", "rewards_earned", "rewards_pending", "last_reward_claim"),
		newStakeAdd(n), newStakeRemove(n), newClaim(n), newCycle(n), newSlash(n))
}

func newStakeList(n *connection, use, short string, columns ...string) *cobra.Command {
	var q client.ListStakesQuery
	return newList(n, listing[client.Stake]{
		use: use, short: short, items: "stakes", columns: columns,
		flags: func(cmd *cobra.Command) {
			cmd.Flags().BoolVar(&q.ActiveOnly, "active", false, "only those that something is in")
		},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.Stake, *string, error) {
			q.Limit, q.Cursor = s.limit, s.cursor
			page, err := c.ListStakes(ctx, q, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Stakes, page.NextCursor, nil
		},
	})
}

func newStakeAdd(n *connection) *cobra.Command {
	var in client.StakeRequest
	cmd := &cobra.Command{
		Use: "add AMOUNT", Short: "Put value to work", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			var err error
			if in.Amount, err = parseAmount(args[0]); err != nil {
				return nil, err
			}
			return c.Stake(ctx, in, o...)
		}),
	}
	cmd.Flags().BoolVar(&in.AutoCompound, "auto-compound", false, "stake its rewards too")
	return keyed(cmd)
}

func newStakeRemove(n *connection) *cobra.Command {
	var in client.UnstakeRequest
	cmd := &cobra.Command{
		Use: "remove STAKE", Short: "Take value out of a stake", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			in.StakeID = client.StakeID(args[0])
			return c.Unstake(ctx, in, o...)
		}),
	}
	amountFlag(cmd, &in.Amount, "amount", "how much; all where none is given")
	return keyed(cmd)
}

func newClaim(n *connection) *cobra.Command {
	var in client.ClaimRequest
	cmd := &cobra.Command{
		Use: "claim [STAKE]", Short: "Take the rewards of a stake, or all that are due to you", Args: between(0, 1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			if len(args) > 0 {
				in.StakeID = client.StakeID(args[0])
			}
			return c.ClaimRewards(ctx, in, o...)
		}),
	}
	return keyed(cmd)
}

func newCycle(n *connection) *cobra.Command {
	var in client.CycleRequest
	cmd := &cobra.Command{
		Use: "cycle", Short: "Distribute rewards now (admin)", Args: exactly(0),
		RunE: n.ask(func(ctx context.Context, c *client.Client, _ []string, o ...client.CallOption) (any, error) {
			return c.RunRewardCycle(ctx, in, o...)
		}),
	}
	percentFlag(cmd, &in.RewardPercentage, "percentage", "how much of the stakes; the rate in force where none is given")
	return keyed(cmd)
}

func newSlash(n *connection) *cobra.Command {
	var in client.SlashRequest
	cmd := &cobra.Command{
		Use: "slash VALIDATOR PERCENTAGE", Short: "Take a part of what works for a validator (admin)", Args: exactly(2),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			var err error
			if in.ValidatorAgentID, err = parseDID("VALIDATOR", args[0]); err != nil {
				return nil, err
			}
			if in.Percentage, err = client.ParsePercent(args[1]); err != nil {
				return nil, misused("PERCENTAGE: %w", err)
			}
			return c.SlashValidator(ctx, in, o...)
		}),
	}
	percentFlag(cmd, &in.DelegationsPercentage, "delegations", "what part of delegations; the same where none is given")
	cmd.Flags().StringVar(&in.EvidenceID, "evidence", "", "what proves the offence, once")
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why")
	return sure(required(keyed(cmd), "evidence", "reason"), func(args []string) string {
		if delegations := in.DelegationsPercentage; delegations != nil {
			return "take " + args[1] + " % of what " + args[0] + " staked and " + delegations.String() + " % of what is delegated to it"
		}
		return "take " + args[1] + " % of what works for " + args[0]
	})
}

func newValidator(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "validator DID", Short: "Show a validator, and how it was slashed", Args: exactly(1),
		RunE: n.ask(about(func(ctx context.Context, c *client.Client, agent did.DID, o ...client.CallOption) (any, error) {
			return c.GetValidator(ctx, agent, o...)
		})),
	}
}

// about is a question about the agent that the first argument names.
func about(q func(context.Context, *client.Client, did.DID, ...client.CallOption) (any, error)) question {
	return func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
		agent, err := parseDID("DID", args[0])
		if err != nil {
			return nil, err
		}
		return q(ctx, c, agent, o...)
	}
}
