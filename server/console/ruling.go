package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

// ruling is an end that a dispute can have, and what it would move.
type ruling struct {
	End       client.DisputeStatus
	Frivolous bool
	Moves     []move
	Hold      string // what becomes of the frozen hold; empty without one
	Scores    []scored
	Refused   string          // why the server would refuse it now; empty where it would not, or does not tell
	Collected *client.Dispute // as it would be then; nil where the server does not tell
	Act       string          // address of the form; empty where it cannot be chosen now
}

// move is value that would go to somebody.
type move struct {
	What string
	To   string // a DID, or the treasury
	Sum  amount.Amount
}

// scored is by how much a score would change.
type scored struct {
	Agent did.DID
	By    int
}

// ends are the rulings, in the order in which they are shown.
var ends = []dispute.Verdict{
	{End: dispute.FavorClaimant}, {End: dispute.FavorDefendant}, {End: dispute.Split}, {End: dispute.Rejected}, {End: dispute.Rejected, Frivolous: true},
}

// rulings are what each end would move: fee, bond, hold and scores by the rule itself, and what a
// penalty would collect by what the server says of it.
func (v *visit) rulings(page *disputePage) ([]ruling, error) {
	points, err := v.points()
	if err != nil {
		return nil, err
	}
	wanted := page.wanted()
	var list []ruling
	for _, verdict := range ends {
		lost := verdict.End == dispute.FavorClaimant || verdict.End == dispute.FavorDefendant
		if lost {
			verdict.Penalty, verdict.Reputation = wanted.Penalty, wanted.Reputation
		}
		if verdict.End.Ruled() {
			verdict.Hold = wanted.Hold
		}
		one := page.ruling(verdict, points)
		if one.Act = page.actOf(v, verdict); verdict.End.Ruled() && page.Resolve && page.Arbiter {
			if err := one.foresee(v, page.DisputeID, verdict); err != nil {
				return nil, err
			}
		}
		list = append(list, one)
	}
	return list, nil
}

// points are by how much scores change now.
func (v *visit) points() (dispute.Points, error) {
	terms, err := v.api.GetTerms(v.r.Context(), client.GetTermsQuery{})
	if err != nil {
		return dispute.Points{}, err
	}
	var told struct {
		Lost int `json:"reputation_dispute_lost"`
		Won  int `json:"reputation_dispute_won"`
	}
	err = json.Unmarshal(terms.Economic, &told)
	return dispute.Points(told), err
}

// wanted is what a ruling is to impose, as the address says.
func (p *disputePage) wanted() dispute.Verdict {
	var wanted dispute.Verdict
	f := p.Filter
	var err error
	if text := f.Given["penalty"]; text != "" {
		if wanted.Penalty, err = amount.Parse(text); err != nil {
			f.Faults["penalty"] = "that is no amount; it is like 12.5"
		}
	}
	if text := f.Given["reputation"]; text != "" {
		points, err := strconv.Atoi(text)
		if wanted.Reputation = &points; err != nil {
			wanted.Reputation, f.Faults["reputation"] = nil, "that is no whole number"
		}
	}
	if wanted.Hold, err = dispute.ParseHoldRuling(f.Given["hold"]); err != nil {
		f.Faults["hold"] = "it is capture or void"
	}
	return wanted
}

// ruling is what an end would move.
func (p *disputePage) ruling(verdict dispute.Verdict, points dispute.Points) ruling {
	d := dispute.Dispute{Fee: p.FeeAmount, Bond: p.BondAmount}
	if p.HoldID != nil && p.HoldOutcome == nil {
		d.Hold = ledger.HoldID{1} // which one it is changes nothing
	}
	s := d.Settle(verdict, points)
	one := ruling{End: client.DisputeStatus(verdict.End.String()), Frivolous: verdict.Frivolous}
	for _, share := range s.Fee {
		one.Moves = append(one.Moves, move{"fee", p.side(share.To), share.Sum})
	}
	for _, share := range s.Bond {
		one.Moves = append(one.Moves, move{"bond", p.side(share.To), share.Sum})
	}
	if !s.Penalty.IsZero() {
		one.Moves = append(one.Moves, move{"penalty of the other", p.side(s.Loser.Other()), s.Penalty})
	}
	if s.Hold != 0 {
		one.Hold = map[dispute.HoldEnd]string{
			dispute.HoldReturned: "is active again", dispute.HoldCaptured: "its receiver is paid all of it", dispute.HoldVoided: "its payer has all of it back",
		}[s.Hold]
	}
	for _, side := range []dispute.Side{dispute.Claimant, dispute.Defendant} {
		if by := s.Reputation[side]; by != 0 {
			one.Scores = append(one.Scores, scored{p.agent(side), by})
		}
	}
	return one
}

func (p *disputePage) agent(side dispute.Side) did.DID {
	if side == dispute.Claimant {
		return p.ClaimantAgentID
	}
	return p.DefendantAgentID
}

func (p *disputePage) side(side dispute.Side) string {
	if side == dispute.Treasury {
		return "the treasury"
	}
	return p.agent(side).String()
}

// request is a ruling as it is sent.
func request(verdict dispute.Verdict, notes string) client.ResolutionRequest {
	sent := client.ResolutionRequest{ResolutionStatus: client.DisputeStatus(verdict.End.String()), ResolutionNotes: notes}
	switch verdict.Hold {
	case dispute.HoldCaptured:
		sent.Hold = client.HoldDecisionCapture
	case dispute.HoldVoided:
		sent.Hold = client.HoldDecisionVoid
	}
	if !verdict.Penalty.IsZero() || verdict.Reputation != nil {
		sent.Penalties = new(client.PenaltiesRequest)
		if !verdict.Penalty.IsZero() {
			sent.Penalties.TokenPenalty = &verdict.Penalty
		}
		if verdict.Reputation != nil {
			points := int64(*verdict.Reputation)
			sent.Penalties.ReputationAdjustment = &points
		}
	}
	return sent
}

// foresee asks the server what a ruling would collect.
func (r *ruling) foresee(v *visit, id client.DisputeID, verdict dispute.Verdict) error {
	told, err := v.foresee(http.MethodPut, "/admin/disputes/"+url.PathEscape(string(id))+"/resolve", request(verdict, "asked before it is decided"))
	if err != nil || told == nil {
		return err
	}
	if !told.Allowed {
		r.Refused = told.Error.Message
		return nil
	}
	r.Collected = new(client.Dispute)
	return json.Unmarshal(told.Answer, r.Collected)
}

// actOf is the form by which an end is chosen, where it can be.
func (p *disputePage) actOf(v *visit, verdict dispute.Verdict) string {
	query := url.Values{"dispute_id": {string(p.DisputeID)}}
	switch rejected := verdict.End == dispute.Rejected; {
	case !p.Arbiter || rejected == p.Resolve: // it is rejected before arbitration, and ruled in it
		return ""
	case rejected:
		query.Set("status", verdict.End.String())
		if verdict.Frivolous {
			query.Set("frivolous", "true")
		}
		return v.console.config.Base + "/acts/dispute-move?" + query.Encode()
	}
	sent := request(verdict, "")
	query.Set("resolution_status", string(sent.ResolutionStatus))
	query.Set("hold", string(sent.Hold))
	if sent.Penalties != nil && sent.Penalties.TokenPenalty != nil {
		query.Set("penalties.token_penalty", sent.Penalties.TokenPenalty.String())
	}
	if sent.Penalties != nil && sent.Penalties.ReputationAdjustment != nil {
		query.Set("penalties.reputation_adjustment", fmt.Sprint(*sent.Penalties.ReputationAdjustment))
	}
	return v.console.config.Base + "/acts/dispute-resolve?" + query.Encode()
}
