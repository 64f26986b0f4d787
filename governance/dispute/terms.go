package dispute

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// Terms are the parameters of disputes. A dispute keeps those of the moments at which
// it was filed and entered each of its states. [DefaultTerms] has the values to start
// with.
type Terms struct {
	Window      time.Duration // after what happened, for so long a dispute can be filed
	FilingFee   amount.Amount // held from filing on; who gets it, the end decides
	Bond        amount.Amount // the same, and lost only by a claim that is frivolous
	Open        time.Duration // how long a dispute is OPEN at most
	Review      time.Duration // … UNDER_REVIEW
	Arbitration time.Duration // … AWAITING_ARBITRATION
}

// MaxTerm is the longest that a state can last, and the longest window.
const MaxTerm = 3650 * 24 * time.Hour

// DefaultTerms are thirty days to file, no fee and no bond, and seven, fourteen and
// fourteen days for the three open states.
func DefaultTerms() Terms {
	const day = 24 * time.Hour
	return Terms{Window: 30 * day, Open: 7 * day, Review: 14 * day, Arbitration: 14 * day}
}

// Check returns a [ledger.ErrInvalidInput] that names what is out of its range: each
// time from a second to [MaxTerm], fee and bond together an amount.
func (t Terms) Check() error {
	for _, term := range []struct {
		name string
		long time.Duration
	}{{"DISPUTE_WINDOW", t.Window}, {"DISPUTE_OPEN_PERIOD", t.Open}, {"DISPUTE_REVIEW_PERIOD", t.Review}, {"DISPUTE_ARBITRATION_PERIOD", t.Arbitration}} {
		if term.long < time.Second || term.long > MaxTerm {
			return ledger.Invalid(term.name, "from a second to %d days", int(MaxTerm/(24*time.Hour)))
		}
	}
	if _, err := t.FilingFee.Add(t.Bond); err != nil {
		return ledger.Invalid("DISPUTE_BOND", "fee and bond together pass %s AVT", amount.Max)
	}
	return nil
}

// length is how long a state lasts at most; zero for an end.
func (t Terms) length(s Status) time.Duration {
	return map[Status]time.Duration{Open: t.Open, UnderReview: t.Review, AwaitingArbitration: t.Arbitration}[s]
}

// deadline is when the time of a state is over that was entered at an instant; zero
// for an end.
func (t Terms) deadline(s Status, entered time.Time) time.Time {
	if !s.Open() {
		return time.Time{}
	}
	return entered.Add(t.length(s))
}
