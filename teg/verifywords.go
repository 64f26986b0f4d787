package teg

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// tellDispute takes in what an event tells of a dispute.
func (v *verification) tellDispute(a *toldAct) {
	at := a.At
	if a.Given != "" {
		at = a.Given
	}
	switch a.Action {
	case store.VerbRaiseDispute.String(), store.VerbAdvanceDispute.String(), store.VerbResolveDispute.String(), store.VerbWithdrawDispute.String():
		v.argued.told.add(disputeStepSum(a.ReferenceID, a.Status, a.Actor, a.Reference, at, a.Until))
		if a.Until == "" {
			v.argued.told.add(disputeEndSum(a.ReferenceID, a.Penalty, a.Collected, a.Outcome, a.Frivolous))
		}
	case store.VerbRespondToDispute.String():
		v.argued.told.add(sumOf("response", a.ReferenceID, a.Actor, a.At))
	case store.VerbStoreEvidence.String():
		v.argued.told.add(sumOf("storage", a.Evidence, a.Value, a.At))
		return
	}
	if a.Private != "" {
		v.tellWords(a)
	}
	if a.Evidence != "" {
		v.argued.told.add(evidenceSum(a.Evidence, a.ReferenceID, a.Actor, a.Pointer, a.At))
	}
}

// toldWords are words of which an event holds the digest, and what they were about.
type toldWords struct {
	event  ledger.ID
	digest string
	about  []string
}

// tellWords notes what the words of an act about a dispute were about.
func (v *verification) tellWords(a *toldAct) {
	id, err := ledger.ParseID(store.EventPrefix, a.ID)
	if err != nil {
		return // found already
	}
	said := toldWords{event: id, digest: a.Private}
	switch a.Action {
	case store.VerbRaiseDispute.String():
		said.about = []string{"claim", a.ReferenceID}
	case store.VerbRespondToDispute.String():
		said.about = []string{"response", a.ReferenceID}
	case store.VerbAddEvidence.String():
		said.about = []string{"evidence", a.Evidence}
	case store.VerbAdvanceDispute.String(), store.VerbResolveDispute.String(), store.VerbWithdrawDispute.String():
		said.about = []string{"step", a.ReferenceID, a.Status, a.At}
	default:
		return
	}
	v.spoken = append(v.spoken, said)
}

// words checks that what was said in disputes is what the events hold the digests of.
// Whoever has to erase words erases them in both places, next to the event and in the
// dispute.
func (v *verification) words() error {
	ids := make([]ledger.ID, len(v.spoken))
	for i := range v.spoken {
		ids[i] = v.spoken[i].event
	}
	parts, err := v.engine.reader().PrivateParts(v.ctx, ids...)
	if err != nil {
		return err
	}
	texts := make(map[ledger.ID]*store.Private, len(parts))
	for i := range parts {
		texts[parts[i].ID] = &parts[i]
	}
	for _, said := range v.spoken {
		part := texts[said.event]
		if part == nil {
			continue // erased
		}
		if digestOfWords(part) != said.digest {
			v.find("log", store.EventID(said.event).String(), "is kept with other words than were said")
		}
		v.uttered.told.add(sumOf(append(said.about, string(part.Body))...))
	}
	v.spoken = v.spoken[:0]
	return nil
}

// keepWords takes in words that a dispute keeps.
func (v *verification) keepWords(text string, about ...string) {
	if text != "" {
		v.uttered.kept.add(sumOf(append(about, text)...))
	}
}

// digestOfWords is what an event holds of words.
func digestOfWords(p *store.Private) string {
	hash := sha256.New()
	hash.Write(p.Salt[:])
	hash.Write(p.Body)
	return hex.EncodeToString(hash.Sum(nil))
}
