package remote

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

func newPolicy(n *connection) *cobra.Command {
	return collection("policy", "Policies, and the terms in force", func(use string) *cobra.Command { return newPolicyList(n, use) },
		newPolicyShow(n), newPolicyPut(n), newPolicyDeactivate(n), newTerms(n))
}

func newPolicyList(n *connection, use string) *cobra.Command {
	var q client.ListPoliciesQuery
	return newList(n, listing[client.Policy]{
		use: use, short: "List policies", items: "policies",
		columns: []string{"policy_id", "policy_code", "policy_type", "enforcement_level", "is_active", "version", "updated_at", "policy_name"},
		flags: func(cmd *cobra.Command) {
			choiceFlag(cmd, &q.PolicyType, "type", "only those of this type",
				client.PolicyTypeAttestation, client.PolicyTypeEconomic, client.PolicyTypeAuditor, client.PolicyTypeDispute)
			cmd.Flags().BoolVar(&q.ActiveOnly, "active", false, "only those in force")
		},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.Policy, *string, error) {
			q.Limit, q.Cursor = s.limit, s.cursor
			page, err := c.ListPolicies(ctx, q, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Policies, page.NextCursor, nil
		},
	})
}

func newPolicyShow(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "show POLICY", Short: "Show a policy with all its versions", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.GetPolicy(ctx, client.PolicyID(args[0]), o...)
		}),
	}
}

func newPolicyPut(n *connection) *cobra.Command {
	var id string
	cmd := &cobra.Command{
		Use: "put DATA", Short: "Put a policy in force, or with --id change one (admin)", Args: exactly(1),
		Long: "DATA is JSON, @FILE, or - for stdin: policy_code, policy_name, policy_type, enforcement_level,\n" +
			"parameters and more for a new policy; with --id only what is to be different.",
		Example: "  teg policy put @fees.json\n  teg policy put --id pol_… '{\"parameters\": {\"transfer_fee\": \"0.002\"}}'",
	}
	cmd.RunE = n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
		if id != "" {
			var change client.PolicyChangeRequest
			if err := readInto(cmd, args[0], &change); err != nil {
				return nil, err
			}
			return c.UpdatePolicy(ctx, client.PolicyID(id), change, o...)
		}
		var policy client.PolicyRequest
		if err := readInto(cmd, args[0], &policy); err != nil {
			return nil, err
		}
		return c.CreatePolicy(ctx, policy, o...)
	})
	cmd.Flags().StringVar(&id, "id", "", "the policy to change")
	return keyed(cmd)
}

func newPolicyDeactivate(n *connection) *cobra.Command {
	cmd := &cobra.Command{
		Use: "deactivate POLICY", Short: "Put a policy out of force (admin)", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.DeactivatePolicy(ctx, client.PolicyID(args[0]), o...)
		}),
	}
	return sure(keyed(cmd), func(args []string) string { return "put the policy " + args[0] + " out of force" })
}

func newTerms(n *connection) *cobra.Command {
	var at time.Time
	cmd := &cobra.Command{
		Use: "terms", Short: "Show the terms in force, or those of an instant", Args: exactly(0),
		RunE: n.ask(func(ctx context.Context, c *client.Client, _ []string, o ...client.CallOption) (any, error) {
			return c.GetTerms(ctx, client.GetTermsQuery{At: at}, o...)
		}),
	}
	timeFlag(cmd, &at, "at", "the time")
	return cmd
}
