package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type disputeStatusRequest api.DisputeStatusRequest

func (in *disputeStatusRequest) check(f *faults) { f.text("note", in.Note, teg.MaxDisputeNotes) }

func putDisputeStatus(c *call, in *disputeStatusRequest) (answer, error) {
	d, err := c.engine().AdvanceDispute(c.ctx, teg.AdvanceDisputeParams{
		By: c.caller.Agent, DisputeID: c.disputeID(), Status: in.Status, Note: orZero(in.Note), Frivolous: orZero(in.Frivolous),
	})
	return c.disputeAnswer(&d, valued(err, "status", in.Status.String()))
}

type resolveRequest api.ResolutionRequest

func (in *resolveRequest) check(f *faults) {
	f.filled("resolution_notes", in.ResolutionNotes, teg.MaxDisputeNotes)
	if in.Hold != nil {
		if *in.Hold != "capture" && *in.Hold != "void" {
			f.add("hold", "must be capture or void", in.Hold)
		}
	}
	if in.Penalties == nil {
		return
	}
	f.between("penalties.reputation_adjustment", in.Penalties.ReputationAdjustment, teg.LowestScore, teg.HighestScore)
	f.sum("penalties.token_penalty", in.Penalties.TokenPenalty)
}

func putResolution(c *call, in *resolveRequest) (answer, error) {
	p := teg.ResolveDisputeParams{
		By: c.caller.Agent, DisputeID: c.disputeID(), Resolution: in.ResolutionStatus, Notes: in.ResolutionNotes, Frivolous: orZero(in.Frivolous),
	}
	var err error
	if p.Hold, err = teg.ParseHoldRuling(orZero(in.Hold)); err != nil {
		return answer{}, err
	}
	if in.Penalties != nil {
		p.Penalty = orZero(in.Penalties.TokenPenalty)
		if in.Penalties.ReputationAdjustment != nil {
			points := int(*in.Penalties.ReputationAdjustment)
			p.Reputation = &points
		}
	}
	d, err := c.engine().ResolveDispute(c.ctx, p)
	return c.disputeAnswer(&d, valued(err, "resolution_status", in.ResolutionStatus.String()))
}
