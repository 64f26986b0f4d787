package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// disputeOf is a dispute. What it was filed with is in fee_amount and bond_amount, what is
// disputed in amount; what of a penalty the ruling could not collect is in
// penalty_outstanding, also once it has been paid.
func disputeOf(d *teg.Dispute) api.Dispute {
	return api.Dispute{
		DisputeID: d.ID, ClaimantAgentID: d.Claimant, DefendantAgentID: d.Defendant, Status: d.Status, Deadline: stampOrNull(d.Deadline),
		TransactionID: known(d.Cause.Transaction), AVTPTransactionID: orNull(d.Cause.AVTP), HoldID: known(d.Hold),
		ReasonCode: d.Reason, DisputeReasonCategory: orNull(d.Category), BriefDescription: d.Description,
		Amount: d.Value, FeeAmount: d.Fee, BondAmount: d.Bond, PinnedStake: d.Pinned,
		Response: orNull(d.Response), RespondedAt: stampOrNull(d.RespondedAt), Frivolous: d.Frivolous, HoldOutcome: orNull(d.HoldEnd.String()),
		ResolutionNotes: orNull(d.Notes), TokenPenalty: d.Penalty, PenaltyCollected: d.Collected, PenaltyOutstanding: d.Outstanding(),
		CreatedAt: stamp(d.FiledAt), UpdatedAt: stamp(d.UpdatedAt),
	}
}

func viewOf(d *teg.Dispute, evidence []teg.DisputeEvidence, timeline []teg.DisputeStep) api.DisputeInFull {
	body := api.DisputeInFull{
		Dispute: disputeOf(d), Evidence: make([]api.Evidence, len(evidence)), Timeline: make([]api.DisputeStep, len(timeline)),
	}
	for i := range evidence {
		e := &evidence[i]
		body.Evidence[i] = api.Evidence{
			EvidenceID: e.ID, AgentID: e.By, EvidencePointer: e.Pointer, Description: orNull(e.Description), CreatedAt: stamp(e.At),
			StorageStatus: storageStatus(e), StorageProblem: orNull(e.Storage.Problem),
		}
	}
	for i := range timeline {
		s := &timeline[i]
		body.Timeline[i] = api.DisputeStep{To: s.To, Actor: known(s.By), Timestamp: stamp(s.At), Note: orNull(s.Note)}
		if s.From != 0 {
			body.Timeline[i].From = &s.From
		}
	}
	return body
}

// storageStatus is unverified until the content has been fetched, then verified, or
// rejected with why.
func storageStatus(e *teg.DisputeEvidence) api.EvidenceStatus {
	switch {
	case e.Storage.At.IsZero():
		return api.EvidenceStatusUnverified
	case e.Storage.Sound:
		return api.EvidenceStatusVerified
	}
	return api.EvidenceStatusRejected
}
