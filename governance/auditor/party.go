package auditor

import (
	"crypto/sha256"

	"github.com/agentvault/teg-layer/ledger/did"
)

// party is a number that stands for an agent in what rules remember: it takes
// a quarter of the room that a DID does, and has no pointer. It is not the same after a
// replay, and decides nothing. 0 is nobody.
type party uint32

// known is what a pack knows of a party.
type known struct {
	party
	slot uint8 // of its name, the same in every replay
}

// parties gives agents their numbers. An agent that has done nothing for as long as any
// rule looks back gets another.
type parties struct {
	of   memory[did.DID, known]
	made party
}

func (p *parties) find(agent did.DID, now int64) known {
	if agent.IsZero() {
		return known{}
	}
	given := p.of.of(agent, now)
	if given.party == 0 {
		p.made++
		*given = known{p.made, sha256.Sum256([]byte(agent.String()))[0]}
	}
	return *given
}
