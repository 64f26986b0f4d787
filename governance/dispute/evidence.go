package dispute

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Evidence points at what a party lays before those who decide. It never changes.
type Evidence struct {
	ID          EvidenceID
	Dispute     ID
	Seq         int64 // its place among the dispute's, from 1, without gaps
	By          did.DID
	Pointer     string // ipfs://…
	Description string // the party's words; may be empty
	At          time.Time
}

// Storage is what became of an attempt to have the content of evidence kept. There
// is none while storage could not be reached. It never changes.
type Storage struct {
	Evidence EvidenceID
	Sound    bool   // the content is what the pointer says
	Size     int64  // of the content in bytes; zero where it is not sound
	Problem  string // why it is not; empty where it is
	At       time.Time
}

// Add takes evidence of a party in.
//
// Errors: [ledger.ErrForbidden] for who is no party, [ledger.ErrInvalidState] for a
// dispute that has ended and for more than [MaxEvidence] pieces of one party.
func (d Dispute) Add(e Evidence) (Dispute, Evidence, error) {
	given := &d.Claims
	if e.By == d.Defendant {
		given = &d.Defences
	}
	switch {
	case !d.Party(e.By):
		return d, e, ledger.Refuse(ledger.ErrForbidden, "only the two parties give evidence").By("dispute.party", ledger.Word("caller", e.By.String()))
	case !d.Status.Open():
		return d, e, d.ended()
	case *given >= MaxEvidence:
		return d, e, ledger.Refuse(ledger.ErrInvalidState, "a party gives %d pieces of evidence at most", MaxEvidence).
			By("dispute.evidence", ledger.Count("given", *given), ledger.Count("maximum", MaxEvidence))
	}
	*given++
	d.UpdatedAt = e.At
	e.Dispute, e.Seq = d.ID, d.Claims+d.Defences
	return d, e, nil
}
