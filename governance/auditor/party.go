package auditor

import "github.com/agentvault/teg-layer/ledger/did"

// party is a number that stands for an agent in what rules remember of others: it takes
// a quarter of the room that a DID does, and has no pointer. It is not the same after a
// replay, and decides nothing. 0 is nobody.
type party uint32

// parties gives agents their numbers. An agent that has done nothing for as long as any
// rule looks back gets another.
type parties struct {
	of   memory[did.DID, party]
	made party
}

func (p *parties) find(agent did.DID, now int64) party {
	if agent.IsZero() {
		return 0
	}
	given := p.of.of(agent, now)
	if *given == 0 {
		p.made++
		*given = p.made
	}
	return *given
}
