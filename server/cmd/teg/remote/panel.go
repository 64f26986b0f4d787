package remote

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/server/client"
)

// votes are what a juror can vote for, in words of a command line.
var votes = map[string]client.PanelChoice{
	"claimant":  client.PanelChoiceResolvedFavorClaimant,
	"defendant": client.PanelChoiceResolvedFavorDefendant,
	"split":     client.PanelChoiceResolvedSplit,
}

func newPanel(n *connection) *cobra.Command {
	return collection("panel", "Judge disputes as a juror", func(use string) *cobra.Command { return newSeatList(n, use) },
		newPanelShow(n), newCommit(n), newReveal(n))
}

func newSeatList(n *connection, use string) *cobra.Command {
	var q client.ListPanelsQuery
	return newList(n, listing[client.TakenSeat]{
		use: use, short: "List your seats in panels, the newest first", items: "panels",
		columns: []string{"dispute_id", "round", "status", "deadline", "seat", "committed_at", "choice", "penalty", "reward"},
		flags: func(cmd *cobra.Command) {
			cmd.Flags().BoolVar(&q.OpenOnly, "open", false, "only those of rounds that go on")
		},
		page: func(ctx context.Context, c *client.Client, _ []string, s span, o ...client.CallOption) ([]client.TakenSeat, *string, error) {
			q.Limit, q.Cursor = s.limit, s.cursor
			page, err := c.ListPanels(ctx, q, o...)
			if err != nil {
				return nil, nil, err
			}
			return page.Panels, page.NextCursor, nil
		},
	})
}

func newPanelShow(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "show DISPUTE", Short: "Show the panel of a dispute", Args: exactly(1),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			return c.GetPanel(ctx, client.DisputeID(args[0]), o...)
		}),
	}
}

func newCommit(n *connection) *cobra.Command {
	var salt string
	cmd := &cobra.Command{
		Use: "commit DISPUTE claimant|defendant|split", Short: "Vote, without telling it yet", Args: exactly(2),
		Long: "Commits your vote in the round of a dispute that goes on. The salt that hides it is printed\n" +
			"before the vote is sent: keep it, `teg panel reveal` needs it.",
	}
	cmd.RunE = n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
		choice, ok := votes[strings.ToLower(args[1])]
		if !ok {
			return nil, misused("a vote is for claimant, defendant or split, and not %q", args[1])
		}
		seat, err := openSeat(ctx, c, client.DisputeID(args[0]))
		if err != nil {
			return nil, err
		}
		if salt == "" {
			salt = rand.Text()
			if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "keep this until votes are told: teg panel reveal %s %s %s\n", plain(args[0]), args[1], salt); err != nil {
				return nil, err
			}
		}
		var vote panel.Choice
		if err := vote.UnmarshalText([]byte(choice)); err != nil {
			return nil, err
		}
		commitment := panel.Commitment(args[0], seat.Round, seat.JurorAgentID, vote, salt)
		return c.CommitVote(ctx, seat.DisputeID, client.CommitRequest{Commitment: commitment}, o...)
	})
	cmd.Flags().StringVar(&salt, "salt", "", "what hides the vote, 22 to 128 random characters; made where none is given")
	return cmd
}

// openSeat is the caller's seat in the round of a dispute that goes on.
func openSeat(ctx context.Context, c *client.Client, id client.DisputeID) (*client.TakenSeat, error) {
	for seat, err := range c.AllPanels(ctx, client.ListPanelsQuery{OpenOnly: true}) {
		if _, asked := client.AttemptOf(err); err != nil && !asked { // the pages do not end
			return nil, &Error{code: exitFailed, text: plain(err.Error()), err: err}
		}
		if err != nil {
			return nil, err
		}
		if seat.DisputeID == id {
			return &seat, nil
		}
	}
	return nil, &Error{code: exitRefused, text: plain(fmt.Sprintf("you have no seat in a round of %s that goes on; see: teg panel list", id))}
}

func newReveal(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "reveal DISPUTE claimant|defendant|split SALT", Short: "Tell your vote", Args: exactly(3),
		RunE: n.ask(func(ctx context.Context, c *client.Client, args []string, o ...client.CallOption) (any, error) {
			choice, ok := votes[strings.ToLower(args[1])]
			if !ok {
				return nil, misused("a vote is for claimant, defendant or split, and not %q", args[1])
			}
			return c.RevealVote(ctx, client.DisputeID(args[0]), client.RevealRequest{Choice: choice, Salt: args[2]}, o...)
		}),
	}
}
