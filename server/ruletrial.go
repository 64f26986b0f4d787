package server

import (
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

type trialRequest api.TrialRequest

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

// postTrial tells what rules would have found, had they been set otherwise. It ends in
// time to say how far it came.
func postTrial(c *call, in *trialRequest) (answer, error) {
	var f faults // as it has been checked
	t, err := c.engine().TryRules(c.ctx, teg.TryRulesParams{
		Changes: changes(in.Rules), From: f.instant("from", in.From), To: f.instant("to", in.To),
		MaxEvents: maxTrialEvents, Patience: c.server.config.RequestTimeout / 2, Limit: int(orZero(in.Limit)),
	})
	body := api.Trial{
		Rules: make([]api.TrialRule, len(t.Rules)), Findings: make([]api.TrialFinding, len(t.Findings)),
		Events: t.Events, Until: stampOrNull(t.Until), Complete: t.Complete,
	}
	for i, r := range t.Rules {
		body.Rules[i] = api.TrialRule{Code: r.Code, Findings: r.Findings, Agents: r.Agents}
	}
	for i, found := range t.Findings {
		body.Findings[i] = api.TrialFinding{
			FlaggedAgentDID: found.Agent, RuleViolatedCode: found.Code, FlagReason: found.Reason, Severity: found.Severity,
			RelatedTransactionIDs: orEmpty(found.Transactions), WindowStart: stamp(found.WindowStart), Shadow: found.Shadow,
		}
	}
	return answer{body: body}, err
}
