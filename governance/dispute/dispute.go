package dispute

import (
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Dispute is a claim of one agent against another on its way to an end.
type Dispute struct {
	// What never changes.
	ID          ID
	Claimant    did.DID
	Defendant   did.DID
	Cause       Cause
	Reason      string        // code that the claimant chose
	Category    string        // that the claimant chose; may be empty
	Description string        // the claimant's words
	Value       amount.Amount // in dispute: what was set aside or paid, or the price; zero where nobody but the claimant tells one
	Hold        ledger.HoldID // that it froze; zero where it froze none
	Fee         amount.Amount // that the claimant filed it with
	Bond        amount.Amount
	FiledAt     time.Time

	// What changes.
	Status      Status
	Deadline    time.Time     // of this state; zero at an end
	Pinned      amount.Amount // of the defendant's stake; zero before UNDER_REVIEW and at an end
	Pool        ledger.ID     // in which it is pinned; zero where nothing is
	Response    string        // the defendant's words; empty until it has responded
	RespondedAt time.Time
	Frivolous   bool
	HoldEnd     HoldEnd       // what became of the hold that it froze; zero while it is frozen, and where it froze none
	Penalty     amount.Amount // that the ruling imposed
	Collected   amount.Amount // of it, by the ruling itself; the rest is owed
	Notes       string        // of the ruling
	Claims      int64         // pieces of evidence of the claimant
	Defences    int64         // … of the defendant
	Steps       int64         // of its timeline, its filing included
	UpdatedAt   time.Time
}

// Step is a transition of a dispute, its filing included. It is kept for ever.
type Step struct {
	Dispute ID
	Seq     int64  // its place in the timeline, from 1, without gaps
	From    Status // zero for the filing
	To      Status
	By      did.DID // zero: a deadline
	Note    string
	At      time.Time // from when on it is so; of a deadline the deadline itself
	Until   time.Time // the deadline of the state that it became; zero for an end
}

// Bounds of a dispute.
const (
	MaxReason      = 64   // characters of a reason code and of a category
	MaxDescription = 2000 // characters
	MaxResponse    = 5000 // characters
	MaxNotes       = 2000 // characters of what a ruling, a step or evidence says
	MaxEvidence    = 100  // pieces of each party
)

// File is a new dispute and its first step, at the terms of the moment.
func (t Terms) File(d Dispute, at time.Time) (Dispute, Step) {
	d.Fee, d.Bond = t.FilingFee, t.Bond
	d.FiledAt, d.UpdatedAt = at, at
	d.Status, d.Deadline, d.Steps = Open, t.deadline(Open, at), 1
	return d, Step{Dispute: d.ID, Seq: 1, To: Open, By: d.Claimant, At: at, Until: d.Deadline}
}

// InWindow refuses to file about what ended too long ago, with
// [ledger.ErrInvalidState].
func (t Terms) InWindow(happened, now time.Time) error {
	if now.After(happened.Add(t.Window)) {
		return ledger.Refuse(ledger.ErrInvalidState, "this can no longer be disputed: it was at %s, more than %s ago",
			happened.UTC().Format(time.RFC3339), t.Window).
			By("dispute.window", ledger.Moment("happened_at", happened), ledger.Span("window", t.Window), ledger.Moment("until", happened.Add(t.Window)), ledger.Moment("now", now))
	}
	return nil
}

// Locked is what the claimant filed the dispute with and has not back yet.
func (d *Dispute) Locked() amount.Amount {
	if !d.Status.Open() {
		return amount.Amount{}
	}
	sum, err := d.Fee.Add(d.Bond)
	if err != nil { // cannot be: the sum was on an account
		return amount.Max
	}
	return sum
}

// Outstanding is what of the penalty the ruling could not collect.
func (d *Dispute) Outstanding() amount.Amount {
	left, err := d.Penalty.Sub(d.Collected)
	if err != nil { // nobody collects more than there is
		return amount.Amount{}
	}
	return left
}

// Party reports whether an agent is one of the two.
func (d *Dispute) Party(agent did.DID) bool { return agent == d.Claimant || agent == d.Defendant }

// AsFiled is the dispute as it was when it was filed, by its first step.
func (d Dispute) AsFiled(filing Step) Dispute {
	return Dispute{
		ID: d.ID, Claimant: d.Claimant, Defendant: d.Defendant, Cause: d.Cause, Reason: d.Reason, Category: d.Category, Description: d.Description,
		Value: d.Value, Hold: d.Hold, Fee: d.Fee, Bond: d.Bond, FiledAt: d.FiledAt,
		Status: filing.To, Deadline: filing.Until, Steps: filing.Seq, UpdatedAt: filing.At,
	}
}

// Due reports whether the time of the dispute's state is over.
func (d *Dispute) Due(now time.Time) bool { return d.Status.Open() && !now.Before(d.Deadline) }

// Lapse is the dispute after its deadline: in the next state, from the deadline on.
// What has ended stays as it is.
func (d Dispute) Lapse(t Terms) (Dispute, Step) {
	return d.become(d.Status.AtDeadline(), did.DID{}, "", d.Deadline, t)
}

// AsOf is the dispute as it stands at an instant, with the steps that deadlines have
// made meanwhile, whether or not they have been written. What it pins and what it
// has frozen is as it was written.
func (d Dispute) AsOf(now time.Time, t Terms) (Dispute, []Step) {
	var steps []Step
	for d.Due(now) {
		var step Step
		d, step = d.Lapse(t)
		steps = append(steps, step)
	}
	return d, steps
}

// Become is the dispute in another state, by somebody's hand, and the step that this
// is. What the table does not allow is [ledger.ErrInvalidState].
func (d Dispute) Become(next Status, by did.DID, note string, at time.Time, t Terms) (Dispute, Step, error) {
	switch {
	case !d.Status.Open():
		return d, Step{}, d.ended()
	case !d.Status.CanBecome(next):
		return d, Step{}, ledger.Refuse(ledger.ErrInvalidState, "a dispute that is %s cannot become %s", d.Status, next).
			By("dispute.state", ledger.Word("state", d.Status.String()), ledger.Word("next", next.String())).
			Unless(ledger.Do("It can become " + d.Status.words() + "."))
	}
	changed, step := d.become(next, by, note, at, t)
	return changed, step, nil
}

func (d Dispute) become(next Status, by did.DID, note string, at time.Time, t Terms) (Dispute, Step) {
	from := d.Status
	d.Status, d.Deadline, d.Steps, d.UpdatedAt = next, t.deadline(next, at), d.Steps+1, at
	return d, Step{Dispute: d.ID, Seq: d.Steps, From: from, To: next, By: by, Note: note, At: at, Until: d.Deadline}
}

// Respond takes in what the defendant says to the claim, once. It changes no state.
//
// Errors: [ledger.ErrForbidden] for anybody else, [ledger.ErrInvalidState] for a
// dispute that has ended, [ledger.ErrAlreadyExists] for a second response: what was
// said stays as it was said.
func (d Dispute) Respond(by did.DID, text string, at time.Time) (Dispute, error) {
	switch {
	case by != d.Defendant:
		return d, ledger.Refuse(ledger.ErrForbidden, "only the defendant responds to a dispute").By("dispute.party", ledger.Word("caller", by.String()))
	case !d.Status.Open():
		return d, d.ended()
	case !d.RespondedAt.IsZero():
		return d, ledger.Refuse(ledger.ErrAlreadyExists, "the defendant has responded already; what there is to add is evidence").
			By("dispute.response", ledger.Moment("responded_at", d.RespondedAt)).Unless(ledger.Do("Add evidence, with notes on it."))
	}
	d.Response, d.RespondedAt, d.UpdatedAt = text, at, at
	return d, nil
}

// ended refuses what only an open dispute allows.
func (d *Dispute) ended() error {
	return ledger.Refuse(ledger.ErrInvalidState, "the dispute has ended: it is %s", d.Status).By("dispute.open", ledger.Word("state", d.Status.String()))
}
