package auditor

// definition is what a rule is before it is set.
type definition struct {
	code        Code
	description string
	severity    Severity
	thresholds  thresholds
	start       func() rule
}

// rule is one of the rules at work.
type rule interface {
	// set takes thresholds. It is called first, and again when they change.
	set(t thresholds)
	// watch looks at an event. Now never goes back.
	watch(e *Event, now int64, out *reporter)
	// reach is how much event time before an event decides what the rule finds in
	// it, in microseconds, when the window of a finding is counted in.
	reach() int64
}

// catalogue has all rules in the order in which they are shown.
var catalogue = []definition{
	velocityRule, largeRule, structuringRule, passThroughRule, circularRule, fanInRule,
	fanOutRule, dormantRule, newAccountsRule, ringRule, failureRule, proofsRule,
}

func (d definition) setting() Setting {
	return Setting{Code: d.code, Description: d.description, Enabled: true, Severity: d.severity, Thresholds: d.thresholds}
}
