package teg

import (
	"errors"
	"strconv"
	"strings"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
)

// The parts of an explanation.
type (
	// Figure is something that a rule looked at, such as the balance that was available.
	Figure = ledger.Figure
	// FigureUnit says what the value of a figure is.
	FigureUnit = ledger.Unit
	// Way is one thing that may be changed so that the rule lets the act pass.
	Way = ledger.Way
	// Bound says how the value of a way bounds what is to change.
	Bound = ledger.Bound
)

// The units of figures, and the bounds of ways.
const (
	FigureAVT     = ledger.UnitAVT
	FigureCount   = ledger.UnitCount
	FigureTime    = ledger.UnitTime
	FigureSeconds = ledger.UnitSeconds
	FigureName    = ledger.UnitName

	AtMost    = ledger.AtMost
	AtLeast   = ledger.AtLeast
	NotBefore = ledger.NotBefore
	Is        = ledger.Is
)

// Explanation is why a verb refused: the rule, the figures that it looked at, and what
// would pass.
type Explanation struct {
	Rule    string   // its name, such as "balance.covers"; names never change
	Code    string   // of the error, as [CodeOf] has it
	Message string   // the error in words, without what only an operator may know
	Index   int      // of the element of an atomic batch that was refused; -1 without one
	Figures []Figure // in a fixed order for each rule
	// WouldPass lists what may be changed so that this rule lets the act pass; each entry is
	// one way. Rules after it may still refuse. Empty where nothing that the caller can do
	// would help.
	WouldPass []Way
	Replayed  bool // whether an earlier operation under the same key was refused so
}

// See is where the documentation has the rule.
func (x *Explanation) See() string {
	family, _, _ := strings.Cut(x.Rule, ".")
	return "docs/explain.md#" + family
}

// Explain says why a verb, or its dry run, refused. It looks at nothing but the error: the
// figures are those of the moment at which the verb was decided. Of a foreign error it
// says what [CodeOf] does; of nil it says nothing.
func Explain(err error) Explanation {
	x := Explanation{Index: -1}
	if err == nil {
		return x
	}
	reason := reasonOf(err)
	x.Code, x.Message, x.Replayed = reason.Code(), err.Error(), Replayed(err)
	if strings.HasPrefix(x.Code, "SYS_") {
		x.Message = reason.Error() // what the database said is not for everybody
	}
	x.Rule, x.WouldPass = generally(reason)
	x.detail(err)
	var batch *BatchError
	if errors.As(err, &batch) {
		x.Index = batch.Index
		x.within("transfers[" + strconv.Itoa(batch.Index) + "].")
	}
	if x.Replayed {
		x.WouldPass = append(x.WouldPass, ledger.Do("Ask again under another key: what was refused under a key stays so."))
	}
	return x
}

// reasonOf is the sentinel of an error.
func reasonOf(err error) *ledger.Reason {
	var reason *ledger.Reason
	if errors.As(err, &reason) {
		return reason
	}
	return ErrInternal
}

// detail takes over what an error says beyond its sentinel.
func (x *Explanation) detail(err error) {
	var short *InsufficientBalanceError
	var suspended *SuspendedError
	var data *AttestationDataError
	var archived *ArchivedError
	var change *auditor.ChangeError
	var refusal *Refusal
	switch {
	case errors.As(err, &short):
		x.Figures, x.WouldPass = shortfall(short)
	case errors.As(err, &suspended):
		x.suspended(suspended)
	case errors.As(err, &data):
		x.WouldPass = nil
		for _, fault := range data.Faults {
			x.WouldPass = append(x.WouldPass, Way{Field: fault.Field, Do: "Change " + fault.Field + ": " + fault.Message})
		}
	case errors.As(err, &archived):
		x.Rule, x.Figures = "log.archived", []Figure{ledger.Count("begins_at", archived.Tail)}
		x.WouldPass = []Way{ledger.Do("Ask for later events, or read the files of the archive.")}
	case errors.As(err, &change):
		x.Figures = []Figure{ledger.Count("index", change.Index), ledger.Word("code", string(change.Code))}
		x.refused(change.Err)
	case errors.As(err, &refusal):
		x.refused(refusal)
	}
}

// refused takes over what a refusal says.
func (x *Explanation) refused(err error) {
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		return
	}
	switch {
	case refusal.Rule != "":
		x.Rule, x.Figures, x.WouldPass = refusal.Rule, append(x.Figures, refusal.Figures...), append([]Way(nil), refusal.Ways...)
	case refusal.Field != "":
		x.Figures = append(x.Figures, ledger.Word("field", refusal.Field))
		x.WouldPass = append([]Way{{Field: refusal.Field, Do: "Change " + refusal.Field + ": " + refusal.Error() + "."}}, x.WouldPass...)
	}
}

// shortfall is what a balance had and what would have been covered by it.
func shortfall(e *InsufficientBalanceError) ([]Figure, []Way) {
	needed := ledger.Sum("needed", e.Needed)
	figures := []Figure{ledger.Sum("available", e.Available), needed, ledger.Sum("fee", e.Fee), ledger.Sum("missing", minus(e.Needed, e.Available))}
	var ways []Way
	if !e.Highest.IsZero() {
		most := ledger.Sum("highest", e.Highest)
		ways = append(ways, most.Needs("amount", AtMost, "Ask for at most "+most.Value+" AVT."))
	}
	return figures, append(ways, needed.Needs("available", AtLeast, "Have at least "+needed.Value+" AVT available first."))
}

// suspended is until when an agent cannot act.
func (x *Explanation) suspended(e *SuspendedError) {
	if e.Reason != "" {
		x.Figures = append(x.Figures, ledger.Word("reason", e.Reason))
	}
	x.WouldPass = []Way{ledger.Do("Wait until an admin reactivates the agent.")}
	if !e.Until.IsZero() {
		until := ledger.Moment("until", e.Until)
		x.Figures = append(x.Figures, until)
		x.WouldPass = []Way{until.Needs("time", NotBefore, "Ask again at "+until.Value+" or later, or when an admin has reactivated the agent.")}
	}
}

// within names the fields of ways as those of an element of a batch.
func (x *Explanation) within(element string) {
	ways := make([]Way, len(x.WouldPass))
	for i, way := range x.WouldPass {
		if way.Field == "amount" || way.Field == "receiver_agent_id" || way.Field == "reference" {
			way.Field = element + way.Field
		}
		ways[i] = way
	}
	x.WouldPass = ways
}
