package auditor

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/agentvault/teg-layer/ledger"
)

// Pack is all rules with their settings and what they remember. It is not safe
// for several goroutines.
type Pack struct {
	rules []running
	next  int64 // the position after the last one
	now   int64 // the newest time of an event, in microseconds since 1970
	known parties
}

// running is a rule of the pack.
type running struct {
	definition
	setting Setting
	rule    rule // nil while it is not enabled
	out     reporter
}

// NewPack has all rules enabled, as they are by default, and has seen nothing.
func NewPack() *Pack {
	p := &Pack{now: math.MinInt64}
	for _, d := range catalogue {
		r := running{definition: d}
		r.change(d.setting())
		p.rules = append(p.rules, r)
	}
	p.known.of.keep(p.Horizon().Microseconds())
	return p
}

// Observe looks at the next event in commit order and returns what it completes,
// at most one finding for each rule, agent and window. An event whose position it
// has passed already is ignored.
func (p *Pack) Observe(e Event) []Finding {
	if e.Position < p.next {
		return nil
	}
	p.next = e.Position + 1
	p.now = max(p.now, e.At.UnixMicro())
	if !e.complete() {
		return nil
	}
	e.from, e.to = p.known.find(e.From, p.now), p.known.find(e.To, p.now)
	var found []Finding
	for i := range p.rules {
		r := &p.rules[i]
		if r.rule == nil {
			continue
		}
		r.rule.watch(&e, p.now, &r.out)
		if len(r.out.found) > 0 {
			found = append(found, r.take()...)
		}
	}
	return found
}

// take empties the reporter.
func (r *running) take() []Finding {
	found := r.out.found
	r.out.found = nil
	for i := range found {
		found[i].Code, found[i].Severity, found[i].Shadow = r.code, r.setting.Severity, r.setting.Shadow
	}
	return found
}

// Settings returns how each rule is set, always in the same order.
func (p *Pack) Settings() []Setting {
	list := make([]Setting, len(p.rules))
	for i := range p.rules {
		list[i] = p.rules[i].setting
		list[i].Thresholds = slices.Clone(list[i].Thresholds)
	}
	return list
}

// ChangeError says which of several changes was refused. It wraps a
// [ledger.Refusal] whose Field is code, severity or thresholds.NAME.
type ChangeError struct {
	Index int // in the list of changes
	Code  Code
	Err   error
}

// Error names the rule and what is wrong.
func (e *ChangeError) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Err) }

// Unwrap gives the refusal.
func (e *ChangeError) Unwrap() error { return e.Err }

// Configure makes the changes in their order, or none of them and returns a
// [*ChangeError].
//
// A rule that is switched off forgets everything; one that is switched on, or whose
// thresholds change, begins with nothing: some rules then take for new, or for
// asleep, who is not. To begin with the state of a pack that was always set so,
// rebuild it from [Pack.Horizon] before, and let it [Pack.Reconsider] what was
// changed; [Change.Remembers] tells whether that is called for. A rule that leaves
// the shadow may say again what it has said there.
func (p *Pack) Configure(changes []Change) error {
	next := p.Settings()
	for i, c := range changes {
		at := slices.IndexFunc(next, func(s Setting) bool { return s.Code == c.Code })
		if at < 0 {
			return &ChangeError{i, c.Code, ledger.Invalid("code", "no rule is called %q", string(c.Code))}
		}
		changed, err := next[at].apply(c)
		if err != nil {
			return &ChangeError{i, c.Code, err}
		}
		next[at] = changed
	}
	for i := range p.rules {
		p.rules[i].change(next[i])
	}
	p.known.of.keep(p.Horizon().Microseconds())
	return nil
}

// change puts a setting in force.
func (r *running) change(next Setting) {
	before := r.setting
	r.setting = next
	if !next.Enabled {
		r.rule, r.out = nil, reporter{}
		return
	}
	if before.Shadow && !next.Shadow {
		r.out = reporter{}
	}
	if r.rule == nil || !slices.Equal(before.Thresholds, next.Thresholds) {
		r.rule, r.out = r.start(), reporter{}
		r.rule.set(next.Thresholds)
	}
	r.out.set(thresholds(next.Thresholds).window())
}

// Reconsider lets rules say again of agents what they have said in the present
// window: after a rebuild for settings that were not in force then, they have said
// nothing yet that anybody heard.
func (p *Pack) Reconsider(codes ...Code) {
	for i := range p.rules {
		if r := &p.rules[i]; r.rule != nil && slices.Contains(codes, r.code) {
			r.out = reporter{}
			r.out.set(thresholds(r.setting.Thresholds).window())
		}
	}
}

// Horizon is how much event time has to be observed again so that the findings
// from an event on are those of a pack that has seen everything: begin with the
// first event, by position, whose time is not before that event's time less the
// horizon. It is the longest of the enabled rules', 0 where none is.
func (p *Pack) Horizon() time.Duration {
	var reach int64
	for i := range p.rules {
		if p.rules[i].rule != nil {
			reach = max(reach, p.rules[i].rule.reach())
		}
	}
	return time.Duration(reach) * time.Microsecond
}
