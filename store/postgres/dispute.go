package postgres

import (
	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	disputes       = keep(&bunstore.Disputes)
	disputeSteps   = keep(&bunstore.DisputeSteps)
	evidence       = keep(&bunstore.Evidence)
	storedEvidence = keep(&bunstore.StoredEvidence)

	findDisputes = statement{"find_disputes", selectFrom(&bunstore.Disputes) + `id = ANY($1::uuid[])
		OR status <= 3 AND (cause = ANY($2::uuid[]) OR claimant = ANY($3::text[]) OR defendant = ANY($3::text[])) ORDER BY id`}
)

// loadDisputes finds what is needed, behind the locks of the parties' rows.
func (l *loaded) loadDisputes(calls []call, need *dispute.Need) []call {
	if need.Empty() {
		return calls
	}
	return append(calls, ask(findDisputes, scanInto(&bunstore.Disputes, &l.rows.Disputes), uuids(need.IDs), uuids(need.About), owners(need.OpenOf)))
}

// disputeCalls change what was loaded before they make what is new: a dispute that
// has ended makes room for another about the same.
func disputeCalls(c *store.Changes) (calls []call) {
	calls = disputes.changeCall(calls, c.Disputes.Changed)
	calls = disputes.insertCall(calls, c.Disputes.Filed)
	calls = disputeSteps.insertCall(calls, c.Disputes.Steps)
	calls = evidence.insertCall(calls, c.Disputes.Evidence)
	return storedEvidence.insertCall(calls, c.Disputes.Storage)
}
