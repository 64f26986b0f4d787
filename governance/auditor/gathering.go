package auditor

import "math"

// gathering estimates how many different peers an agent has dealt with within a window,
// where they are too many to be remembered each. A peer has one of so many slots, by its
// name; of a slot the gathering knows when a peer of it was last dealt with, to a part of
// the window. How many slots are empty tells how many peers there are: mostly within a
// twentieth at 150, and a tenth at 1,000.
type gathering struct {
	slots [gatheringSlots]uint8 // by step, from 1; 0: nobody
	taken int
	step  int64 // up to which slots were cleared
	lost  int64 // when the newest peer was dealt with that is on no tape any more
}

const (
	gatheringSlots = 256 // as many as a byte has values
	gatheringSteps = 64  // in a window
	gatheringTurn  = 255 // steps after which they have the same name
)

// gather begins with all peers of a window.
func gather(met *tape, window int64) *gathering {
	g := &gathering{}
	for r := range met.all(acquaintance) {
		g.meet(r.slot, r.at, window)
	}
	return g
}

// meet takes note of a peer. Times never go back.
func (g *gathering) meet(slot uint8, at, window int64) {
	g.clear(floor(at, max(1, window/gatheringSteps)))
	if g.slots[slot] == 0 {
		g.taken++
	}
	g.slots[slot] = nameOf(g.step)
}

// clear frees the slots of those whom the agent has last dealt with too long ago.
func (g *gathering) clear(step int64) {
	if step == g.step {
		return
	}
	passed := min(step-g.step, gatheringSteps)
	now := int64(nameOf(g.step))
	for i, named := range g.slots {
		if named == 0 {
			continue
		}
		if age := (now + gatheringTurn - int64(named)) % gatheringTurn; age+passed >= gatheringSteps {
			g.slots[i] = 0
			g.taken--
		}
	}
	g.step = step
}

// nameOf is what stands for a step in a slot.
func nameOf(step int64) uint8 { return uint8(1 + step - floor(step, gatheringTurn)*gatheringTurn) }

// estimates has the most likely number of peers by how many slots are taken.
var estimates = func() (list [gatheringSlots + 1]int) {
	for taken := range list {
		empty := max(float64(gatheringSlots-taken), 0.5)
		list[taken] = int(math.Round(gatheringSlots * math.Log(gatheringSlots/empty)))
	}
	return list
}()

func (g *gathering) estimate() int { return estimates[g.taken] }
