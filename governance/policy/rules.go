package policy

import (
	"encoding/json"

	"github.com/agentvault/teg-layer/governance/auditor"
)

// MaxRules is how many changes of rules a policy makes at most.
const MaxRules = 100

// auditorParameters is the one that a policy of type auditor has: changes of rules.
var auditorParameters = []parameter{{
	"rules", "a list of at most 100 changes of rules: code, and of enabled, shadow, severity and thresholds what is to change",
	func(raw json.RawMessage) (any, func(*settings), bool) {
		changes, ok := readRules(raw)
		written := make([]json.RawMessage, len(changes))
		for i := range changes {
			written[i] = auditor.EncodeChange(&changes[i])
		}
		return written, func(s *settings) { s.rules = changes }, ok
	}, nil,
}}

func readRules(raw json.RawMessage) ([]auditor.Change, bool) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || list == nil || len(list) > MaxRules {
		return nil, false
	}
	changes := make([]auditor.Change, len(list))
	for i := range list {
		var err error
		if changes[i], err = auditor.ParseChange(list[i]); err != nil {
			return nil, false
		}
	}
	return changes, true
}

// Rules are the changes of rules that a policy of type auditor makes; of another type,
// none. The error is a [*auditor.ChangeError] where no rule is so, or can be set so.
func (p *Policy) Rules() ([]auditor.Change, error) {
	if p.Type != Auditor {
		return nil, nil
	}
	_, set, err := readParameters(Auditor, []byte(p.Parameters))
	if err != nil {
		return nil, err
	}
	var s settings
	for _, apply := range set {
		apply(&s)
	}
	if len(s.rules) == 0 {
		return nil, nil
	}
	if err := auditor.NewPack().Configure(s.rules); err != nil {
		return nil, err
	}
	return s.rules, nil
}

// ruleNames are the names of what changes of rules set, such as
// LARGE_TRANSFER.thresholds.min_amount.
func ruleNames(changes []auditor.Change) (names []string) {
	for i := range changes {
		c := &changes[i]
		add := func(given bool, name string) {
			if given {
				names = append(names, string(c.Code)+"."+name)
			}
		}
		add(c.Enabled != nil, "enabled")
		add(c.Shadow != nil, "shadow")
		add(c.Severity != nil, "severity")
		for name := range c.Thresholds {
			add(true, "thresholds."+name)
		}
	}
	return names
}
