package console

import (
	"errors"

	"github.com/agentvault/teg-layer/server/client"
)

// entryPage is one act as the log has it, with the proof that it does.
type entryPage struct {
	ID    client.EventID
	Proof *client.InclusionProof // nil while no checkpoint covers it
	Facts []fact                 // what the event says
}

func entry(v *visit) (any, error) {
	page := entryPage{ID: client.EventID(v.r.PathValue("id"))}
	var err error
	page.Proof, err = v.api.GetEntryProof(v.r.Context(), page.ID, client.GetEntryProofQuery{})
	if errors.Is(err, client.ErrUnavailable) { // it is not in the tree yet, which passes
		return page, nil
	}
	if err != nil {
		return nil, err
	}
	page.Facts = facts([]byte(page.Proof.Event))
	return page, nil
}
