package console

import "github.com/agentvault/teg-layer/server/client"

// severities are those of flags, the worst first.
var severities = []client.Severity{client.SeverityCritical, client.SeverityHigh, client.SeverityMedium, client.SeverityLow}

// flagStatuses are where flags can stand, in their order.
var flagStatuses = []client.FlagStatus{client.FlagStatusNew, client.FlagStatusUnderReview, client.FlagStatusResolved, client.FlagStatusFalsePositive}

// flagsPage is the queue of those who review flags.
type flagsPage struct {
	Filter     *filter
	Statuses   []client.FlagStatus
	Severities []client.Severity
	Metrics    *client.AuditorMetrics
	Queue      []flagsOf
	Admin      bool
}

// flagsOf are the flags of one severity.
type flagsOf struct {
	Severity client.Severity
	List     []client.TrustedFlag
	Pager    pager
	More     string // address of all of them, where not all are shown; empty without
}

// queued is how many flags of each severity are shown where all severities are.
const queued = 20

func flags(v *visit) (any, error) {
	f := v.filter("status", "severity", "agent_id", "rule", "shadow")
	if len(v.r.URL.Query()) == 0 {
		f.Given["status"] = string(client.FlagStatusNew) // nobody has looked at these
	}
	page := flagsPage{Filter: f, Statuses: flagStatuses, Severities: severities, Admin: v.who.may(admins)}
	query := client.ListFlagsQuery{
		Status: client.FlagStatus(f.Given["status"]), AgentID: f.agent("agent_id"), Rule: f.Given["rule"],
		Shadow: f.Given["shadow"] != "", Limit: queued, Cursor: f.Cursor,
	}
	if len(f.Faults) > 0 {
		return page, nil
	}
	wanted := severities
	if one := f.Given["severity"]; one != "" {
		wanted, query.Limit = []client.Severity{client.Severity(one)}, listed
	}
	for _, severity := range wanted {
		query.Severity = severity
		found, err := v.api.ListFlags(v.r.Context(), query)
		if err != nil {
			return nil, err
		}
		page.add(severity, found)
	}
	var err error
	page.Metrics, err = v.api.GetAuditorMetrics(v.r.Context())
	return page, err
}

// add puts the flags of a severity into the queue.
func (p *flagsPage) add(severity client.Severity, found *client.FlagsPage) {
	group := flagsOf{Severity: severity, List: found.Flags}
	if p.Filter.Given["severity"] != "" {
		group.Pager = p.Filter.pager(found.Page)
	} else {
		if group.Pager.Total, group.Pager.Capped = found.Total, found.TotalCapped; found.NextCursor != nil {
			group.More = p.Filter.with("severity", string(severity))
		}
	}
	p.Queue = append(p.Queue, group)
}
