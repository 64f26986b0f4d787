package remote

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

func newDispute(n *connection) *cobra.Command {
	return collection("dispute", "File, answer and decide disputes", func(use string) *cobra.Command { return newDisputeList(n, use) },
		newDisputeFile(n), newDisputeShow(n), newRespond(n), newEvidence(n), newWithdraw(n), newAdvance(n), newRule(n))
}

func newDisputeList(n *connection, use string) *cobra.Command {
	var q client.ListMyDisputesQuery
	var agent did.DID
	var everybody bool
	return newList(n, listing[client.Dispute]{
		use: use, short: "List your disputes, or (arbitrator, admin) everybody's", items: "disputes",
		columns: []string{"dispute_id", "created_at", "status", "deadline", "claimant_agent_id", "defendant_agent_id", "amount", "reason_code"},
		flags: func(cmd *cobra.Command) {
			choiceFlag(cmd, &q.Role, "role", "only those where you are it", client.DisputeRoleClaimant, client.DisputeRoleDefendant)
			choiceFlag(cmd, &q.Status, "status", "only those that stand there", client.DisputeStatusOpen, client.DisputeStatusUnderReview,
				client.DisputeStatusAwaitingArbitration, client.DisputeStatusResolvedFavorClaimant, client.DisputeStatusResolvedFavorDefendant,
				client.DisputeStatusResolvedSplit, client.DisputeStatusRejected, client.DisputeStatusWithdrawn)
			cmd.Flags().BoolVar(&everybody, "everybody", false, "those of all agents")
			didFlag(cmd, &agent, "agent", "those of this agent")
		},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.Dispute, *string, error) {
			var page *client.DisputesPage
			var err error
			switch others := everybody || !agent.IsZero(); {
			case others && q.Role != "":
				return nil, nil, misused("--role is about your own disputes; leave it out with --everybody and --agent")
			case others:
				page, err = c.ListDisputes(ctx, client.ListDisputesQuery{Status: q.Status, AgentID: agent, Limit: s.limit, Cursor: s.cursor}, o...)
			default:
				q.Limit, q.Cursor = s.limit, s.cursor
				page, err = c.ListMyDisputes(ctx, q, o...)
			}
			if err != nil {
				return nil, nil, err
			}
			return page.Disputes, page.NextCursor, nil
		},
	})
}

func newDisputeFile(n *connection) *cobra.Command {
	var in client.DisputeRequest
	cmd := &cobra.Command{
		Use: "file DEFENDANT", Short: "File a dispute about a payment, a hold or a service", Args: exactly(1),
		Example: "  teg dispute file did:example:bob --transaction tx_… --reason NOT_DELIVERED --description 'due on Monday'",
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			var err error
			if in.DefendantAgentID, err = parseDID("DEFENDANT", args[0]); err != nil {
				return nil, err
			}
			if (in.TransactionID == "") == (in.AVTPTransactionID == "") {
				return nil, misused("say what it is about: --transaction or --avtp-transaction")
			}
			return c.FileDispute(ctx, in, o...)
		}),
	}
	f := cmd.Flags()
	f.StringVar((*string)(&in.TransactionID), "transaction", "", "the transaction that it is about")
	f.StringVar(&in.AVTPTransactionID, "avtp-transaction", "", "the AVTP transaction that it is about")
	f.StringVar(&in.ReasonCode, "reason", "", "why, for programs, such as NOT_DELIVERED")
	f.StringVar(&in.DisputeReasonCategory, "category", "", "the kind of reason")
	f.StringVar(&in.BriefDescription, "description", "", "why, in words")
	f.StringVar(&in.EvidencePointer, "evidence", "", "where evidence lies, such as ipfs://…")
	return required(keyed(cmd), "reason", "description")
}

// onDispute is a question about the dispute that the first argument names.
func onDispute(q func(context.Context, *client.Client, client.DisputeID, []string, ...client.CallOption) (*client.DisputeInFull, error)) question {
	return func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
		return q(ctx, c, client.DisputeID(args[0]), args[1:], o...)
	}
}

func newDisputeShow(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "show DISPUTE", Short: "Show a dispute, its evidence and what was done", Args: exactly(1),
		RunE: n.ask(onDispute(func(ctx context.Context, c *client.Client, id client.DisputeID, _ []string, o ...client.CallOption) (*client.DisputeInFull, error) {
			return c.GetDispute(ctx, id, o...)
		})),
	}
}

func newRespond(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "respond DISPUTE WORDS", Short: "Answer a dispute against you", Args: exactly(2),
		RunE: n.ask(onDispute(func(ctx context.Context, c *client.Client, id client.DisputeID, args []string, o ...client.CallOption) (*client.DisputeInFull, error) {
			return c.RespondToDispute(ctx, id, client.ResponseRequest{Response: args[0]}, o...)
		})),
	}
}

func newEvidence(n *connection) *cobra.Command {
	var in client.EvidenceRequest
	cmd := &cobra.Command{
		Use: "evidence DISPUTE POINTER", Short: "Lay evidence before those who decide", Args: exactly(2),
		RunE: n.ask(onDispute(func(ctx context.Context, c *client.Client, id client.DisputeID, args []string, o ...client.CallOption) (*client.DisputeInFull, error) {
			in.EvidencePointer = args[0]
			return c.AddEvidence(ctx, id, in, o...)
		})),
	}
	cmd.Flags().StringVar(&in.Description, "description", "", "what it is")
	return cmd
}

func newWithdraw(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "withdraw DISPUTE", Short: "Take a dispute of yours back", Args: exactly(1),
		RunE: n.ask(onDispute(func(ctx context.Context, c *client.Client, id client.DisputeID, _ []string, o ...client.CallOption) (*client.DisputeInFull, error) {
			return c.WithdrawDispute(ctx, id, o...)
		})),
	}
}
