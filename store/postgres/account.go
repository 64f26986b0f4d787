package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

// readOwners looks each owner up by the index: OFFSET 0 keeps the planner from making one
// join of it, for which it would read the whole table where it has not counted it yet.
const readOwners = `SELECT found.* FROM unnest($1::text[]) AS wanted (name)
	CROSS JOIN LATERAL (SELECT ` + accountColumns + ` FROM accounts WHERE owner = wanted.name OFFSET 0) AS found ORDER BY found.id`

// AccountsOf implements [ledger.AccountReader]. It is asked all the time, so its statement
// is prepared once on each connection.
func (r *reader) AccountsOf(ctx context.Context, of ...did.DID) ([]ledger.Account, error) {
	if len(of) == 0 {
		return nil, nil
	}
	names := owners(of)
	slices.Sort(names)
	rows, err := r.store.db.DB.QueryContext(ctx, readOwners, pgx.QueryExecModeCacheStatement, slices.Compact(names))
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	l := loaded{rows: new(store.Rows)}
	read := call{scan: l.scanAccount}
	err = read.scanAll(rows)
	return l.rows.Accounts, translate(err)
}
