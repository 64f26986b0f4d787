package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

func newDelegate(n *connection) *cobra.Command {
	return collection("delegate", "Let stakes work for validators", func(use string) *cobra.Command { return newDelegationList(n, use) },
		newDelegateAdd(n), newDelegateRemove(n))
}

func newDelegationList(n *connection, use string) *cobra.Command {
	var q client.ListDelegationsQuery
	return newList(n, listing[client.Delegation]{
		use: use, short: "List what you delegate, or what is delegated to you", items: "delegations",
		columns: []string{"delegation_id", "is_active", "delegator_agent_id", "validator_agent_id", "delegated_amount", "reward_share_percentage", "delegation_start"},
		flags: func(cmd *cobra.Command) {
			choiceFlag(cmd, &q.Role, "role", "in which role", client.DelegationRoleDelegator, client.DelegationRoleValidator)
		},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.Delegation, *string, error) {
			q.Limit, q.Cursor = s.limit, s.cursor
			page, err := c.ListDelegations(ctx, q, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Delegations, page.NextCursor, nil
		},
	})
}

func newDelegateAdd(n *connection) *cobra.Command {
	var in client.DelegateRequest
	cmd := &cobra.Command{
		Use: "add STAKE VALIDATOR", Short: "Let a part of a stake work for a validator", Args: exactly(2),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			var err error
			if in.ValidatorAgentID, err = parseDID("VALIDATOR", args[1]); err != nil {
				return nil, err
			}
			in.StakeID = client.StakeID(args[0])
			return c.Delegate(ctx, in, o...)
		}),
	}
	amountFlag(cmd, &in.Amount, "amount", "how much; all that is not delegated where none is given")
	percentFlag(cmd, &in.RewardSharePercentage, "share", "what the validator keeps of what it earns (default: the server's)")
	return keyed(cmd)
}

func newDelegateRemove(n *connection) *cobra.Command {
	return keyed(&cobra.Command{
		Use: "remove DELEGATION", Short: "Take a delegation back", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.Undelegate(ctx, client.UndelegateRequest{DelegationID: client.DelegationID(args[0])}, o...)
		}),
	})
}
