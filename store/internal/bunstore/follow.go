package bunstore

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/store"
)

// Follow implements [store.EventReader]. Events beyond the head, should there be
// any, are not numbered for good.
//
// PostgreSQL drops tables at once for all, views that were taken before too. Such a view
// tells of a tail that is no longer true, and nothing of what was there; hence the second
// look at the tail, behind the view.
func (r *Reader) Follow(ctx context.Context, from int64, limit int, actions ...string) (list []store.Event, next int64, err error) {
	for {
		var log ends
		err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
			if log, err = view.ends(ctx); err == nil {
				list, next, err = view.follow(ctx, log, from, limit, actions)
			}
			return err
		})
		if err != nil || r.dialect == SQLite || len(actions) == 0 && dense(list, from) {
			return list, next, err
		}
		now, err := r.LogTail(ctx)
		if err != nil || r.joined || now == log.Tail || from >= now {
			return list, next, err
		}
	}
}

// dense reports whether a page lacks nothing. An empty one may.
func dense(list []store.Event, from int64) bool {
	return len(list) > 0 && list[0].Position == from && list[len(list)-1].Position == from+int64(len(list))-1
}

func (r *Reader) follow(ctx context.Context, log ends, from int64, limit int, actions []string) ([]store.Event, int64, error) {
	var list []store.Event
	if err := log.begins(from); err != nil {
		if from > log.Size || !kept(actions) {
			return nil, from, err
		}
		if list, err = r.followed(ctx, "kept_events", from, log.Tail, limit, actions); err != nil || len(list) == limit {
			return list, behind(list, from), err
		}
	}
	rest, err := r.followed(ctx, "events", max(from, log.Tail), log.Size, limit-len(list), actions)
	if list = append(list, rest...); err != nil || len(list) < limit {
		return list, log.Size, err
	}
	return list, behind(list, from), nil
}

// kept reports whether all events of these actions are kept.
func kept(actions []string) bool {
	for _, action := range actions {
		if !slices.Contains(store.KeptActions, action) {
			return false
		}
	}
	return len(actions) > 0
}

// behind is the position behind the last of a list.
func behind(list []store.Event, from int64) int64 {
	if len(list) == 0 {
		return from
	}
	return list[len(list)-1].Position + 1
}

// followed reads one of the tables that have events.
func (r *Reader) followed(ctx context.Context, table string, from, to int64, limit int, actions []string) ([]store.Event, error) {
	where, args := ``, []any{from, to}
	if len(actions) > 0 {
		where, args = ` AND action IN (?)`, append(args, bun.List(actions))
		if !slices.Contains(actions, "transfer") {
			where += ` AND action <> 'transfer'`
		}
	}
	var rows []eventRow
	err := r.scan(ctx, &rows, `SELECT `+eventColumns+` FROM `+table+` WHERE position >= ? AND position < ?`+where+`
		ORDER BY position LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, err
	}
	return events(rows)
}
