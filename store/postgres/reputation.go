package postgres

import (
	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	scores      = keep(&bunstore.Scores)
	scoreEvents = keep(&bunstore.ScoreEvents)
	reports     = keep(&bunstore.Reports)

	findScores  = statement{"find_scores", selectFrom(&bunstore.Scores) + `account_id = ANY($1::bigint[])`}
	findReports = statement{"find_reports", selectFrom(&bunstore.Reports) + `scope = ANY($1::uuid[]) OR own = ANY($2::uuid[])`}
	countPairs  = statement{"count_pairs", `SELECT e.giver, e.agent, count(*) FROM unnest($1::bigint[], $2::bigint[]) AS d (giver, agent)
		JOIN reputation_events AS e ON e.giver = d.giver AND e.agent = d.agent AND e.reason = 1 AND e.at >= $3 GROUP BY e.giver, e.agent`}
	moveBuckets = statement{"move_buckets", `INSERT INTO reputation_histogram AS h (score, stripe, agents)
		SELECT score, $1, agents FROM unnest($2::int[], $3::bigint[]) AS d (score, agents) ORDER BY score
		ON CONFLICT (score, stripe) DO UPDATE SET agents = h.agents + excluded.agents`}
)

// conductCalls find what is needed, behind the locks of the agents' rows.
func (l *loaded) conductCalls(need *reputation.Need) (calls []call) {
	rows := &l.rows.Reputation
	if len(need.Agents) > 0 {
		calls = append(calls, ask(findScores, scanInto(&bunstore.Scores, &rows.Scores), accountIDs(need.Agents)))
	}
	if len(need.Scopes)+len(need.Own) > 0 {
		calls = append(calls, ask(findReports, scanInto(&bunstore.Reports, &rows.Reports), uuids(need.Scopes), uuids(need.Own)))
	}
	if len(need.Pairs) == 0 {
		return calls
	}
	rows.Pairs = make(map[reputation.Pair]int, len(need.Pairs))
	var givers, agents []int64
	for _, pair := range need.Pairs {
		givers, agents = append(givers, int64(pair.Giver)), append(agents, int64(pair.Agent))
	}
	return append(calls, ask(countPairs, func(s scanner) error {
		var pair reputation.Pair
		var count int
		err := s.Scan(&pair.Giver, &pair.Agent, &count)
		rows.Pairs[pair] = count
		return err
	}, givers, agents, need.Since))
}

func scanInto[Row any](t *bunstore.Table[Row], list *[]Row) func(scanner) error {
	add := t.AppendTo(list)
	return func(s scanner) error { return add(func(into []any) error { return s.Scan(into...) }) }
}

// reputationCalls write what changed of conduct. The counts of agents are those of
// the writer's stripe, locked in the order of the scores: hosts may share one.
func reputationCalls(c *store.Changes, stripe uint8) (calls []call) {
	r := &c.Reputation
	calls = scores.changeCall(calls, r.Scores)
	calls = scoreEvents.insertCall(calls, r.Events)
	calls = reports.insertCall(calls, r.Reports)
	if len(r.Moved) == 0 {
		return calls
	}
	values, agents := integers(len(r.Moved)), bigints(len(r.Moved))
	for _, bucket := range r.Moved {
		values.int32(int32(bucket.Value))
		agents.int64(bucket.Agents)
	}
	return append(calls, do(moveBuckets, int16(stripe), values, agents))
}
