package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/agentvault/teg-layer/teg"
)

// ruleBody is a rule as it is set. Values of thresholds are numbers where they count
// something, and strings where they are amounts.
type ruleBody struct {
	Code        teg.RuleCode    `json:"code"`
	Description string          `json:"description"`
	Enabled     bool            `json:"enabled"`
	Shadow      bool            `json:"shadow"`
	Severity    teg.Severity    `json:"severity"`
	Thresholds  map[string]any  `json:"thresholds"`
	Details     []thresholdBody `json:"threshold_details"`
}

type thresholdBody struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Unit        string `json:"unit"`
	Default     any    `json:"default"`
	Least       any    `json:"least"`
	Most        any    `json:"most"`
}

type rulesBody struct {
	Rules []ruleBody `json:"rules"`
	pageInfo
}

func ruleOf(r *teg.Rule) ruleBody {
	body := ruleBody{
		r.Code, r.Description, r.Enabled, r.Shadow, r.Severity, map[string]any{}, make([]thresholdBody, len(r.Thresholds)),
	}
	for i, t := range r.Thresholds {
		shown := func(n teg.Amount) any {
			if t.Unit == teg.UnitAVT {
				return n
			}
			return json.Number(n.String())
		}
		body.Thresholds[t.Name] = shown(t.Value)
		body.Details[i] = thresholdBody{t.Name, t.Description, t.Unit.String(), shown(t.Default), shown(t.Least), shown(t.Most)}
	}
	return body
}

func rulesOf(rules []teg.Rule, info pageInfo) rulesBody {
	body := rulesBody{make([]ruleBody, len(rules)), info}
	for i := range rules {
		body.Rules[i] = ruleOf(&rules[i])
	}
	return body
}

func getRules(c *call) (func() (answer, error), error) {
	p := c.query.page()
	return func() (answer, error) {
		found, err := c.engine().RulesPage(c.ctx, teg.RulesQuery{
			Viewer: c.caller.Agent, Limit: p.limit, Offset: p.offset, Cursor: p.cursor, Total: p.total,
		})
		return answer{body: rulesOf(found.Rules, p.info(found.Total, false, found.NextCursor))}, valued(err, "cursor", p.cursor)
	}, nil
}

type rulesRequest struct {
	Rules []ruleRequest `json:"rules"`
}

func (in *rulesRequest) check(f *faults) {
	if len(in.Rules) == 0 {
		f.add("rules", "must not be empty", nil)
	}
	checkRules(f, in.Rules)
}

// checkRules holds each change against the rules, which tells all that is wrong with
// it: how they are set does not matter.
func checkRules(f *faults, rules []ruleRequest) {
	if len(rules) > teg.MaxRuleChanges {
		f.add("rules", fmt.Sprintf("must be a list of at most %d rules", teg.MaxRuleChanges), nil)
		return
	}
	for i := range rules {
		f.element("rules", i, &rules[i])
	}
}

// ruleRequest says what of a rule is to be different. Thresholds are numbers or strings.
type ruleRequest struct {
	Code       teg.RuleCode   `json:"code"`
	Enabled    *bool          `json:"enabled"`
	Severity   *teg.Severity  `json:"severity"`
	Shadow     *bool          `json:"shadow"`
	Thresholds map[string]any `json:"thresholds,omitempty"`
}

func (in *ruleRequest) check(f *faults) {
	code := string(in.Code)
	f.refused("code", teg.CheckRuleChanges([]teg.RuleChange{{Code: in.Code}}), &code)
	if f.has("code") {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(in.Thresholds)) {
		field := "thresholds." + name
		number, shown, err := readThreshold(in.Thresholds[name])
		if err != nil {
			f.add(field, "must be a number, or a string that is one", shown)
			continue
		}
		change := teg.RuleChange{Code: in.Code, Thresholds: map[string]teg.Amount{name: number}}
		f.refused(field, teg.CheckRuleChanges([]teg.RuleChange{change}), shown)
	}
}

// readThreshold reads the literal text of a number, or a string that is one.
func readThreshold(given any) (number teg.Amount, shown *string, err error) {
	var text string
	switch given := given.(type) {
	case string:
		text = given
	case json.Number:
		text = given.String()
	default:
		return number, nil, teg.ErrInvalidInput
	}
	number, err = teg.ParseAmount(text)
	return number, &text, err
}

// changes are what was asked for, once it has been checked.
func changes(rules []ruleRequest) []teg.RuleChange {
	list := make([]teg.RuleChange, len(rules))
	for i := range rules {
		in := &rules[i]
		list[i] = teg.RuleChange{Code: in.Code, Enabled: in.Enabled, Severity: in.Severity, Shadow: in.Shadow, Thresholds: map[string]teg.Amount{}}
		for name, given := range in.Thresholds {
			list[i].Thresholds[name], _, _ = readThreshold(given) // as it has been checked
		}
	}
	return list
}

// putRules answers all rules, as the first page of [getRules] would.
func putRules(c *call, in *rulesRequest) (answer, error) {
	r, err := c.engine().SetRules(c.ctx, teg.SetRulesParams{By: c.caller.Agent, Changes: changes(in.Rules), Key: c.key})
	p := page{limit: teg.DefaultLimit}
	return answer{body: rulesOf(r.Rules, p.info(int64(len(r.Rules)), false, "")), replayed: r.Replayed}, err
}
