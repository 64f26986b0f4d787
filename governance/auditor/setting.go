package auditor

import (
	"maps"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
)

// Setting is how a rule is set.
type Setting struct {
	Code        Code
	Description string
	Enabled     bool     // a rule that is not costs nothing and remembers nothing
	Shadow      bool     // its findings are counted, and nobody is to work on them
	Severity    Severity // of its findings
	Thresholds  []Threshold
}

// Threshold returns the value of a threshold, and whether the rule has it.
func (s Setting) Threshold(name string) (Number, bool) {
	found := thresholds(s.Thresholds).find(name)
	if found == nil {
		return Number{}, false
	}
	return found.Value, true
}

// Change says what of a rule's setting is to be different. What is nil or not
// named stays.
type Change struct {
	Code       Code
	Enabled    *bool
	Shadow     *bool
	Severity   *Severity
	Thresholds map[string]Number // by name
}

// Remembers reports whether a rule that is set so would begin with nothing by the
// change: it is switched on, or measures otherwise.
func (c Change) Remembers(s Setting) bool {
	next, err := s.apply(c)
	return err == nil && next.Enabled && (!s.Enabled || !slices.Equal(s.Thresholds, next.Thresholds))
}

// apply returns the setting with the change made. The fields of its errors are
// severity and thresholds.NAME.
func (s Setting) apply(c Change) (Setting, error) {
	if c.Enabled != nil {
		s.Enabled = *c.Enabled
	}
	if c.Shadow != nil {
		s.Shadow = *c.Shadow
	}
	if c.Severity != nil {
		if !c.Severity.Valid() {
			return s, ledger.Invalid("severity", "must be LOW, MEDIUM, HIGH or CRITICAL")
		}
		s.Severity = *c.Severity
	}
	s.Thresholds = slices.Clone(s.Thresholds)
	for _, name := range slices.Sorted(maps.Keys(c.Thresholds)) { // sorted, so that of two errors it is always the same
		found := thresholds(s.Thresholds).find(name)
		if found == nil {
			return s, ledger.Invalid("thresholds."+name, "%s has no such threshold", s.Code)
		}
		changed, err := found.with(c.Thresholds[name])
		if err != nil {
			return s, err
		}
		*found = changed
	}
	return s, nil
}
