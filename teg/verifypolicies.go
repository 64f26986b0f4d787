package teg

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/governance/policy"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/store"
)

// policies checks that each policy is what its last version says, and that versions and
// changes have no gap. What the versions say is compared with the log.
func (v *verification) policies() error {
	var err error
	if v.seen, err = v.engine.reader().TermsVersion(v.ctx); err != nil {
		return err
	}
	kept, err := v.engine.reader().Policies(v.ctx)
	if err != nil {
		return err
	}
	now, last := map[PolicyID]Policy{}, map[PolicyID]Policy{}
	for _, p := range kept {
		now[p.ID] = p
	}
	var change int64
	for {
		page, err := v.engine.reader().PolicyVersions(v.ctx, policy.VersionQuery{After: change, Limit: auditPage})
		if err != nil {
			return err
		}
		for i := range page {
			p := &page[i]
			if p.Change != change+1 {
				v.find("policies", p.ID.String(), "was changed by change %d, which follows %d", p.Change, change)
			}
			change = p.Change
			v.policyVersion(p, now, last)
		}
		if len(page) < auditPage {
			break
		}
	}
	v.governance = change
	for _, p := range now { // those whose version was not met
		v.find("policies", p.ID.String(), "lacks its version %d", p.Version)
	}
	return nil
}

// policyVersion takes in a version. Versions are read after the policies and may be newer.
func (v *verification) policyVersion(p *Policy, now, last map[PolicyID]Policy) {
	v.governed.kept.add(toldPolicy{
		Active: p.Active, Change: p.Change, Circuit: p.Circuit, Code: p.Code, Description: p.Description, Level: p.Level.String(), Name: p.Name,
		Parameters: p.Parameters, Reward: textOf(p.Reward), Type: p.Type.String(), Version: p.Version,
	}.sum(p.ID.String(), p.By.String(), p.UpdatedAt.UTC().Format(TimeFormat)))
	before, created := last[p.ID], p.UpdatedAt
	if before.Version > 0 {
		created = before.CreatedAt
	}
	if p.Version != before.Version+1 {
		v.find("policies", p.ID.String(), "lacks version %d", before.Version+1)
	} else if !p.CreatedAt.Equal(created) {
		v.find("policies", p.ID.String(), "was not created when its version %d says", p.Version)
	}
	last[p.ID] = *p
	row, found := now[p.ID]
	switch {
	case found && row.Change == p.Change:
		delete(now, p.ID)
		if row != *p {
			v.find("policies", p.ID.String(), "is not what its version %d says", p.Version)
		}
	case !found && p.Change <= v.seen:
		v.find("policies", p.ID.String(), "has a version %d and is not there, or is an older one", p.Version)
	}
}

// termsVersion compares what the head of the log bore with how many changes there are,
// where nobody wrote meanwhile.
func (v *verification) termsVersion() {
	if v.seen != v.governance {
		v.find("policies", "log_head", "counts %d changes of policies of %d", v.seen, v.governance)
	}
}

// tellPolicy takes in what an event tells of a policy. Changes stand in the log in their
// order, for what is behind one was decided by it; and rules are set as the policy says.
func (v *verification) tellPolicy(a *toldAct) {
	if a.Policy == nil {
		return
	}
	v.governed.told.add(a.Policy.sum(a.ReferenceID, a.Actor, a.At))
	if a.Policy.Change != v.governedTo+1 {
		v.find("log", a.ID, "tells of change %d of policies behind change %d", a.Policy.Change, v.governedTo)
	}
	v.governedTo = a.Policy.Change
	verb := store.VerbPutPolicy
	if !a.Policy.Active {
		verb = store.VerbDeactivatePolicy
	}
	if a.Action != verb.String() {
		v.find("log", a.ID, "tells of a policy, and that somebody did %q", a.Action)
	}
	if rules, err := a.Policy.rules(); err == nil && !slices.EqualFunc(rules, a.Rules, func(x, y json.RawMessage) bool { return bytes.Equal(x, y) }) {
		v.find("log", a.ID, "sets other rules than the policy that it tells of")
	}
}

// rules are the changes of rules that the policy makes, as an event tells them. The error
// says that another version of the program wrote it.
func (p *toldPolicy) rules() (list []json.RawMessage, err error) {
	if p.Type != policy.Auditor.String() || p.Level != policy.Mandatory.String() || !p.Active {
		return nil, nil
	}
	of := Policy{Type: policy.Auditor, Parameters: p.Parameters}
	changes, err := of.Rules()
	for i := range changes {
		list = append(list, auditor.EncodeChange(&changes[i]))
	}
	return list, err
}

// toldPolicy is a policy as an event tells it.
type toldPolicy struct {
	Active      bool   `json:"active"`
	Change      int64  `json:"change"`
	Circuit     string `json:"circuit"`
	Code        string `json:"code"`
	Description string `json:"description"`
	Level       string `json:"level"`
	Name        string `json:"name"`
	Parameters  string `json:"parameters"`
	Reward      string `json:"reward"`
	Type        string `json:"type"`
	Version     int64  `json:"version"`
}

// sum stands for a version of a policy: which, by whom and when.
func (p toldPolicy) sum(id, by, at string) ledger.ID {
	return sumOf(id, by, at, fmt.Sprint(p.Change, p.Version), strconv.FormatBool(p.Active), p.Circuit, p.Code, p.Description, p.Level, p.Name,
		p.Parameters, p.Reward, p.Type)
}
