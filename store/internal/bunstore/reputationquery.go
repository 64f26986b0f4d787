package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/reputation"
)

// rankedColumns are those of [Scores], and the others, with the tables of both.
var rankedColumns = `SELECT ` + Scores.Columns() + `, did, (SELECT seq FROM accounts WHERE id = account_id) FROM `

// ranked reads agents with their scores.
func (r *Reader) ranked(ctx context.Context, rest string, args ...any) (list []reputation.Ranked, err error) {
	var row reputation.Ranked
	into := append(Scores.Into(&row.Score), Column{&row.ID}, Column{&row.Transactions})
	visit := visitor(func(scan func(into []any) error) error {
		err := scan(into)
		list = append(list, row)
		return err
	})
	err = r.scan(ctx, visit, rankedColumns+rest, args...)
	return list, err
}

// ScoresOf implements [reputation.Reader].
func (r *Reader) ScoresOf(ctx context.Context, agents ...did.DID) (list []reputation.Ranked, err error) {
	err = chunks(ctx, r, agents, func(view *Reader, part []did.DID) error {
		found, err := view.ranked(ctx, `agent_teg_profiles WHERE did IN (?)`, bun.List(texts(part)))
		list = append(list, found...)
		return err
	})
	return list, err
}

// PlaceOf implements [reputation.Reader].
func (r *Reader) PlaceOf(ctx context.Context, agent did.DID) (found *reputation.Ranked, h reputation.Histogram, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		list, err := view.ScoresOf(ctx, agent)
		if err != nil || len(list) == 0 {
			return err
		}
		found = &list[0]
		h, err = view.histogramAround(ctx, list)
		return err
	})
	return found, h, err
}

// ScoreEvents implements [reputation.Reader].
func (r *Reader) ScoreEvents(ctx context.Context, q reputation.EventQuery) (page []reputation.RecordedEvent, total int64, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		page, total, err = view.scoreEvents(ctx, q)
		return err
	})
	return page, total, err
}

// oldestSince keeps what is older from being walked. It looks at some events, since
// the times of two servers may not rise with the seqs.
const oldestSince = `SELECT min(seq) FROM (SELECT seq FROM reputation_events WHERE agent = ? AND at >= ? ORDER BY at LIMIT 100) AS oldest`

func (r *Reader) scoreEvents(ctx context.Context, q reputation.EventQuery) (page []reputation.RecordedEvent, total int64, err error) {
	where, args := `agent = ?`, []any{q.Agent}
	if !q.From.IsZero() {
		from := r.dialect.From(q.From)
		where, args = where+` AND at >= ? AND seq >= (`+oldestSince+`)`, append(args, from, q.Agent, from)
	}
	if q.Count > 0 {
		err := r.scan(ctx, &total, `SELECT count(*) FROM (SELECT 1 FROM reputation_events WHERE `+where+` LIMIT ?) AS matches`, append(args, q.Count)...)
		if err != nil {
			return nil, 0, err
		}
	}
	if q.Below > 0 {
		where, args = where+` AND seq < ?`, append(args, q.Below)
	}
	var row reputation.RecordedEvent
	into := append(ScoreEvents.Into(&row.Event), Column{&row.AgentID}, Column{&row.GiverID})
	visit := visitor(func(scan func(into []any) error) error {
		err := scan(into)
		page = append(page, row)
		return err
	})
	err = r.scan(ctx, visit, `SELECT `+ScoreEvents.Columns()+`, (SELECT owner FROM accounts WHERE id = agent), coalesce((SELECT owner FROM accounts WHERE id = giver), '')
		FROM (SELECT * FROM reputation_events WHERE `+where+` ORDER BY seq DESC LIMIT ? OFFSET ?) AS page ORDER BY seq DESC`, append(args, q.Limit, q.Offset)...)
	return page, total, err
}

// Signals implements [reputation.Reader].
func (r *Reader) Signals(ctx context.Context, transactions ...ledger.TransactionID) (list []reputation.GivenSignal, err error) {
	err = chunks(ctx, r, transactions, func(view *Reader, part []ledger.TransactionID) error {
		var row reputation.GivenSignal
		var requested int
		return view.scan(ctx, visitor(func(scan func(into []any) error) error {
			err := scan([]any{Column{(*ledger.ID)(&row.Transaction)}, Column{&requested}})
			row.Value = max(-1, min(1, requested))
			list = append(list, row)
			return err
		}), `SELECT transaction_id, requested FROM reputation_events WHERE reason = 1 AND transaction_id IN (?)`, ids(view.dialect, part))
	})
	return list, err
}

// Reports implements [reputation.Reader].
func (r *Reader) Reports(ctx context.Context, named ...reputation.ReportID) (found []reputation.Report, err error) {
	err = chunks(ctx, r, named, func(view *Reader, part []reputation.ReportID) error {
		some, err := list(ctx, view, &Reports, `id IN (?)`, ids(view.dialect, part))
		found = append(found, some...)
		return err
	})
	return found, err
}

// AuditScores implements [store.ReputationAuditReader].
func (r *Reader) AuditScores(ctx context.Context, visit func(reputation.Score) error) (h reputation.Histogram, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		if h, err = view.histogram(ctx); err != nil {
			return err
		}
		row := new(reputation.Score)
		into := Scores.Into(row)
		return view.scan(ctx, visitor(func(scan func(into []any) error) error {
			if err := scan(into); err != nil {
				return err
			}
			return visit(*row)
		}), `SELECT `+Scores.Columns()+` FROM agent_teg_profiles`)
	})
	return h, err
}

// AuditScoreEvents implements [store.ReputationAuditReader].
func (r *Reader) AuditScoreEvents(ctx context.Context, agent ledger.AccountID, seq int64, limit int) ([]reputation.Event, error) {
	return list(ctx, r, &ScoreEvents, `(agent, seq) > (?, ?) ORDER BY agent, seq LIMIT ?`, agent, seq, limit)
}

// AuditReports implements [store.ReputationAuditReader].
func (r *Reader) AuditReports(ctx context.Context, after reputation.ReportID, limit int) ([]reputation.Report, error) {
	return audit(ctx, r, &Reports, after, limit)
}
