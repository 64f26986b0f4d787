package bunstore

import (
	"context"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/ledger"
)

// AccountsByID implements [ledger.OversightReader].
func (r *Reader) AccountsByID(ctx context.Context, list ...ledger.AccountID) ([]ledger.Account, error) {
	var accounts []ledger.Account
	err := chunks(ctx, r, list, func(view *Reader, part []ledger.AccountID) error {
		found, err := view.accounts(ctx, `id IN (?)`, bun.List(part))
		accounts = append(accounts, found...)
		return err
	})
	return inOrder(accounts), err
}

// ListAgents implements [ledger.OversightReader]. It walks along the index of the rows,
// which are given out in the order in which agents come.
func (r *Reader) ListAgents(ctx context.Context, q ledger.AgentQuery) (page []ledger.ListedAgent, total int64, err error) {
	where, args := `1 = 1`, []any{}
	if q.Containing != "" {
		within := ` AND instr(did, ?) > 0`
		if r.dialect == Postgres {
			within = ` AND strpos(did, ?) > 0`
		}
		where, args = where+within, append(args, q.Containing)
	}
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		if total, err = view.countUpTo(ctx, q.Count, `agent_teg_profiles WHERE `+where, args); err != nil {
			return err
		}
		if q.Below != 0 {
			where, args = where+` AND account_id < ?`, append(args, q.Below)
		}
		agents, err := view.agents(ctx, where+` ORDER BY account_id DESC LIMIT ? OFFSET ?`, append(args, q.Limit, q.Offset)...)
		if err != nil {
			return err
		}
		page, err = view.withRows(ctx, agents)
		return err
	})
	return page, total, err
}

// withRows adds the available rows of agents who are in the order of their rows, from the
// last on.
func (r *Reader) withRows(ctx context.Context, agents []ledger.Agent) (list []ledger.ListedAgent, err error) {
	ids := make([]ledger.AccountID, len(agents))
	for i := range agents {
		ids[i] = agents[i].Account
	}
	rows, err := r.AccountsByID(ctx, ids...)
	slices.Reverse(rows)
	for i := range rows {
		list = append(list, ledger.ListedAgent{Agent: agents[i], Available: rows[i]})
	}
	return list, err
}

// countUpTo counts rows up to a limit; none of 0.
func (r *Reader) countUpTo(ctx context.Context, limit int64, from string, args []any) (total int64, err error) {
	if limit == 0 {
		return 0, nil
	}
	err = r.scan(ctx, &total, `SELECT count(*) FROM (SELECT 1 FROM `+from+` LIMIT ?) AS matches`, append(slices.Clone(args), limit)...)
	return total, err
}

// Posted implements [ledger.OversightReader].
func (r *Reader) Posted(ctx context.Context, q ledger.PostedQuery) (page []ledger.Recorded, total int64, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		where, args, err := view.postedFilter(ctx, q)
		if err != nil {
			return err
		}
		of, err := view.typesInOrder(ctx, q.Types)
		if err != nil {
			return err
		}
		if len(q.Types) > 0 {
			args = append(args, bun.List(numbers(q.Types)))
		}
		if total, err = view.countUpTo(ctx, q.Count, `teg_transactions t WHERE `+where+ofTypes(q.Types), args); err != nil {
			return err
		}
		where += of
		if q.Before != (ledger.TransactionID{}) {
			where, args = where+` AND t.id < ?`, append(args, r.dialect.ID(q.Before))
		}
		var rows []transactionRow
		chosen := `SELECT * FROM teg_transactions t WHERE ` + where + ` ORDER BY t.id DESC LIMIT ? OFFSET ?` // first, so that no others are joined
		err = view.scan(ctx, &rows, `SELECT `+recordedColumns+` FROM (`+chosen+`) t`+recordedJoins+`ORDER BY t.id DESC`, append(args, q.Limit, q.Offset)...)
		if err == nil {
			page, err = recordedList(rows)
		}
		return err
	})
	return page, total, err
}

// postedFilter is what is asked for, but for the types.
func (r *Reader) postedFilter(ctx context.Context, q ledger.PostedQuery) (string, []any, error) {
	var where strings.Builder
	where.WriteString(`1 = 1`)
	var args []any
	also := func(condition string, arguments ...any) {
		where.WriteString(` AND ` + condition)
		args = append(args, arguments...)
	}
	if q.Reference != "" {
		also(`t.reference = ?`, q.Reference)
	}
	if !q.AtLeast.IsZero() {
		also(`t.amount >= ?`, r.dialect.Amount(q.AtLeast))
	}
	span, arguments, err := r.within(ctx, q.From, q.To)
	if err == nil && span != "" {
		also(span, arguments...)
	}
	return where.String(), args, err
}

// ofTypes selects transactions of types, which are the argument, where there are any. All but
// transfers have an index of their own.
func ofTypes(types []ledger.TransactionType) string {
	switch {
	case len(types) == 0:
		return ``
	case slices.Contains(types, ledger.TypeTransfer):
		return ` AND t.type IN (?)`
	}
	return ` AND t.type IN (?) AND t.type <> 1`
}

// typesInOrder is the same for a page. The index has each type in order, and one behind the
// other: of several of which there are many SQLite would sort all for one page.
func (r *Reader) typesInOrder(ctx context.Context, types []ledger.TransactionType) (string, error) {
	if len(types) > 1 {
		if few, err := r.rare(ctx, types, math.MaxInt64); err != nil || !few {
			return ` AND t.type IN (?)`, err
		}
	}
	return ofTypes(types), nil
}

// clocksApart is by how much the clocks of servers that write at the same time may differ,
// and how long what was given an id may wait for its instant.
const clocksApart = 5 * time.Minute

// within selects transactions of a range of time; empty where there is none. Their ids are in
// the order of time, but for what clocks differ, so that most of the others are not looked at.
func (r *Reader) within(ctx context.Context, from, to time.Time) (where string, args []any, err error) {
	var parts []string
	if !from.IsZero() {
		first, _, err := r.idsAround(ctx, from.Add(-clocksApart))
		if err != nil {
			return "", nil, err
		}
		parts, args = append(parts, `t.at >= ?`, `t.id >= ?`), append(args, r.dialect.From(from), r.dialect.ID(first))
	}
	if !to.IsZero() {
		_, last, err := r.idsAround(ctx, to.Add(clocksApart))
		if err != nil {
			return "", nil, err
		}
		parts, args = append(parts, `t.at < ?`, `t.id <= ?`), append(args, r.dialect.From(to), r.dialect.ID(last))
	}
	return strings.Join(parts, ` AND `), args, nil
}

// idsAround are an id before which all transactions are from before an instant, and one from
// which on all are from then on, as far as ids are in the order of time. It halves what their
// first six bytes can be, which is the time.
func (r *Reader) idsAround(ctx context.Context, at time.Time) (before, after ledger.ID, err error) {
	var low, high uint64
	for order, into := range map[string]*uint64{``: &low, ` DESC`: &high} {
		var end idColumn
		err := r.scan(ctx, visitor(func(scan func(into []any) error) error { return scan([]any{&end}) }), `SELECT id FROM teg_transactions ORDER BY id`+order+` LIMIT 1`)
		if err != nil {
			return before, after, err
		}
		*into = beginning(ledger.ID(end))
	}
	for high++; low < high; {
		middle := low + (high-low)/2
		var when timeColumn
		err := r.scan(ctx, visitor(func(scan func(into []any) error) error { return scan([]any{&when}) }),
			`SELECT at FROM teg_transactions WHERE id >= ? ORDER BY id LIMIT 1`, r.dialect.ID(beginningWith(middle)))
		if err != nil {
			return before, after, err
		}
		if !when.IsZero() && when.Before(at) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return beginningWith(max(low, 1) - 1), beginningWith(low), nil
}

// beginning is the number that the first six bytes of an id are.
func beginning(id ledger.ID) uint64 { return binary.BigEndian.Uint64(id[:8]) >> 16 }

// beginningWith is the first id whose first six bytes are a number.
func beginningWith(number uint64) (id ledger.ID) {
	binary.BigEndian.PutUint64(id[:8], number<<16)
	return id
}
