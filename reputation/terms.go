package reputation

import "errors"

// Day is a day in the unit of [Signal.Time].
const Day int64 = 86_400_000_000

// TrustTerms are the parameters of trust. [DefaultTrustTerms] has values for a
// market of strangers; the package comment has the formula.
type TrustTerms struct {
	// Seeds names agents that are trusted beforehand. Standing starts at those of
	// them that took part in a signal. Where there are none it starts at the agents
	// that have been praised for long.
	Seeds []string

	Ripening int64   // microseconds until praise counts half; 0: it counts at once
	HalfLife int64   // microseconds in which a signal fades by half, down to Floor; above 0
	Floor    float64 // what is left of a signal for ever, from 0 to 1

	Damping    float64 // how much of standing is passed on, from 0 to below 1
	HalfCredit float64 // the standing, in typical ones, at which a word counts half; above 0
	Spread     float64 // how much praise, in full signals, a typical standing covers; above 0

	Norm     float64 // from 1, all voices add up, to 2, faint ones hardly do
	Severity float64 // how many signals of praise a complaint outweighs; at least 0
	Prior    float64 // full signals that the opinion "one half" is worth; above 0
	Patience float64 // full signals of praise that everybody is taken to have given; above 0
}

// DefaultTrustTerms are round numbers, each with a reason, and not the best ones
// for any one market: a month to ripen and two to fade, a tenth of which stays;
// half of standing passed on, so that a ring keeps at most twice what came into
// it; a complaint as heavy as two signals of praise.
func DefaultTrustTerms() TrustTerms {
	return TrustTerms{
		Ripening: 30 * Day, HalfLife: 60 * Day, Floor: 0.1,
		Damping: 0.5, HalfCredit: 0.2, Spread: 100,
		Norm: 1.25, Severity: 2, Prior: 0.5, Patience: 5,
	}
}

var errTrustTerms = errors.New("a term of trust is out of its range")

// Check says whether all terms lie in their ranges.
func (t TrustTerms) Check() error {
	within := func(x, low, high float64) bool { return x >= low && x <= high }
	switch {
	case t.Ripening < 0, t.HalfLife <= 0, !within(t.Floor, 0, 1):
		return errTrustTerms
	case !within(t.Damping, 0, 0.99), !within(t.HalfCredit, 1e-9, 1e9), !within(t.Spread, 1e-9, 1e9):
		return errTrustTerms
	case !within(t.Norm, 1, 2), !within(t.Severity, 0, 1e9), !within(t.Prior, 1e-9, 1e9), !within(t.Patience, 1e-9, 1e9):
		return errTrustTerms
	}
	return nil
}
