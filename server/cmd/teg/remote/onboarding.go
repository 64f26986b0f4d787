package remote

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

func newBootstrapToken(n *connection) *cobra.Command {
	cmd := &cobra.Command{
		Use: "bootstrap-token", Short: "Invitations of agents", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return misused("which? see: %s --help", cmd.CommandPath()) },
	}
	cmd.AddCommand(newInvitation(n), newInvitationCheck(n))
	return cmd
}

func newInvitation(n *connection) *cobra.Command {
	var in client.InvitationRequest
	cmd := &cobra.Command{
		Use: "new", Short: "Invite an agent, by a token that is shown once (admin)", Args: exactly(0),
		RunE: n.ask(func(ctx context.Context, c *client.Client, _ []string, o ...client.CallOption) (any, error) {
			return c.IssueBootstrapToken(ctx, in, o...)
		}),
	}
	cmd.Flags().StringVar(&in.AgentTypeHint, "type-hint", "", "what kind of agent it is meant for")
	cmd.Flags().StringVar(&in.RequestedBy, "requested-by", "", "who asked for it")
	wholeFlag(cmd, &in.ExpiresInHours, "hours", "for how long it can be used (default: the server's)")
	return cmd
}

func newInvitationCheck(n *connection) *cobra.Command {
	cmd := &cobra.Command{
		Use: "check -", Short: "Ask whether a bootstrap token, read from stdin, can be used", Args: exactly(1),
		Long:    "Asks whether a bootstrap token, read from stdin, can be used. Exits with 1 where it cannot.",
		Example: "  teg bootstrap-token check - < invitation && teg agent register - < invitation",
	}
	good := false
	ask := n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
		token, err := readSecret(cmd, args[0])
		if err != nil {
			return nil, err
		}
		said, err := c.ValidateBootstrapToken(ctx, client.ValidationRequest{BootstrapToken: token}, o...)
		good = err == nil && said.Valid
		return said, err
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := ask(cmd, args); err != nil || good {
			return err
		}
		return &Error{code: exitFailed, text: "the token cannot be used"}
	}
	return cmd
}

func newRegister(n *connection) *cobra.Command {
	var metadata string
	cmd := &cobra.Command{
		Use: "register -", Short: "Come in with a bootstrap token, read from stdin", Args: exactly(1),
		Long: "Registers the agent of the key or the token that you give, with a bootstrap token\n" +
			"that is read from stdin.",
		Example: "  teg agent register - --key-file agent.pem < invitation",
	}
	cmd.RunE = n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
		in := client.RegistrationRequest{}
		var err error
		if in.BootstrapToken, err = readSecret(cmd, args[0]); err != nil {
			return nil, err
		}
		if metadata != "" {
			if in.Metadata, err = readData(cmd, metadata); err != nil {
				return nil, err
			}
		}
		if in.AgentDID, err = n.myself(ctx, c); err != nil {
			return nil, err
		}
		return c.Register(ctx, in, o...)
	})
	cmd.Flags().StringVar(&metadata, "metadata", "", "what there is to say of the agent: JSON, or @FILE")
	return cmd
}

// myself is the caller's DID: that of --did, of the key, or of the token.
func (n *connection) myself(ctx context.Context, c *client.Client) (did.DID, error) {
	token, err := c.AccessToken(ctx)
	if err != nil {
		return did.DID{}, err
	}
	return subject(token)
}

// readSecret reads a secret from stdin: everybody on a machine can read arguments.
func readSecret(cmd *cobra.Command, given string) (string, error) {
	if given != "-" {
		return "", misused("give the token on stdin, and say -: others on this machine can read arguments")
	}
	text, err := readAll(cmd.Context(), "stdin", cmd.InOrStdin(), maxSecret)
	return strings.TrimSpace(string(text)), err
}
