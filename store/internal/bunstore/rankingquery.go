package bunstore

import (
	"context"
	"slices"

	"github.com/agentvault/teg-layer/reputation"
)

// Ranking implements [reputation.Reader].
func (r *Reader) Ranking(ctx context.Context, q reputation.RankingQuery) (list []reputation.Ranked, h reputation.Histogram, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) (err error) {
		switch {
		case q.Below != nil:
			list, err = view.rankedBelow(ctx, q.Below, q.Limit)
		case q.Offset == 0:
			list, err = view.rankedPage(ctx, q.Limit, 0, `reputation_score <= ?`, reputation.MaxScore)
		default:
			if h, err = view.histogram(ctx); err == nil {
				list, err = view.rankedFrom(ctx, h, q.Offset, q.Limit)
			}
			return err
		}
		if err == nil {
			h, err = view.histogramAround(ctx, list)
		}
		return err
	})
	return list, h, err
}

// rankedBelow goes on after an agent, with the others of its score and then with
// the lower scores: one seek for each, at any depth. Of one score, PostgreSQL would
// believe that the index of the ids is as good, and read those of other scores; of a
// list of scores it does not.
func (r *Reader) rankedBelow(ctx context.Context, last *reputation.Score, limit int) ([]reputation.Ranked, error) {
	same := `reputation_score = ? AND account_id > ?`
	if r.dialect == Postgres {
		same = `reputation_score = ANY(ARRAY[?]) AND account_id > ?`
	}
	list, err := r.rankedPage(ctx, limit, 0, same, last.Value, last.Agent)
	if err != nil || len(list) == limit {
		return list, err
	}
	lower, err := r.rankedPage(ctx, limit-len(list), 0, `reputation_score < ?`, last.Value)
	return append(list, lower...), err
}

// rankedFrom skips whole scores by their counts, and walks past the agents of one.
func (r *Reader) rankedFrom(ctx context.Context, h reputation.Histogram, offset int64, limit int) ([]reputation.Ranked, error) {
	top := reputation.MaxScore
	for _, bucket := range h {
		if offset < bucket.Agents {
			break
		}
		offset, top = offset-bucket.Agents, bucket.Value-1
	}
	return r.rankedPage(ctx, limit, offset, `reputation_score <= ?`, top)
}

// rankedPage reads agents in their order. Who they are is found in the index alone,
// so that nothing is looked up of those who are skipped. CROSS JOIN tells SQLite the
// order of the two.
func (r *Reader) rankedPage(ctx context.Context, limit int, offset int64, where string, args ...any) ([]reputation.Ranked, error) {
	return r.ranked(ctx, `(SELECT account_id AS ranked FROM agent_teg_profiles WHERE `+where+`
		ORDER BY reputation_score DESC, account_id LIMIT ? OFFSET ?) AS page CROSS JOIN agent_teg_profiles
		WHERE account_id = ranked ORDER BY reputation_score DESC, account_id`, append(args, limit, offset)...)
}

// buckets reads counts of agents.
func (r *Reader) buckets(ctx context.Context, where string, args ...any) (h reputation.Histogram, err error) {
	var row reputation.Bucket
	visit := visitor(func(scan func(into []any) error) error {
		err := scan([]any{Column{&row.Value}, Column{&row.Agents}})
		h = append(h, row)
		return err
	})
	err = r.scan(ctx, visit, `SELECT score, CAST(sum(agents) AS BIGINT) AS agents FROM reputation_histogram `+where+`
		GROUP BY score HAVING sum(agents) <> 0 ORDER BY score DESC`, args...)
	return h, err
}

// Histogram implements [reputation.Reader].
func (r *Reader) Histogram(ctx context.Context) (reputation.Histogram, error) {
	return r.histogram(ctx)
}

// histogram reads all counts. There are as many rows as scores, times the writers
// that ever counted there, so that only those who need all of it should.
func (r *Reader) histogram(ctx context.Context) (reputation.Histogram, error) {
	return r.buckets(ctx, "")
}

// histogramAround tells what has to be known to rank these agents, the highest score
// first: of the scores on the page the counts, of all others two sums.
func (r *Reader) histogramAround(ctx context.Context, page []reputation.Ranked) (h reputation.Histogram, err error) {
	var high, low reputation.Bucket
	if len(page) > 0 {
		high.Value, low.Value = page[0].Value, page[len(page)-1].Value
	}
	if h, err = r.buckets(ctx, `WHERE score BETWEEN ? AND ?`, low.Value, high.Value); err != nil {
		return nil, err
	}
	err = r.scan(ctx, visitor(func(scan func(into []any) error) error {
		return scan([]any{Column{&high.Agents}, Column{&low.Agents}})
	}), `SELECT CAST(coalesce(sum(agents) FILTER (WHERE score > ?), 0) AS BIGINT), CAST(coalesce(sum(agents) FILTER (WHERE score < ?), 0) AS BIGINT)
		FROM reputation_histogram`, high.Value, low.Value)
	high.Value, low.Value = high.Value+1, low.Value-1
	return slices.Concat(reputation.Histogram{high}, h, reputation.Histogram{low}), err
}
