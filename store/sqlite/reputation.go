package sqlite

import (
	"context"

	"github.com/agentvault/teg-layer/reputation"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

var (
	scores      = keep(&bunstore.Scores)
	scoreEvents = keep(&bunstore.ScoreEvents)
	reports     = keep(&bunstore.Reports)

	countPair = one("SELECT count(*) FROM reputation_events WHERE giver = ? AND agent = ? AND reason = 1 AND at >= ?")
	// There is one writer, and one stripe is enough.
	moveBucket = one("INSERT INTO reputation_histogram (score, stripe, agents) VALUES (?, 0, ?) " +
		"ON CONFLICT (score, stripe) DO UPDATE SET agents = agents + excluded.agents")
)

func loadReputation(ctx context.Context, e executor, need *store.Need, rows *store.Rows) (err error) {
	n := &need.Reputation
	if n.Empty() {
		return nil
	}
	if rows.Reputation, err = bunstore.LoadReputation(ctx, source{e}, *n); err != nil {
		return err
	}
	rows.Reputation.Pairs = make(map[reputation.Pair]int, len(n.Pairs))
	for _, pair := range n.Pairs {
		args := &e.buffers().args
		args.reset()
		args.int(int64(pair.Giver))
		args.int(int64(pair.Agent))
		args.time(n.Since)
		err := e.query(ctx, countPair, args.values, func(r *row) { rows.Reputation.Pairs[pair] = int(r.int()) })
		if err != nil {
			return err
		}
	}
	return nil
}

func writeReputation(ctx context.Context, e executor, c *store.Changes) error {
	r := &c.Reputation
	for _, step := range []func() error{
		func() error { return scores.changeAll(ctx, e, r.Scores) },
		func() error { return scoreEvents.insertAll(ctx, e, r.Events) },
		func() error { return reports.insertAll(ctx, e, r.Reports) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	for _, bucket := range r.Moved {
		_, err := run(ctx, e, moveBucket, func(a *arguments) {
			a.int(int64(bucket.Value))
			a.int(bucket.Agents)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
