package console

import (
	"fmt"

	"github.com/agentvault/teg-layer/server/client"
)

// rulesPage is all rules, with how they do.
type rulesPage struct {
	List []ruleLine
}

// ruleLine is a rule, with what came of its flags.
type ruleLine struct {
	client.Rule
	Counts client.FlagCounts
}

func rules(v *visit) (any, error) {
	found, err := v.api.ListRules(v.r.Context(), client.ListRulesQuery{})
	if err != nil {
		return nil, err
	}
	metrics, err := v.api.GetAuditorMetrics(v.r.Context())
	if err != nil {
		return nil, err
	}
	counts := map[client.RuleCode]client.FlagCounts{}
	for _, each := range metrics.Rules {
		counts[each.Code] = each.FlagCounts
	}
	var page rulesPage
	for _, each := range found.Rules {
		page.List = append(page.List, ruleLine{each, counts[each.Code]})
	}
	return page, nil
}

// FalseRate is which part of the flags that ended were false; empty where none has.
func (r ruleLine) FalseRate() string {
	if r.Counts.FalsePositiveRate == nil {
		return ""
	}
	return fmt.Sprintf("%.0f %%", *r.Counts.FalsePositiveRate*100)
}
