package remote

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

func newAttest(n *connection) *cobra.Command {
	var in client.AttestationRequest
	var data, proof string
	cmd := &cobra.Command{Use: "attest TYPE", Short: "Attest something, for a reward that a policy promises", Args: exactly(1)}
	cmd.Example = "  teg attest uptime --data '{\"hours\": 24}'\n  teg attest fair_markup --data @data.json --proof @proof.json"
	cmd.RunE = n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
		given, err := readData(cmd, data)
		if err == nil && proof != "" {
			in.ZKPProof = new(client.Proof)
			err = readInto(cmd, proof, in.ZKPProof)
		}
		if err != nil {
			return nil, err
		}
		in.AttestationType, in.AttestationData = args[0], given
		return c.SubmitAttestation(ctx, in, o...)
	})
	cmd.Flags().StringVar(&data, "data", "{}", dataUsage("what is attested"))
	cmd.Flags().StringVar(&proof, "proof", "", dataUsage("a proof with circuit_id, public_inputs and proof"))
	cmd.Flags().StringVar(&in.StoragePointer, "pointer", "", "where the evidence lies, such as ipfs://…")
	return keyed(cmd)
}

func newAttestations(n *connection) *cobra.Command {
	return collection("attestations", "Attestations, and their review", func(use string) *cobra.Command { return newAttestationList(n, use) },
		newAttestationShow(n), newAttestationReview(n))
}

func newAttestationList(n *connection, use string) *cobra.Command {
	var status client.AttestationStatus
	var agent did.DID
	var everybody bool
	return newList(n, listing[client.Attestation]{
		use: use, short: "List what you have attested, or (admin, auditor) everybody", items: "submissions",
		columns: []string{"submission_id", "submitted_at", "status", "agent_id", "policy_code", "reward_amount", "storage_status"},
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar((*string)(&status), "status", "", "only those that stand there, such as pending_review")
			cmd.Flags().BoolVar(&everybody, "everybody", false, "those of all agents")
			didFlag(cmd, &agent, "agent", "those of this agent")
		},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.Attestation, *string, error) {
			var page *client.AttestationsPage
			var err error
			if everybody || !agent.IsZero() {
				page, err = c.ListAllAttestations(ctx, client.ListAllAttestationsQuery{Status: status, AgentID: agent, Limit: s.limit, Cursor: s.cursor}, o...)
			} else {
				page, err = c.ListAttestations(ctx, client.ListAttestationsQuery{Status: status, Limit: s.limit, Cursor: s.cursor}, o...)
			}
			if err != nil {
				return nil, nil, err
			}
			return page.Submissions, page.NextCursor, nil
		},
	})
}

func newAttestationShow(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "show ATTESTATION", Short: "Show an attestation, its data and what became of it", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.GetAttestation(ctx, client.AttestationID(args[0]), o...)
		}),
	}
}

func newAttestationReview(n *connection) *cobra.Command {
	var in client.AttestationReviewRequest
	cmd := &cobra.Command{
		Use: "review ATTESTATION accept|reject", Short: "Decide about an attestation (admin, auditor)", Args: exactly(2),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			switch decision := strings.ToLower(args[1]); decision {
			case "accept", "reject":
				in.Approved = decision == "accept"
				return c.ReviewAttestation(ctx, client.AttestationID(args[0]), in, o...)
			}
			return nil, misused("an attestation is accepted or rejected: say accept or reject, and not %q", args[1])
		}),
	}
	cmd.Flags().StringVar(&in.Notes, "notes", "", "why")
	return keyed(cmd)
}
