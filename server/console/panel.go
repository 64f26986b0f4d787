package console

import (
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

// votes are what a juror can vote for.
var votes = texts([]any{client.PanelChoiceResolvedFavorClaimant, client.PanelChoiceResolvedFavorDefendant, client.PanelChoiceResolvedSplit})

// ballot is the visitor's seat in a round of a panel that has not ended, and what is to be done there.
type ballot struct {
	client.Seat
	DisputeID client.DisputeID
	Round     int
	Votes     []string
	Commit    bool // whether the hash of a vote is to be handed in
	Reveal    bool // whether the vote is to be told
}

// ballotOf is the ballot of an agent; nil where it has no seat in a round that goes on.
func ballotOf(panel *client.Panel, juror did.DID) *ballot {
	if panel == nil {
		return nil
	}
	for i := range panel.Rounds {
		round := &panel.Rounds[i]
		commits, reveals := round.Status == client.PanelStatusCommitting, round.Status == client.PanelStatusRevealing
		if !commits && !reveals {
			continue
		}
		for _, seat := range round.Seats {
			if seat.JurorAgentID != juror {
				continue
			}
			handedIn := seat.Commitment != nil
			return &ballot{
				Seat: seat, DisputeID: panel.DisputeID, Round: round.Round, Votes: votes,
				Commit: commits && !handedIn, Reveal: reveals && handedIn && seat.RevealedAt == nil,
			}
		}
	}
	return nil
}
