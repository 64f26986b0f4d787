package bunstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/staking"
)

// slashedFrom finds the delegations that slashes have hit, of which nothing is
// written when that happens. A slash s has a transaction t for each pool. It hits
// what lay in the pool then, which the chain of the pool's account tells: what
// the transaction i brought in before it, and the transaction o took out after
// it, if any did. Where o left the value waiting in another pool of the
// validator's, u is that wait, whose row was named right before o; eight rows are
// looked at, since other servers may name theirs at the same time. The sign keeps
// databases from walking through all delegations to a validator.
const slashedFrom = ` FROM delegations d
	JOIN slashes s ON s.agent = +d.validator
	JOIN teg_transactions t ON t.reference_id = s.evidence AND t.type = {slash}
	JOIN pools p ON p.id = d.pool_id
	JOIN teg_transactions i ON i.reference_id = {delegation} AND i.type = {move} AND i.receiver = p.account
	JOIN accounts v ON v.id = d.validator
	LEFT JOIN teg_transactions o ON o.reference_id = {delegation} AND o.type = {move} AND o.sender = p.account
	LEFT JOIN unbondings u ON u.id = (
		SELECT matches.id FROM (SELECT id, stake_id, returns FROM unbondings WHERE id < o.id ORDER BY id DESC LIMIT 8) matches
		WHERE matches.stake_id = d.stake_id AND matches.returns ORDER BY matches.id DESC LIMIT 1)
	LEFT JOIN pools q ON q.id = u.pool_id
	WHERE d.delegator = ? AND ((` + slashedAtWork + `) OR (` + slashedWaiting + `))`

// slashedAtWork says that the slash hit the delegation before its end. One that
// was worth nothing in the end was taken out by no transaction.
const slashedAtWork = `t.sender = p.account AND t.sender_seq > i.receiver_seq
	AND (t.sender_seq < o.sender_seq OR o.id IS NULL AND (d.ended_at IS NULL OR s.at <= d.ended_at))
	AND NOT (p.closed AND EXISTS (` + emptiedSince + `i.receiver_seq))`

// slashedWaiting says that the slash hit what was on its way back. At the very
// instant of its release the chain tells which of the two was first.
const slashedWaiting = `t.sender = o.receiver AND q.account = o.receiver AND t.sender_seq > o.receiver_seq
	AND (u.released_at IS NULL OR s.at < u.released_at OR s.at = u.released_at AND NOT EXISTS (
		SELECT 1 FROM teg_transactions r WHERE r.reference_id = {stake} AND r.type = {release} AND r.sender = t.sender
			AND r.sender_seq > o.receiver_seq AND r.sender_seq < t.sender_seq))
	AND NOT (q.closed AND EXISTS (` + emptiedSince + `o.receiver_seq))`

// emptiedSince finds an earlier slash that took all there was and closed the
// pool: those after it hit the next pool over the same account. It ends with what
// comes since when.
const emptiedSince = `SELECT 1 FROM slashes z CROSS JOIN teg_transactions c CROSS JOIN entries e
	WHERE z.agent = s.agent AND c.reference_id = z.evidence AND c.type = {slash} AND c.sender = t.sender
		AND e.account_id = c.sender AND e.seq = c.sender_seq AND e.balance_after = {zero}
		AND c.sender_seq < t.sender_seq AND c.sender_seq > `

// slashed writes slashedFrom in the words of a database.
func (d Dialect) slashed() string {
	return strings.NewReplacer(
		"{slash}", fmt.Sprint(uint8(ledger.TypeSlash)), "{move}", fmt.Sprint(uint8(ledger.TypeDelegationMove)),
		"{release}", fmt.Sprint(uint8(ledger.TypeUnbondingRelease)), "{zero}", d.zero(),
		"{delegation}", d.text("del_", "d.id"), "{stake}", d.text("stake_", "d.stake_id"),
	).Replace(slashedFrom)
}

// text is the text form of the id in a column, as references hold it.
func (d Dialect) text(prefix, column string) string {
	if d == SQLite {
		return `'` + prefix + `' || lower(hex(` + column + `))`
	}
	return `'` + prefix + `' || replace(` + column + `::text, '-', '')`
}

// zero is no amount at all.
func (d Dialect) zero() string {
	if bytes := (amount.Signed{}).Bytes(); d == SQLite {
		return fmt.Sprintf(`x'%x'`, bytes[:])
	}
	return `0`
}

// DelegationSlashes implements [staking.DelegationReader].
func (r *Reader) DelegationSlashes(ctx context.Context, q staking.DelegationSlashQuery) (page []staking.DelegationSlash, err error) {
	from, args := r.slashedBy(q)
	if !q.Before.IsZero() {
		from += ` AND (s.id < ? OR s.id = ? AND i.receiver_seq < ?)`
		args = append(args, r.dialect.ID(q.Before), r.dialect.ID(q.Before), q.Below)
	}
	columns := `s.` + strings.ReplaceAll(Slashes.Columns(), `, `, `, s.`) + `, d.id, t.id, i.receiver_seq, v.owner`
	err = r.scan(ctx, visitor(func(scan func([]any) error) error {
		found, err := readDelegationSlash(scan)
		page = append(page, found)
		return err
	}), `SELECT `+columns+from+` ORDER BY s.id DESC, i.receiver_seq DESC LIMIT ? OFFSET ?`, append(args, q.Limit, q.Offset)...)
	return page, err
}

// readDelegationSlash reads one row of a page.
func readDelegationSlash(scan func([]any) error) (found staking.DelegationSlash, err error) {
	var owner string
	into := append(Slashes.Into(&found.Slash), Column{(*ledger.ID)(&found.Delegation)}, Column{(*ledger.ID)(&found.Transaction)},
		Column{&found.Seq}, Column{&owner})
	if err = scan(into); err == nil {
		found.ValidatorID, err = did.Parse(owner)
	}
	return found, err
}

// CountDelegationSlashes implements [staking.DelegationReader].
func (r *Reader) CountDelegationSlashes(ctx context.Context, q staking.DelegationSlashQuery) (total int64, err error) {
	from, args := r.slashedBy(q)
	err = r.scan(ctx, &total, `SELECT count(*)`+from, args...)
	return total, err
}

// slashedBy is where the rows are that a query selects, without its page.
func (r *Reader) slashedBy(q staking.DelegationSlashQuery) (from string, args []any) {
	from, args = r.dialect.slashed(), []any{q.Delegator}
	if !q.Transaction.IsZero() {
		from, args = from+` AND t.id = ?`, append(args, r.dialect.ID(q.Transaction))
	}
	return from, args
}
