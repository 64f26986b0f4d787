package bunstore

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/governance/panel"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/staking"
)

var (
	roundsByDispute = selectFrom(&PanelRounds, "dispute IN (%s)")
	seatsByDispute  = selectFrom(&PanelSeats, "dispute IN (%s)")
)

// LoadPanels reads all rounds of disputes, with their seats.
func LoadPanels(ctx context.Context, from Source, of []dispute.ID) (rows panel.Rows, err error) {
	list := make([]ledger.ID, len(of))
	for i, id := range of {
		list[i] = ledger.ID(id)
	}
	if err = from.Select(ctx, roundsByDispute, names(list), PanelRounds.AppendTo(&rows.Rounds)); err == nil {
		err = from.Select(ctx, seatsByDispute, names(list), PanelSeats.AppendTo(&rows.Seats))
	}
	return rows, err
}

// PanelRows implements [panel.Reader].
func (r *Reader) PanelRows(ctx context.Context, disputes ...dispute.ID) (rows panel.Rows, err error) {
	if len(disputes) == 0 {
		return rows, nil
	}
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		return chunks(ctx, view, disputes, func(view *Reader, part []dispute.ID) error {
			rounds, err := list(ctx, view, &barePanelRounds, `dispute IN (?) ORDER BY dispute, number`, ids(view.dialect, part))
			if err != nil {
				return err
			}
			seats, err := list(ctx, view, &PanelSeats, `dispute IN (?) ORDER BY dispute, id`, ids(view.dialect, part))
			rows.Rounds, rows.Seats = append(rows.Rounds, rounds...), append(rows.Seats, seats...)
			return err
		})
	})
	return rows, err
}

// PanelRolls implements [panel.Reader].
func (r *Reader) PanelRolls(ctx context.Context, of dispute.ID) (map[panel.RoundID]string, error) {
	rounds, err := list(ctx, r, &PanelRounds, `dispute = ?`, r.dialect.ID(of))
	rolls := make(map[panel.RoundID]string, len(rounds))
	for i := range rounds {
		rolls[rounds[i].ID] = rounds[i].Roll
	}
	return rolls, err
}

// OpenRounds implements [panel.Reader].
func (r *Reader) OpenRounds(ctx context.Context, after panel.RoundID, limit int) ([]panel.Round, error) {
	return list(ctx, r, &barePanelRounds, `id > ? AND state <= 3 ORDER BY id LIMIT ?`, r.dialect.ID(after), limit)
}

// PanelSteps implements [panel.Reader].
func (r *Reader) PanelSteps(ctx context.Context, round panel.RoundID) ([]panel.Step, error) {
	return list(ctx, r, &PanelSteps, `round = ? ORDER BY seq`, r.dialect.ID(round))
}

// SeatsOf implements [panel.Reader].
func (r *Reader) SeatsOf(ctx context.Context, q panel.SeatQuery) (page []panel.Seat, total int64, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		where, args := `juror = ?`, []any{q.Juror.String()}
		if q.OpenOnly {
			where += ` AND open`
		}
		if q.Count > 0 {
			err := view.scan(ctx, &total, `SELECT count(*) FROM (SELECT 1 FROM panel_seats WHERE `+where+` LIMIT ?) AS matches`, append(args, q.Count)...)
			if err != nil {
				return err
			}
		}
		if q.After != (panel.SeatID{}) {
			where, args = where+` AND id < ?`, append(args, view.dialect.ID(q.After))
		}
		page, err = list(ctx, view, &PanelSeats, where+` ORDER BY id DESC LIMIT ? OFFSET ?`, append(args, q.Limit, q.Offset)...)
		return err
	})
	return page, total, err
}

// AuditRounds implements [panel.Reader].
func (r *Reader) AuditRounds(ctx context.Context, after panel.RoundID, limit int) ([]panel.Round, error) {
	return audit(ctx, r, &PanelRounds, after, limit)
}

// candidatePools are the agents' own pools of those who may be jurors, those with the
// most in them first. All such pools are looked at: this is asked once for a round.
const candidatePools = ` FROM pools JOIN accounts ON accounts.id = pools.agent JOIN agent_teg_profiles ON account_id = pools.agent
	WHERE pools.kind = 1 AND NOT closed AND tokens >= ? AND origin <> 3 AND reputation_score >= ?
	AND (status = 1 OR status = 2 AND suspended_until <= ?)`

// Candidates implements [panel.Reader]. Pools are read from the largest on, until no
// further one can hold as much from before the instant as those that were found: else
// whoever staked much afterwards could keep others out.
func (r *Reader) Candidates(ctx context.Context, q panel.CandidateQuery) (found []panel.Candidate, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		var last *staking.Pool
		for {
			pools, jurors, err := view.candidatePools(ctx, q, last)
			if err != nil {
				return err
			}
			weights, err := view.stakedBefore(ctx, pools, q.StakedBefore)
			if err != nil {
				return err
			}
			for i := range pools {
				if weight := weights[pools[i].ID]; !weight.IsZero() && !weight.Less(q.MinStake) && free(&pools[i], q.MinFree) {
					found = append(found, panel.Candidate{Juror: jurors[i], Account: pools[i].Agent, Weight: weight})
				}
			}
			slices.SortStableFunc(found, func(a, b panel.Candidate) int { return b.Weight.Cmp(a.Weight) })
			found = found[:min(len(found), q.Limit)]
			if len(pools) == 0 || len(pools) < q.Limit {
				return nil
			}
			last = &pools[len(pools)-1]
			if len(found) == q.Limit && !found[q.Limit-1].Weight.Less(last.Tokens) {
				return nil
			}
		}
	})
	return found, err
}

// free reports whether so much of a pool is not pinned.
func free(pool *staking.Pool, least amount.Amount) bool {
	left, err := pool.Tokens.Sub(pool.Pinned)
	return err == nil && !left.Less(least)
}

// candidatePools reads a page of them, from the largest on or from behind one.
func (r *Reader) candidatePools(ctx context.Context, q panel.CandidateQuery, after *staking.Pool) (pools []staking.Pool, jurors []did.DID, err error) {
	var pool staking.Pool
	var juror did.DID
	into := []any{Column{(*ledger.ID)(&pool.ID)}, Column{(*int64)(&pool.Agent)}, Column{&pool.Tokens}, Column{&pool.Shares}, Column{&pool.Pinned}, Column{&juror}}
	where, args := candidatePools, []any{r.dialect.Amount(q.MinStake), q.MinReputation, r.dialect.Time(q.Now)}
	if after != nil {
		tokens := r.dialect.Amount(after.Tokens)
		where, args = where+` AND (tokens < ? OR tokens = ? AND pools.id > ?)`, append(args, tokens, tokens, r.dialect.ID(after.ID))
	}
	err = r.scan(ctx, visitor(func(scan func(into []any) error) error {
		err := scan(into)
		pools, jurors = append(pools, pool), append(jurors, juror)
		return err
	}), `SELECT pools.id, pools.agent, tokens, shares, pinned, did`+where+` ORDER BY tokens DESC, pools.id LIMIT ?`, append(args, q.Limit)...)
	return pools, jurors, err
}

// stakedBefore is what was staked in pools before an instant and still is, at what it
// is worth now.
func (r *Reader) stakedBefore(ctx context.Context, pools []staking.Pool, instant time.Time) (map[staking.PoolID]amount.Amount, error) {
	owners, by := make([]ledger.AccountID, len(pools)), make(map[staking.PoolID]*staking.Pool, len(pools))
	for i := range pools {
		owners[i], by[pools[i].ID] = pools[i].Agent, &pools[i]
	}
	worth := make(map[staking.PoolID]amount.Amount, len(pools))
	err := chunks(ctx, r, owners, func(view *Reader, part []ledger.AccountID) error {
		stakes, err := list(ctx, view, &Stakes, `owner IN (?) AND live AND staked_at < ?`, bun.List(part), view.dialect.From(instant))
		for i := 0; err == nil && i < len(stakes); i++ {
			if pool := by[stakes[i].Pool]; pool != nil {
				worth[pool.ID], err = worth[pool.ID].Add(pool.Worth(stakes[i].Shares))
			}
		}
		return err
	})
	return worth, err
}
