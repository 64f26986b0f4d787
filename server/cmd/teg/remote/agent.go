package remote

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

func newAgent(n *connection) *cobra.Command {
	cmd := &cobra.Command{
		Use: "agent", Short: "Profiles and standing of agents", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return misused("which? see: %s --help", cmd.CommandPath()) },
	}
	cmd.AddCommand(newProfile(n), newRegister(n), newSuspend(n), newReactivate(n), newRoles(n))
	return cmd
}

func newProfile(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "profile", Short: "Show your profile", Args: exactly(0),
		RunE: n.ask(func(ctx context.Context, c *client.Client, _ []string, o ...client.CallOption) (any, error) {
			return c.GetProfile(ctx, o...)
		}),
	}
}

func newSuspend(n *connection) *cobra.Command {
	var in client.SuspendRequest
	cmd := &cobra.Command{
		Use: "suspend DID", Short: "Suspend an agent (admin)", Args: exactly(1),
		RunE: n.ask(about(func(ctx context.Context, c *client.Client, agent did.DID, o ...client.CallOption) (any, error) {
			in.AgentID = agent
			return c.SuspendAgent(ctx, in, o...)
		})),
	}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why, which the agent is told")
	wholeFlag(cmd, &in.DurationDays, "days", "for how many days; for good where none is given")
	return sure(required(cmd, "reason"), func(args []string) string {
		if in.DurationDays == nil {
			return "suspend " + args[0] + " for good"
		}
		return fmt.Sprintf("suspend %s for %d days", args[0], *in.DurationDays)
	})
}

func newReactivate(n *connection) *cobra.Command {
	var in client.ReactivateRequest
	cmd := &cobra.Command{
		Use: "reactivate DID", Short: "End a suspension (admin)", Args: exactly(1),
		RunE: n.ask(about(func(ctx context.Context, c *client.Client, agent did.DID, o ...client.CallOption) (any, error) {
			in.AgentID = agent
			return c.ReactivateAgent(ctx, in, o...)
		})),
	}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why")
	return required(cmd, "reason")
}

func newRoles(n *connection) *cobra.Command {
	var in client.RolesRequest
	var revoked []string
	cmd := &cobra.Command{
		Use: "roles DID", Short: "Say which roles an agent lacks, whatever its tokens say (admin)", Args: exactly(1),
		Example: "  teg agent roles did:example:eve --revoke auditor,admin --reason 'left us'\n" +
			"  teg agent roles did:example:eve --revoke '' --reason 'is back'",
		RunE: n.ask(about(func(ctx context.Context, c *client.Client, agent did.DID, o ...client.CallOption) (any, error) {
			in.AgentID, in.RevokedRoles = agent, []client.Role{}
			for _, name := range revoked {
				role, err := oneOf([]client.Role{client.RoleAuditor, client.RoleArbitrator, client.RoleAdmin, client.RoleSystem})(name)
				if err != nil {
					return nil, misused("--revoke %w", err)
				}
				in.RevokedRoles = append(in.RevokedRoles, role)
			}
			return c.SetRoles(ctx, in, o...)
		})),
	}
	cmd.Flags().StringSliceVar(&revoked, "revoke", nil, "all the roles that it is to lack, separated by commas; '' for none")
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why")
	return required(cmd, "revoke", "reason")
}
