package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// ruleOf is a rule as it is set. Values of thresholds are numbers where they count
// something, and strings where they are amounts.
func ruleOf(r *teg.Rule) api.Rule {
	body := api.Rule{
		Code: r.Code, Description: r.Description, Enabled: r.Enabled, Shadow: r.Shadow, Severity: r.Severity,
		Thresholds: map[string]any{}, ThresholdDetails: make([]api.ThresholdDetails, len(r.Thresholds)),
	}
	for i, t := range r.Thresholds {
		shown := func(n teg.Amount) any {
			if t.Unit == teg.UnitAVT {
				return n
			}
			return json.Number(n.String())
		}
		body.Thresholds[t.Name] = shown(t.Value)
		body.ThresholdDetails[i] = api.ThresholdDetails{
			Name: t.Name, Description: t.Description, Unit: t.Unit.String(), Default: shown(t.Default), Least: shown(t.Least), Most: shown(t.Most),
		}
	}
	return body
}

func rulesOf(rules []teg.Rule, info api.Page) api.RulesPage {
	body := api.RulesPage{Rules: make([]api.Rule, len(rules)), Page: info}
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

type rulesRequest api.RulesRequest

func (in *rulesRequest) check(f *faults) {
	if len(in.Rules) == 0 {
		f.add("rules", "must not be empty", nil)
	}
	checkRules(f, in.Rules)
}

// checkRules holds each change against the rules, which tells all that is wrong with
// it: how they are set does not matter.
func checkRules(f *faults, rules []api.RuleChange) {
	if len(rules) > teg.MaxRuleChanges {
		f.add("rules", fmt.Sprintf("must be a list of at most %d rules", teg.MaxRuleChanges), nil)
		return
	}
	for i := range rules {
		f.element("rules", i, (*ruleRequest)(&rules[i]))
	}
}

// ruleRequest says what of a rule is to be different.
type ruleRequest api.RuleChange

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
func changes(rules []api.RuleChange) []teg.RuleChange {
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
