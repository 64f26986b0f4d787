// Package auditor is the rules that look for conduct an auditor should see: a
// burst of payments, value that runs in a circle, a group that praises itself.
// They read committed events, one after the other in the order of their commits,
// and say what they found. They never hold up or move anything.
//
//	pack := auditor.NewPack()
//	for event := range log {
//		for _, finding := range pack.Observe(event) {
//			...
//		}
//	}
//
// # Time
//
// There is no clock but that of the events. Servers' clocks differ a little, so
// an event may bear an earlier time than the one before it; it is then taken to
// have happened at the newest time so far. So time never goes back, nothing that
// is remembered is lost by it, and a window is wrong by no more than the clocks
// are. A server whose clock is far ahead would make everything that follows look
// like an instant: the clocks must agree to seconds.
//
// "Within a window" is less than its length apart. Half of a burst is not lost at
// an edge: a rule looks back from each event over a whole window.
//
// # One finding per rule, agent and window
//
// What a rule has found about an agent it says once per window of its length,
// counted from 1970. The [Finding] bears the beginning of that window, so that
// rule, agent and beginning name it: whoever keeps findings can refuse the second
// of a name, and a replay finds the same names again. Conduct that goes on over an
// edge is found once on each side.
//
// # State
//
// A [Pack] keeps its state in memory and nowhere else. To rebuild it as of an
// event, observe all events from the first whose time is not before that event's
// time less [Pack.Horizon], and drop what is found on the way: from there on the
// findings are those of a pack that has seen everything. A rule that is switched
// on begins with nothing, and so does one whose thresholds change; rebuild the pack
// with the new settings where that must not be.
//
// Memory is bounded: a rule keeps a limited number of entries for each agent and
// forgets agents that have done nothing for as long as it looks back. No event
// costs more where there are more agents.
//
// # What the rules are worth
//
// docs/auditor.md describes each rule, why its thresholds are what they are, and
// what it does not see.
package auditor
