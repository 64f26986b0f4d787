package reputation

import (
	"errors"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// Terms are the economic parameters of reputation: by how many points what happens
// changes a score, from -1000 to 1000 each. [DefaultTerms] has the values to start
// with.
type Terms struct {
	Signal          int // what a signal counts, up for praise and down for a complaint; at least 1
	Success         int // for the responder of an AVTP transaction that went well
	FailureProvider int // for the responder, where it is its fault
	FailureConsumer int // for the initiator, where it is its fault
	CriticalFlag    int // for an agent of whom a CRITICAL flag is confirmed; at most 0
	Attested        int // for an agent whose attestation is accepted or verified; at least 0
	DisputeLost     int // for who lost a dispute, or filed a frivolous one; at most 0
	DisputeWon      int // for who won one; at least 0

	// RewardFrom is the score from which an agent that came by itself earns rewards for
	// attestations, as those do that came by a bootstrap token or a registry. Nil: it
	// never does, for such identities cost nothing.
	RewardFrom *int

	// SignalPairLimit is how many signals of one agent about another count within
	// SignalPairWindow; those beyond it are kept and applied as 0. Zero: all count.
	SignalPairLimit int
}

// SignalPairWindow is the time in which the signals of a pair are counted.
const SignalPairWindow = 30 * 24 * time.Hour

// DefaultTerms are a point for a signal, two for a service done well, five less for
// one that failed, three less for a consumer's fault, fifty less for a CRITICAL flag
// that is confirmed, one for an attestation, twenty-five less for a dispute lost and
// five for one won, and no limit for pairs.
func DefaultTerms() Terms {
	return Terms{
		Signal: 1, Success: 2, FailureProvider: -5, FailureConsumer: -3, CriticalFlag: -50, Attested: 1, DisputeLost: -25, DisputeWon: 5,
	}
}

// Check returns a [ledger.ErrInvalidInput] that names what is out of its range.
func (t Terms) Check() error {
	for name, points := range map[string]int{
		"Signal": t.Signal, "Success": t.Success, "FailureProvider": t.FailureProvider, "FailureConsumer": t.FailureConsumer,
		"CriticalFlag": t.CriticalFlag, "Attested": t.Attested, "DisputeLost": t.DisputeLost, "DisputeWon": t.DisputeWon,
	} {
		punishes, praises := name == "CriticalFlag" || name == "DisputeLost", name == "Attested" || name == "DisputeWon"
		if points < MinScore || points > MaxScore || name == "Signal" && points < 1 || punishes && points > 0 || praises && points < 0 {
			return ledger.Invalid(name, "out of its range of points")
		}
	}
	if t.RewardFrom != nil && (*t.RewardFrom < MinScore || *t.RewardFrom > MaxScore) {
		return ledger.Invalid("RewardFrom", "out of the range of scores")
	}
	if t.SignalPairLimit < 0 {
		return ledger.Invalid("SignalPairLimit", "zero or more")
	}
	return nil
}

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
