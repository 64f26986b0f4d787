package teg

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/store"
)

// panelAct is what the event of a round says, whatever became of it.
func panelAct(verb store.Verb, r *panel.Round) act {
	return act{action: verb.String(), reference: r.ID.String(), referenceID: r.Dispute.String(), status: r.State.String(), until: r.Deadline}
}

// drawObject is what the log tells of a draw: all that it was made from, the roll by
// its hash, and who got the seats.
func drawObject(r *panel.Round, seats []panel.Seat) []byte {
	w := canonical{}
	w.text("event", r.Event)
	w.number("number", int64(r.Number))
	w.text("passed", r.Passed)
	w.amount("penalty", r.Penalty)
	w.number("position", r.Position)
	w.amount("reward", r.Reward)
	roll := sha256.Sum256([]byte(r.Roll))
	w.text("roll", hex.EncodeToString(roll[:]))
	w.objects("seats", len(seats), func(i int) []byte {
		s := canonical{}
		s.text("id", seats[i].ID.String())
		s.text("juror", seats[i].Juror.String())
		s.amount("pinned", seats[i].Pinned)
		s.amount("weight", seats[i].Weight)
		return append(s.b, '}')
	})
	w.text("secret", r.Secret)
	w.text("seed", r.Seed)
	w.number("size", int64(r.Size))
	return append(w.b, '}')
}

// closeObject is what the log tells of the end of a round: what was taken from its
// members, and what they got.
func closeObject(seats []panel.Seat) []byte {
	w := canonical{}
	w.objects("seats", len(seats), func(i int) []byte {
		s := canonical{}
		s.text("id", seats[i].ID.String())
		s.amount("penalty", seats[i].Penalty)
		s.amount("reward", seats[i].Reward)
		return append(s.b, '}')
	})
	if len(w.b) == 0 {
		return nil
	}
	return append(w.b, '}')
}
