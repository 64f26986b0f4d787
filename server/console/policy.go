package console

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/agentvault/teg-layer/server/client"
)

// policyPage is one policy, with what each of its versions changed.
type policyPage struct {
	*client.PolicyInFull
	Written  string // its parameters, for people
	Versions []policyVersion
	Admin    bool
}

// policyVersion is a version, with its differences from the one before.
type policyVersion struct {
	client.Policy
	Changes []difference
}

// difference is a part that another version has otherwise.
type difference struct {
	Name        string
	Before, Now string // empty where there was none
}

func onePolicy(v *visit) (any, error) {
	found, err := v.api.GetPolicy(v.r.Context(), client.PolicyID(v.r.PathValue("id")))
	if err != nil {
		return nil, err
	}
	page := policyPage{PolicyInFull: found, Written: indented(found.Parameters), Admin: v.who.may(admins)}
	var before client.Policy
	for _, version := range found.Versions {
		page.Versions = append(page.Versions, policyVersion{version, differences(&before, &version)})
		before = version
	}
	slices.Reverse(page.Versions) // what is in force comes first
	return page, nil
}

// differences are what a version has otherwise than the one before it.
func differences(before, now *client.Policy) []difference {
	parts := []difference{
		{"name", before.PolicyName, now.PolicyName}, {"description", before.Description, now.Description},
		{"enforcement level", string(before.EnforcementLevel), string(now.EnforcementLevel)},
		{"reward amount", before.RewardAmount.String(), now.RewardAmount.String()},
		{"circuit", orNothing(before.CircuitIdentifier), orNothing(now.CircuitIdentifier)},
		{"in force", strconv.FormatBool(before.IsActive), strconv.FormatBool(now.IsActive)},
	}
	was, is := parameters(before.Parameters), parameters(now.Parameters)
	for _, name := range parameterNames(was, is) {
		parts = append(parts, difference{"parameters." + name, was[name], is[name]})
	}
	return slices.DeleteFunc(parts, func(d difference) bool { return d.Before == d.Now })
}

func orNothing(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func indented(text json.RawMessage) string {
	var lines bytes.Buffer
	if json.Indent(&lines, text, "", "  ") != nil {
		return string(text)
	}
	return lines.String()
}
