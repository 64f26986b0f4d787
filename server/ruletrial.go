package server

import (
	"github.com/agentvault/teg-layer/teg"
)

type trialRequest struct {
	Rules []ruleRequest `json:"rules"`
	From  *string       `json:"from"`
	To    *string       `json:"to"`
	Limit *int64        `json:"limit"`
}

func (in *trialRequest) check(f *faults) {
	checkRules(f, in.Rules)
	f.between("limit", in.Limit, 1, teg.MaxLimit)
	from, to := f.instant("from", in.From), f.instant("to", in.To)
	if !from.IsZero() && !to.IsZero() && to.Before(from) {
		f.add("to", "must not be before from", in.To)
	}
}

// maxTrialEvents is how many events a trial reads.
const maxTrialEvents = 1_000_000

type trialBody struct {
	Rules    []trialRuleBody    `json:"rules"`
	Findings []trialFindingBody `json:"findings"`
	Events   int64              `json:"events"`
	Until    *string            `json:"until"`
	Complete bool               `json:"complete"`
}

type trialRuleBody struct {
	Code     teg.RuleCode `json:"code"`
	Findings int64        `json:"findings"`
	Agents   int64        `json:"agents"`
}

type trialFindingBody struct {
	Agent        teg.DID             `json:"flagged_agent_did"`
	Code         teg.RuleCode        `json:"rule_violated_code"`
	Reason       string              `json:"flag_reason"`
	Severity     teg.Severity        `json:"severity"`
	Transactions []teg.TransactionID `json:"related_transaction_ids"`
	WindowStart  string              `json:"window_start"`
	Shadow       bool                `json:"shadow"`
}

// postTrial tells what rules would have found, had they been set otherwise. It ends in
// time to say how far it came.
func postTrial(c *call, in *trialRequest) (answer, error) {
	var f faults // as it has been checked
	t, err := c.engine().TryRules(c.ctx, teg.TryRulesParams{
		Changes: changes(in.Rules), From: f.instant("from", in.From), To: f.instant("to", in.To),
		MaxEvents: maxTrialEvents, Patience: c.server.config.RequestTimeout / 2, Limit: int(orZero(in.Limit)),
	})
	body := trialBody{
		Rules: make([]trialRuleBody, len(t.Rules)), Findings: make([]trialFindingBody, len(t.Findings)),
		Events: t.Events, Until: stampOrNull(t.Until), Complete: t.Complete,
	}
	for i, r := range t.Rules {
		body.Rules[i] = trialRuleBody{r.Code, r.Findings, r.Agents}
	}
	for i, found := range t.Findings {
		body.Findings[i] = trialFindingBody{
			found.Agent, found.Code, found.Reason, found.Severity, orEmpty(found.Transactions), stamp(found.WindowStart), found.Shadow,
		}
	}
	return answer{body: body}, err
}
