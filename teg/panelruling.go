package teg

import (
	"context"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
)

var endOfChoice = map[panel.Choice]DisputeStatus{
	panel.ForClaimant: dispute.FavorClaimant, panel.ForDefendant: dispute.FavorDefendant, panel.Split: dispute.Split,
}

// panelRuling is what follows from the choice of a panel. Jurors say who is right and
// nothing more. Where that is who paid, it has back what is in dispute: a hold that is
// frozen is voided, and what was paid is the penalty. Where it is who was to be paid,
// the hold is captured.
func (p *agentPanel) panelRuling(ctx context.Context, r *panel.Round, seats []panel.Seat) (Ruling, bool, error) {
	found, _, err := p.reader().Disputes(ctx, dispute.Query{IDs: []DisputeID{r.Dispute}, Limit: 1})
	if err != nil || len(found) == 0 {
		return Ruling{}, false, outward(err)
	}
	of := &found[0]
	payer, err := p.payerIn(ctx, of)
	if err != nil {
		return Ruling{}, false, err
	}
	ruling := Ruling{Resolution: endOfChoice[r.Choice], Notes: panelNotes(r, seatsIn(seats, r.ID))}
	winner := map[panel.Choice]DID{panel.ForClaimant: of.Claimant, panel.ForDefendant: of.Defendant}[r.Choice]
	switch {
	case winner.IsZero():
	case !of.Hold.IsZero() && winner == payer:
		ruling.Hold = "void"
	case !of.Hold.IsZero():
		ruling.Hold = "capture"
	case winner == of.Claimant && !of.Value.IsZero() && (payer == of.Claimant || payer.IsZero()):
		ruling.Penalty = &of.Value
	}
	return ruling, true, nil
}
