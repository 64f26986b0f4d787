package teg

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
)

// Ranking is an agent's place among all.
type Ranking struct {
	Rank         int64 // from 1; agents who are equal share it
	Agent        DID
	Score        int
	Tier         string
	Trust        *float64 // from 0 to 1; nil while nothing is known
	Transactions int64
}

// RankingsQuery selects agents, the best first.
type RankingsQuery struct {
	// ByTrust ranks by trust, and only those of whom something is known. Otherwise
	// it is by score, and of one score the older agent comes first.
	ByTrust bool

	Limit  int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset int64  // not together with Cursor
	Cursor string // NextCursor of the page before
}

// RankingsPage is a page of agents.
type RankingsPage struct {
	Rankings   []Ranking
	Agents     int64 // that are ranked
	NextCursor string
}

// Rankings returns a page of agents by their scores or their trust. By score a page
// reached by cursor costs the same at any depth; one reached by an offset skips whole
// scores by their counts, and walks past the agents of one along an index: the more of
// them, the longer. By trust a page costs the same however it is reached.
func (e *Engine) Rankings(ctx context.Context, q RankingsQuery) (RankingsPage, error) {
	list := "rankings by score"
	if q.ByTrust {
		list = "rankings by trust"
	}
	scope := newCursorScope(list)
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor}
	at, err := page.resolve(scope)
	if err != nil {
		return RankingsPage{}, err
	}
	trust, err := e.trusted(ctx)
	if err != nil {
		return RankingsPage{}, err
	}
	if q.ByTrust {
		return e.rankedByTrust(ctx, page, at, scope, trust)
	}
	query := reputation.RankingQuery{Offset: q.Offset, Limit: page.limit + 1}
	if q.Cursor != "" {
		query.Below = &reputation.Score{Value: int(at.seq), Agent: accountOf(at.id)}
	}
	rows, histogram, err := e.reader().Ranking(ctx, query)
	if err != nil {
		return RankingsPage{}, outward(err)
	}
	result := RankingsPage{Agents: histogram.Agents()}
	rows, more := cut(&page, rows)
	if more {
		last := &rows[len(rows)-1]
		result.NextCursor = scope.cursor(place{seq: int64(last.Value), id: idOf(last.Agent)})
	}
	for i := range rows {
		result.Rankings = append(result.Rankings, ranking(&rows[i], histogram.Rank(rows[i].Value), trust))
	}
	return result, nil
}

func ranking(r *reputation.Ranked, rank int64, trust *trustView) Ranking {
	return Ranking{
		Rank: rank, Agent: r.ID, Score: r.Value, Tier: reputation.Tier(r.Value), Trust: trust.of(r.ID), Transactions: r.Transactions,
	}
}

// rankedByTrust pages through what is in memory. A cursor names the score and the
// agent after which it goes on, whatever has become of them.
func (e *Engine) rankedByTrust(ctx context.Context, page pageRequest, at place, scope cursorScope, trust *trustView) (RankingsPage, error) {
	start := min(int(page.offset), len(trust.order))
	if page.cursor != "" {
		start = trust.after(at)
	}
	order := trust.order[start:]
	result := RankingsPage{Agents: int64(len(trust.order))}
	if len(order) > page.limit {
		order = order[:page.limit]
		result.NextCursor = scope.cursor(order[len(order)-1].place)
	}
	names := make([]DID, len(order))
	for i := range order {
		names[i] = order[i].agent
	}
	found, err := e.reader().ScoresOf(ctx, names...)
	if err != nil {
		return RankingsPage{}, outward(err)
	}
	scores := make(map[DID]*reputation.Ranked, len(found))
	for i := range found {
		scores[found[i].ID] = &found[i]
	}
	for i := range order {
		if r := scores[order[i].agent]; r != nil {
			result.Rankings = append(result.Rankings, ranking(r, order[i].rank, trust))
		}
	}
	return result, nil
}

// idOf keeps an account's id where a cursor has room for it.
func idOf(account ledger.AccountID) (id ledger.ID) {
	for i := range 8 {
		id[i] = byte(account >> (56 - 8*i))
	}
	return id
}

func accountOf(id ledger.ID) (account ledger.AccountID) {
	for _, b := range id[:8] {
		account = account<<8 | ledger.AccountID(b)
	}
	return account
}
