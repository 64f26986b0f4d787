package teg

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/staking"
)

// DelegatorSlash is a slash as one sees it who had delegated a part of what it
// took. A slash that hit several delegations is there once for each.
//
// What one delegation lost of it is not kept: it is DelegationsRate of what that
// was worth, rounded somewhere, or all of it where next to nothing would have been
// left in the pool. What it is worth since then, [Engine.Delegations] tells.
type DelegatorSlash struct {
	ValidatorSlash
	Validator     DID
	DelegationID  DelegationID
	TransactionID TransactionID // that took it, with what else lay in the same pool
}

// DelegatorSlashesQuery selects the slashes that hit what an agent had delegated,
// newest first.
type DelegatorSlashesQuery struct {
	Delegator DID
	Limit     int    // 1 to [MaxLimit]; zero means [DefaultLimit]
	Offset    int64  // not together with Cursor
	Cursor    string // NextCursor of the page before
	Total     bool   // count also with a cursor
}

// DelegatorSlashesPage is a page of slashes.
type DelegatorSlashesPage struct {
	Slashes    []DelegatorSlash
	Total      int64  // −1 where it was not counted
	NextCursor string // empty on the last page
}

// DelegatorSlashes returns a page of the slashes that hit what an agent had
// delegated, or what was on its way back from that; [ErrNotFound] for one that is
// not registered, [ErrInvalidInput] for a page that cannot be.
func (e *Engine) DelegatorSlashes(ctx context.Context, q DelegatorSlashesQuery) (DelegatorSlashesPage, error) {
	scope := newCursorScope("delegator slashes", q.Delegator.String())
	page := pageRequest{limit: q.Limit, offset: q.Offset, cursor: q.Cursor, total: q.Total}
	at, err := page.resolve(scope)
	if err != nil {
		return DelegatorSlashesPage{}, err
	}
	found, err := e.parties(ctx, q.Delegator)
	if err != nil {
		return DelegatorSlashesPage{}, err
	}
	if !found[0].known() {
		return DelegatorSlashesPage{}, unregistered(q.Delegator)
	}
	return e.delegatorSlashesPage(ctx, staking.DelegationSlashQuery{
		Delegator: found[0].available, Before: SlashID(at.id), Below: at.seq, Offset: q.Offset, Limit: page.limit + 1,
	}, page, scope)
}

func (e *Engine) delegatorSlashesPage(ctx context.Context, q staking.DelegationSlashQuery, page pageRequest, scope cursorScope) (DelegatorSlashesPage, error) {
	rows, err := e.reader().DelegationSlashes(ctx, q)
	if err != nil {
		return DelegatorSlashesPage{}, outward(err)
	}
	result := DelegatorSlashesPage{Total: -1}
	if page.counts() {
		if result.Total, err = e.reader().CountDelegationSlashes(ctx, q); err != nil {
			return DelegatorSlashesPage{}, outward(err)
		}
	}
	rows, more := cut(&page, rows)
	if more {
		last := &rows[len(rows)-1]
		result.NextCursor = scope.cursor(place{seq: last.Seq, id: ledger.ID(last.ID)})
	}
	result.Slashes = make([]DelegatorSlash, len(rows))
	for i := range rows {
		result.Slashes[i] = DelegatorSlash{
			ValidatorSlash: rows[i].Slash, Validator: rows[i].ValidatorID, DelegationID: rows[i].Delegation, TransactionID: rows[i].Transaction,
		}
	}
	return result, nil
}

// slashedBy reports whether a slash's transaction took what an agent had
// delegated.
func (e *Engine) slashedBy(ctx context.Context, agent DID, id TransactionID) (bool, error) {
	found, err := e.parties(ctx, agent)
	if err != nil || !found[0].known() {
		return false, err
	}
	rows, err := e.reader().DelegationSlashes(ctx, staking.DelegationSlashQuery{Delegator: found[0].available, Transaction: id, Limit: 1})
	return len(rows) > 0, outward(err)
}
