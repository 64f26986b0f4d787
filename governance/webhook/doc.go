// Package webhook says what a subscription to events is, what can become of it, and
// when what could not be delivered is tried again.
//
// A webhook is an address that is told of events, in the order of the log: by an agent
// of those that concern it, or by an administrator of all. It goes on its way by what
// its owner does, and by what its receiver answers:
//
//	ACTIVE ⇄ PAUSED → ENDED
//
// A receiver that does not answer as it should is tried again by a [Schedule], over days;
// when that is through, the webhook is paused, and goes on from the same event once it is
// resumed. A receiver that answers 410 ends it.
//
// Nothing here reads a clock, speaks to anybody or remembers anything: times come in,
// decisions come out.
package webhook
