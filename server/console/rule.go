package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/client"
)

// rulePage is one rule, with its thresholds, and what it would have found had they been others.
type rulePage struct {
	client.Rule
	Asked   []thresholdAsked
	Filter  *filter
	Changed string // the thresholds that are to be others, as JSON; empty for none
	Trial   *ruleTrial
	Command string // that tries the same
	Admin   bool
}

// thresholdAsked is a threshold, with what it is to be.
type thresholdAsked struct {
	client.ThresholdDetails
	Now   client.Threshold
	Given string
}

// ruleTrial is what a rule would have found as it is set, and as it is to be.
type ruleTrial struct {
	Now, Then client.TrialRule
	Events    int64
	Until     *time.Time
	Complete  bool
	Findings  []client.TrialFinding // as it is to be
}

// A trial tells the findings of all rules together, of which those of one are shown. It looks
// back for a while where nobody says from when on.
const (
	mostTold     = 1000
	mostFindings = 50
	trialSpan    = 7 * 24 * time.Hour
)

func rule(v *visit) (any, error) {
	found, err := v.rule(client.RuleCode(v.r.PathValue("id")))
	if err != nil {
		return nil, err
	}
	page := rulePage{Rule: *found, Filter: v.filter("from", "to", "try"), Admin: v.who.may(admins)}
	change := page.read(v)
	request := client.TrialRequest{Rules: []client.RuleChange{change}, From: page.Filter.date("from"), To: page.Filter.date("to")}
	if request.From.IsZero() {
		request.From = time.Now().Add(-trialSpan).UTC().Truncate(24 * time.Hour)
		page.Filter.Given["from"] = request.From.Format(time.DateOnly)
	}
	if page.Filter.Given["try"] == "" || len(page.Filter.Faults) > 0 {
		return page, nil
	}
	limit := int64(mostTold)
	request.Limit = &limit
	page.Command = command(v.console.origin(v.r)+v.console.config.Prefix, http.MethodPost, "/admin/auditor/rules/trial", request, "")
	page.Trial, err = v.try(request)
	return page, err
}

// rule is the one of a code.
func (v *visit) rule(code client.RuleCode) (*client.Rule, error) {
	found, err := v.api.ListRules(v.r.Context(), client.ListRulesQuery{})
	if err != nil {
		return nil, err
	}
	for i := range found.Rules {
		if found.Rules[i].Code == code {
			return &found.Rules[i], nil
		}
	}
	return nil, errNoPage
}

// read reads what the thresholds are to be. What is no number is a fault of the filter.
func (p *rulePage) read(v *visit) client.RuleChange {
	working := true
	change := client.RuleChange{Code: p.Code, Enabled: &working, Thresholds: map[string]client.Threshold{}}
	for _, each := range p.ThresholdDetails {
		asked := thresholdAsked{each, p.Thresholds[each.Name], v.r.URL.Query().Get(each.Name)}
		if asked.Given == "" {
			asked.Given = asked.Now.String()
		}
		p.Asked = append(p.Asked, asked)
		read, err := readThreshold(asked.Given, each.Unit)
		switch {
		case err != nil:
			p.Filter.Faults[each.Name] = err.Error()
		case read != asked.Now:
			change.Thresholds[each.Name] = read
		}
	}
	if len(change.Thresholds) > 0 {
		text, _ := json.Marshal(change.Thresholds) // which are numbers
		p.Changed = string(text)
	}
	return change
}

func readThreshold(text string, unit client.ThresholdUnit) (client.Threshold, error) {
	number, err := amount.Parse(text)
	if err != nil {
		return client.Threshold{}, fmt.Errorf("%q is no number", text)
	}
	if unit == client.ThresholdUnitAVT {
		return client.AVT(number), nil
	}
	var whole client.Threshold
	err = json.Unmarshal([]byte(number.String()), &whole)
	return whole, err
}

// try has the server try the rule on the log, as it is to be and as it is.
func (v *visit) try(request client.TrialRequest) (*ruleTrial, error) {
	then, err := v.api.TryRules(v.r.Context(), request)
	if err != nil {
		return nil, err
	}
	code := request.Rules[0].Code
	t := &ruleTrial{Then: counted(then, code), Events: then.Events, Until: then.Until, Complete: then.Complete}
	for _, found := range then.Findings {
		if found.RuleViolatedCode == code && len(t.Findings) < mostFindings {
			t.Findings = append(t.Findings, found)
		}
	}
	request.Rules, request.Limit = []client.RuleChange{}, new(int64(1))
	now, err := v.api.TryRules(v.r.Context(), request)
	if err != nil {
		return nil, err
	}
	t.Now = counted(now, code)
	return t, nil
}

// counted is how much a rule would have found.
func counted(t *client.Trial, code client.RuleCode) client.TrialRule {
	for _, each := range t.Rules {
		if each.Code == code {
			return each
		}
	}
	return client.TrialRule{Code: code}
}
