package teg

import "github.com/agentvault/teg-layer/governance/panel"

// Panels, under the names of this package.
type (
	// PanelTerms are the parameters of panels that judge disputes.
	PanelTerms = panel.Terms
	// PanelRoundID names a round of a panel: "panel_" and 32 hex digits.
	PanelRoundID = panel.RoundID
	// PanelSeatID names a seat: "seat_" and 32 hex digits.
	PanelSeatID = panel.SeatID
	// PanelRound is one jury of a dispute.
	PanelRound = panel.Round
	// PanelSeat is a place in a round, and what its member did.
	PanelSeat = panel.Seat
	// PanelStep is one change of a round.
	PanelStep = panel.Step
	// PanelState is where a round stands.
	PanelState = panel.State
	// PanelChoice is what a member of a panel finds.
	PanelChoice = panel.Choice
)

// What a member can find, and where a round can stand.
const (
	ChoiceForClaimant  = panel.ForClaimant
	ChoiceForDefendant = panel.ForDefendant
	ChoiceSplit        = panel.Split

	PanelCommitting = panel.Committing
	PanelRevealing  = panel.Revealing
	PanelRuled      = panel.Ruled
	PanelRedrawn    = panel.Redrawn
	PanelFailed     = panel.Failed
	PanelDropped    = panel.Dropped

	MinSalt = panel.MinSalt
	MaxSalt = panel.MaxSalt
)

// DefaultPanelTerms are three seats, three days to commit and two to reveal; package
// panel has the rest.
func DefaultPanelTerms() PanelTerms { return panel.DefaultTerms() }

// ParsePanelChoice reads the text form of a choice, such as "RESOLVED_SPLIT".
func ParsePanelChoice(text string) (PanelChoice, error) { return panel.ParseChoice(text) }

// CheckCommitment refuses what cannot be a commitment.
func CheckCommitment(text string) error { return panel.CheckCommitment(text) }

// CheckSalt refuses what cannot be the salt of a commitment.
func CheckSalt(text string) error { return panel.CheckSalt(text) }

// Commitment is what a juror hands in before it says what it chose; its salt is a
// secret of at least [MinSalt] characters that it keeps until then.
func Commitment(d DisputeID, round int, juror DID, choice PanelChoice, salt string) string {
	return panel.Commitment(d.String(), round, juror, choice, salt)
}
