package bunstore

import (
	"context"
	"slices"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
)

var (
	scoresByAgent  = selectFrom(&Scores, "account_id IN (%s)")
	reportsByScope = selectFrom(&Reports, "scope IN (%s)")
	reportsByOwn   = selectFrom(&Reports, "own IN (%s)")
)

// LoadReputation reads scores and reports. Signals of pairs are counted by the
// drivers.
func LoadReputation(ctx context.Context, from Source, need reputation.Need) (rows reputation.Rows, err error) {
	if len(need.Agents) > 0 {
		err = from.Select(ctx, scoresByAgent, counts(need.Agents), Scores.AppendTo(&rows.Scores))
	}
	for by, list := range map[*Selection][]ledger.ID{reportsByScope: need.Scopes, reportsByOwn: need.Own} {
		if err == nil && len(list) > 0 {
			err = from.Select(ctx, by, names(list), Reports.AppendTo(&rows.Reports))
		}
	}
	rows.Reports = TidyReports(rows.Reports)
	return rows, err
}

// TidyReports puts reports in the order of their ids, each once.
func TidyReports(reports []reputation.Report) []reputation.Report {
	slices.SortFunc(reports, func(a, b reputation.Report) int { return ledger.ID(a.ID).Compare(ledger.ID(b.ID)) })
	return slices.CompactFunc(reports, func(a, b reputation.Report) bool { return a.ID == b.ID })
}
