package bunstore

import (
	"context"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
)

var flagsByID = selectFrom(&Flags, "id IN (%s)")

// LoadFlags reads those of the flags that exist.
func LoadFlags(ctx context.Context, from Source, named []auditor.FlagID) (rows []auditor.Flag, err error) {
	list := make([]ledger.ID, len(named))
	for i, id := range named {
		list[i] = ledger.ID(id)
	}
	err = from.Select(ctx, flagsByID, names(list), Flags.AppendTo(&rows))
	return rows, err
}

// Flags implements [store.FlagReader].
func (r *Reader) Flags(ctx context.Context, q auditor.FlagQuery) (page []auditor.Flag, total int64, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		where, args := view.flagFilter(q)
		if q.Count > 0 {
			err := view.scan(ctx, &total, `SELECT count(*) FROM (SELECT 1 FROM auditor_flag_logs WHERE `+where+` LIMIT ?) AS matches`, append(args, q.Count)...)
			if err != nil {
				return err
			}
		}
		if !q.After.IsZero() {
			where, args = where+` AND id < ?`, append(args, view.dialect.ID(q.After))
		}
		page, err = list(ctx, view, &Flags, where+` ORDER BY id DESC LIMIT ? OFFSET ?`, append(args, q.Limit, q.Offset)...)
		return err
	})
	return page, total, err
}

func (r *Reader) flagFilter(q auditor.FlagQuery) (string, []any) {
	if len(q.IDs) > 0 {
		return `id IN (?)`, []any{ids(r.dialect, q.IDs)}
	}
	conditions, args := []string{`shadow = ?`}, []any{q.Shadow}
	add := func(wanted bool, condition string, arg any) {
		if wanted {
			conditions, args = append(conditions, condition), append(args, arg)
		}
	}
	add(!q.Agent.IsZero(), `agent = ?`, q.Agent.String())
	add(q.Code != "", `rule = ?`, string(q.Code))
	add(q.Severity != 0, `severity = ?`, int(q.Severity))
	add(q.Status != 0, `status = ?`, int(q.Status))
	return strings.Join(conditions, ` AND `), args
}

// FlagSteps implements [store.FlagReader].
func (r *Reader) FlagSteps(ctx context.Context, flag auditor.FlagID) ([]auditor.Step, error) {
	return list(ctx, r, &FlagSteps, `flag = ? ORDER BY seq`, r.dialect.ID(flag))
}

// FlagTallies implements [store.FlagReader].
func (r *Reader) FlagTallies(ctx context.Context) (tallies []auditor.Tally, err error) {
	taken := `sum(updated_at - created_at)` // microseconds
	if r.dialect == Postgres {
		taken = `CAST(sum(extract(epoch FROM updated_at - created_at)) * 1000000 AS BIGINT)`
	}
	var row auditor.Tally
	var micros int64
	into := []any{
		Column{(*string)(&row.Code)}, Column{(*uint8)(&row.Severity)}, Column{(*uint8)(&row.Status)}, Column{&row.Shadow}, Column{&row.Flags}, Column{&micros},
	}
	err = r.scan(ctx, visitor(func(scan func(into []any) error) error {
		err := scan(into)
		row.Taken = time.Duration(micros) * time.Microsecond
		tallies = append(tallies, row)
		return err
	}), `SELECT rule, severity, status, shadow, count(*), `+taken+` FROM auditor_flag_logs
		GROUP BY rule, severity, status, shadow ORDER BY rule, severity, status, shadow`)
	return tallies, err
}

// AuditFlags implements [store.FlagReader].
func (r *Reader) AuditFlags(ctx context.Context, after auditor.FlagID, limit int) ([]auditor.Flag, error) {
	return audit(ctx, r, &Flags, after, limit)
}
