package remote

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/client"
)

// rulings are how a dispute can be decided, in words of a command line.
var rulings = map[string]client.DisputeStatus{
	"claimant":  client.DisputeStatusResolvedFavorClaimant,
	"defendant": client.DisputeStatusResolvedFavorDefendant,
	"split":     client.DisputeStatusResolvedSplit,
}

// stages are where those who decide can move a dispute to without a ruling.
var stages = map[string]client.DisputeStatus{
	"review":      client.DisputeStatusUnderReview,
	"arbitration": client.DisputeStatusAwaitingArbitration,
	"reject":      client.DisputeStatusRejected,
}

func newRule(n *connection) *cobra.Command {
	var in client.ResolutionRequest
	var penalty *amount.Amount
	var score *int64
	cmd := &cobra.Command{
		Use: "rule DISPUTE claimant|defendant|split", Short: "Decide a dispute (arbitrator, admin)", Args: exactly(2),
		Example: "  teg dispute rule disp_… claimant --notes 'never delivered' --hold void --penalty 5",
		RunE: n.ask(onDispute(func(ctx context.Context, c *client.Client, id client.DisputeID, args []string, o ...client.CallOption) (*client.DisputeInFull, error) {
			var ok bool
			if in.ResolutionStatus, ok = rulings[strings.ToLower(args[0])]; !ok {
				return nil, misused("a ruling is for claimant, defendant or split, and not %q", args[0])
			}
			if penalty != nil || score != nil {
				in.Penalties = &client.PenaltiesRequest{TokenPenalty: penalty, ReputationAdjustment: score}
			}
			return c.ResolveDispute(ctx, id, in, o...)
		})),
	}
	f := cmd.Flags()
	f.StringVar(&in.ResolutionNotes, "notes", "", "why")
	f.BoolVar(&in.Frivolous, "frivolous", false, "the dispute was without any reason")
	choiceFlag(cmd, &in.Hold, "hold", "what becomes of the hold that it froze", client.HoldDecisionCapture, client.HoldDecisionVoid)
	amountFlag(cmd, &penalty, "penalty", "what the loser pays the other")
	wholeFlag(cmd, &score, "reputation", "the change of the loser's reputation, instead of the usual one")
	return required(cmd, "notes")
}

func newAdvance(n *connection) *cobra.Command {
	var in client.DisputeStatusRequest
	cmd := &cobra.Command{
		Use: "advance DISPUTE review|arbitration|reject", Short: "Move a dispute on without a ruling (arbitrator, admin)", Args: exactly(2),
		RunE: n.ask(onDispute(func(ctx context.Context, c *client.Client, id client.DisputeID, args []string, o ...client.CallOption) (*client.DisputeInFull, error) {
			var ok bool
			if in.Status, ok = stages[strings.ToLower(args[0])]; !ok {
				return nil, misused("a dispute goes on to review, arbitration or reject, and not %q", args[0])
			}
			return c.AdvanceDispute(ctx, id, in, o...)
		})),
	}
	cmd.Flags().StringVar(&in.Note, "note", "", "why")
	cmd.Flags().BoolVar(&in.Frivolous, "frivolous", false, "with reject: it was without any reason")
	return cmd
}
