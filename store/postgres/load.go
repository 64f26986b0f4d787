package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/internal/bunstore"
)

const (
	// Of what is zero on most rows nothing is sent.
	accountColumns = `id, owner, kind, stripe, balance::text, seq, status, suspended_until, nullif(owes, 0)::text, open_holds,
	next_hold_expiry, positions, next_unbonding, nullif(debited, 0)::text, nullif(fees, 0)::text, transactions`
	termsVersion = `coalesce((SELECT terms_version FROM log_head), 0)`
	holdColumns  = `id::text, payer, locked, receiver, amount::text, fee::text, fee_fixed::text, fee_percentage, fee_max::text,
	fee_rewards, fee_burn, captured::text, state, void_by, coalesce(purpose, ''), created_at, expires_at, closed_at`
)

// Statements that lock are there twice: waiting, and skipping what others hold.
// ORDER BY comes before the locks are taken, so that they are taken in order.
var (
	lockAccounts = lockable("lock_accounts", `SELECT `+accountColumns+` FROM accounts WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE`)
	lockOwners   = lockable("lock_owners", `SELECT `+accountColumns+` FROM accounts WHERE id = ANY($1) OR owner = ANY($2)
		ORDER BY id FOR NO KEY UPDATE`)
	lockHolds = lockable("lock_holds", `SELECT `+holdColumns+` FROM holds WHERE id = ANY($1::uuid[]) OR payer = ANY($2) AND state = 1
		ORDER BY holds.id FOR NO KEY UPDATE`)

	// findRecords answers one row where no key is remembered: what readState
	// answers.
	findRecords = statement{"find_records", `SELECT generation, pg_current_xact_id()::text, ` + termsVersion + `, coalesce(key::text, ''),
		coalesce(fingerprint::text, ''), coalesce(caller, 0), coalesce(verb, 0), coalesce(items, 0), subjects, refusal, coalesce(at, 'epoch')
		FROM journal_state LEFT JOIN (SELECT * FROM journal_0 WHERE key = ANY($1::uuid[])
			UNION ALL SELECT * FROM journal_1 WHERE key = ANY($1::uuid[])) AS found ON true`}
	readState      = statement{"read_state", `SELECT generation, pg_current_xact_id()::text, ` + termsVersion + ` FROM journal_state`}
	findReferences = statement{"find_references", `SELECT key::text FROM act_references WHERE key = ANY($1::uuid[])`}
	sumRefunds     = statement{"sum_refunds", `SELECT reference_id, sum(amount)::text FROM teg_transactions
		WHERE reference_id = ANY($1) AND type = ` + fmt.Sprint(int(ledger.TypeRefund)) + ` GROUP BY reference_id`}
	// countOwned sees what became of owners while the locks were waited for: rows
	// that were made meanwhile are not among those of the statement that waited.
	countOwned   = statement{"count_owned", `SELECT count(*) FROM accounts WHERE id = ANY($1) OR owner = ANY($2)`}
	drawAccounts = statement{"draw_accounts", `SELECT nextval('account_ids') FROM generate_series(1, $1::int)`}

	countRefusals = statement{"count_refusals", `SELECT caller, count(*) FROM (
			SELECT caller FROM journal_0 WHERE refusal IS NOT NULL AND caller = ANY($1)
			UNION ALL SELECT caller FROM journal_1 WHERE refusal IS NOT NULL AND caller = ANY($1)
		) AS refused GROUP BY caller`}
)

// lockable makes the waiting and the skipping form of a statement.
func lockable(name, sql string) [2]statement {
	return [2]statement{{name, sql}, {name + "_skipping", sql + " SKIP LOCKED"}}
}

func pick(both [2]statement, mode store.LockMode) statement {
	if mode == store.LockSkipping {
		return both[1]
	}
	return both[0]
}

// loaded is what one transaction was told.
type loaded struct {
	rows       *store.Rows
	generation int    // of the journal
	xid        string // of the database's transaction
	row        accountRow
	owned      int // rows that there are of those asked for, once the locks are held
}

// accountRow is where a row is scanned to. One serves for all rows: each scanned
// into variables of its own would be a dozen allocations.
type accountRow struct {
	id, seq, transactions int64
	owner                 string
	kind, stripe, status  int16
	balance               string
	owes, debited, fees   *string
	suspended, expiry     *time.Time
	unbonding             *time.Time
	openHolds, positions  int32
}

// load runs the statements that begin a transaction, and what follows from what
// they answered.
func (l *loaded) load(ctx context.Context, e executor, first []call, need store.Need, mode store.LockMode) error {
	if err := e.run(ctx, append(first, l.beginCalls(need, mode)...)); err != nil {
		return err
	}
	if mode != store.LockSkipping && l.owned > len(l.rows.Accounts) { // among them all that were locked by id
		return store.ErrConflict
	}
	l.rows.Reputation.Reports = bunstore.TidyReports(l.rows.Reputation.Reports)
	return l.loadPools(ctx, e, &need.Staking, mode)
}

// beginCalls are the statements that load what is needed, locks first, and what
// every transaction is told. What is not needed is not asked for.
func (l *loaded) beginCalls(need store.Need, mode store.LockMode) []call {
	l.rows = &store.Rows{Accounts: make([]ledger.Account, 0, len(need.Accounts))}
	accounts := accountIDs(need.Accounts)
	calls := make([]call, 0, 8)
	if len(need.Owners) > 0 {
		calls = append(calls,
			ask(pick(lockOwners, mode), l.scanAccount, accounts, owners(need.Owners)),
			ask(countOwned, func(s scanner) error { return s.Scan(&l.owned) }, accounts, owners(need.Owners)),
			ask(drawAccounts, drawTo(&l.rows.NewAccounts), 2*len(need.Owners)))
	} else if len(accounts) > 0 {
		calls = append(calls, ask(pick(lockAccounts, mode), l.scanAccount, accounts))
	}
	if len(need.Holds)+len(need.ActiveHoldsOf) > 0 {
		calls = append(calls, ask(pick(lockHolds, mode), l.scanHold, uuids(need.Holds), accountIDs(need.ActiveHoldsOf)))
	}
	if len(need.Bootstraps) > 0 {
		calls = append(calls, ask(pick(lockBootstrapTokens, mode), scanInto(&bunstore.BootstrapTokens, &l.rows.Bootstraps), uuids(need.Bootstraps)))
	}
	calls = l.loadWebhooks(calls, &need.Webhooks, mode)
	if !need.Staking.Empty() {
		calls = append(calls, l.stakeCalls(&need.Staking, mode)...)
	}
	calls = append(calls, l.conductCalls(&need.Reputation)...)
	if len(need.Flags) > 0 {
		calls = append(calls, ask(findFlags, scanInto(&bunstore.Flags, &l.rows.Flags), uuids(need.Flags)))
	}
	calls = append(calls, l.attestationCalls(&need.Attestation)...)
	calls = l.loadDisputes(calls, &need.Disputes)
	if len(need.DebtsOf) > 0 {
		calls = append(calls, ask(findDebts, scanInto(&bunstore.Debts, &l.rows.Debts), accountIDs(need.DebtsOf)))
	}
	if len(need.Panels) > 0 {
		calls = append(calls, ask(findRounds, scanInto(&bunstore.PanelRounds, &l.rows.Panels.Rounds), uuids(need.Panels)),
			ask(findSeats, scanInto(&bunstore.PanelSeats, &l.rows.Panels.Seats), uuids(need.Panels)))
	}
	if need.Fresh > 0 {
		calls = append(calls, ask(drawAccounts, drawTo(&l.rows.Fresh), need.Fresh))
	}
	if len(need.Keys) > 0 {
		calls = append(calls, ask(findRecords, l.scanRecord, uuids(need.Keys)))
	} else {
		calls = append(calls, ask(readState, func(s scanner) error { return s.Scan(&l.generation, &l.xid, &l.rows.TermsVersion) }))
	}
	if len(need.References) > 0 {
		calls = append(calls, ask(findReferences, l.scanReference, uuids(need.References)))
	}
	if len(need.Refunded) > 0 {
		calls = append(calls, ask(sumRefunds, l.scanRefunded, transactionNames(need.Refunded)))
	}
	return calls
}

func (l *loaded) scanAccount(s scanner) error {
	r := &l.row
	err := s.Scan(&r.id, &r.owner, &r.kind, &r.stripe, &r.balance, &r.seq, &r.status, &r.suspended, &r.owes, &r.openHolds,
		&r.expiry, &r.positions, &r.unbonding, &r.debited, &r.fees, &r.transactions)
	if err != nil {
		return err
	}
	l.rows.Accounts = append(l.rows.Accounts, ledger.Account{
		ID: ledger.AccountID(r.id), Kind: ledger.Kind(r.kind), Stripe: uint8(r.stripe), Seq: r.seq, Status: ledger.Status(r.status),
		SuspendedUntil: instant(r.suspended), OpenHolds: int(r.openHolds), NextHoldExpiry: instant(r.expiry),
		Positions: int(r.positions), NextUnbonding: instant(r.unbonding), Tally: ledger.Tally{Transactions: r.transactions},
	})
	a := &l.rows.Accounts[len(l.rows.Accounts)-1]
	if a.Owner, err = did.Parse(r.owner); err != nil {
		return err
	}
	if a.Balance, err = amount.ParseSigned(r.balance); err != nil {
		return err
	}
	return amounts(field{&a.Owes, r.owes}, field{&a.Tally.Debited, r.debited}, field{&a.Tally.Fees, r.fees})
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// field is where the text of an amount goes. NULL leaves it zero.
type field struct {
	to   *amount.Amount
	text *string
}

func amounts(fields ...field) (err error) {
	for _, f := range fields {
		if f.text == nil {
			continue
		}
		if *f.to, err = amount.Parse(*f.text); err != nil {
			return err
		}
	}
	return nil
}

// drawTo collects ids that were drawn.
func drawTo(list *[]ledger.AccountID) func(scanner) error {
	return func(s scanner) error {
		var id int64
		err := s.Scan(&id)
		*list = append(*list, ledger.AccountID(id))
		return err
	}
}

func (l *loaded) scanRecord(s scanner) error {
	var r store.Record
	var key, fingerprint string
	var verb int16
	var subjects []byte
	err := s.Scan(&l.generation, &l.xid, &l.rows.TermsVersion, &key, &fingerprint, &r.Caller, &verb, &r.Items, &subjects, &r.Refusal, &r.At)
	if err != nil || key == "" {
		return err
	}
	r.Verb, r.At = store.Verb(verb), r.At.UTC()
	r.ReadSubjects(subjects)
	if err := parseID((*ledger.ID)(&r.Key), key); err != nil {
		return err
	}
	err = parseID((*ledger.ID)(&r.Fingerprint), fingerprint)
	l.rows.Records = append(l.rows.Records, r)
	return err
}

func (l *loaded) scanReference(s scanner) error {
	var text string
	if err := s.Scan(&text); err != nil {
		return err
	}
	var key store.Key
	err := parseID((*ledger.ID)(&key), text)
	l.rows.References = append(l.rows.References, key)
	return err
}

func (l *loaded) scanRefunded(s scanner) error {
	var original, sum string
	if err := s.Scan(&original, &sum); err != nil {
		return err
	}
	id, err := ledger.ParseTransactionID(original)
	if err != nil {
		return err
	}
	var refunded amount.Amount
	err = amounts(field{&refunded, &sum})
	if l.rows.Refunded == nil {
		l.rows.Refunded = map[ledger.TransactionID]amount.Amount{}
	}
	l.rows.Refunded[id] = refunded
	return err
}

// liveRefusals counts the remembered refusals of each caller.
func liveRefusals(ctx context.Context, e executor, callers []ledger.AccountID) (map[ledger.AccountID]int, error) {
	counts := make(map[ledger.AccountID]int, len(callers))
	err := e.run(ctx, []call{ask(countRefusals, func(s scanner) error {
		var caller ledger.AccountID
		var count int
		err := s.Scan(&caller, &count)
		counts[caller] = count
		return err
	}, accountIDs(callers))})
	return counts, translate(err)
}
