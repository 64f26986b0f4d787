package teg

import (
	"context"

	"github.com/agentvault/teg-layer/staking"
)

// RewardCyclesQuery selects closed reward cycles, newest first.
type RewardCyclesQuery struct {
	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
	Total  bool   // count also with a cursor
}

// RewardCyclesPage is a page of closed reward cycles.
type RewardCyclesPage struct {
	Cycles     []RewardCycle
	Total      int64 // −1 where they were not counted
	NextCursor string
}

// RewardCycles returns a page of closed reward cycles. They are numbered without gaps, so that a
// page costs the same at any depth.
func (e *Engine) RewardCycles(ctx context.Context, q RewardCyclesQuery) (RewardCyclesPage, error) {
	scope := newCursorScope("reward cycles")
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return RewardCyclesPage{}, err
	}
	newest, err := e.reader().RewardCycles(ctx, staking.CycleQuery{Limit: 1})
	if err != nil {
		return RewardCyclesPage{}, outward(err)
	}
	var last int64
	if len(newest) > 0 {
		last = newest[0].Number
	}
	result := RewardCyclesPage{Total: -1}
	if page.counts() {
		result.Total = last
	}
	below := at.seq
	if below == 0 {
		below = last + 1 - q.Offset
	}
	if below < 2 { // the first is number 1
		return result, nil
	}
	rows, err := e.reader().RewardCycles(ctx, staking.CycleQuery{Below: below, Limit: page.limit + 1})
	if err != nil {
		return RewardCyclesPage{}, outward(err)
	}
	rows, more := cut(&page, rows)
	if more {
		result.NextCursor = scope.cursor(place{seq: rows[len(rows)-1].Number})
	}
	for _, c := range rows {
		result.Cycles = append(result.Cycles, shownCycle(c))
	}
	return result, nil
}
