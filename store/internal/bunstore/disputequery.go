package bunstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/governance/dispute"
	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/store"
)

var (
	disputesByID   = selectFrom(&Disputes, "id IN (%s)")
	openAbout      = selectFrom(&Disputes, "cause IN (%s) AND status <= 3")
	openClaimants  = selectFrom(&Disputes, "claimant IN (%s) AND status <= 3")
	openDefendants = selectFrom(&Disputes, "defendant IN (%s) AND status <= 3")
)

// LoadDisputes reads what is needed of disputes.
func LoadDisputes(ctx context.Context, from Source, need dispute.Need) (rows []dispute.Dispute, err error) {
	ids := make([]ledger.ID, len(need.IDs))
	for i, id := range need.IDs {
		ids[i] = ledger.ID(id)
	}
	agents := make([]any, len(need.OpenOf))
	for i, agent := range need.OpenOf {
		agents[i] = agent.String()
	}
	for _, part := range []struct {
		by   *Selection
		keys []any
	}{{disputesByID, names(ids)}, {openAbout, names(need.About)}, {openClaimants, agents}, {openDefendants, agents}} {
		if err == nil && len(part.keys) > 0 {
			err = from.Select(ctx, part.by, part.keys, Disputes.AppendTo(&rows))
		}
	}
	return TidyDisputes(rows), err
}

// TidyDisputes puts disputes in the order of their ids, each once.
func TidyDisputes(rows []dispute.Dispute) []dispute.Dispute {
	return tidy(rows, func(d *dispute.Dispute) ledger.ID { return ledger.ID(d.ID) })
}

// Disputes implements [store.DisputeReader].
func (r *Reader) Disputes(ctx context.Context, q dispute.Query) (page []dispute.Dispute, total int64, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		if q.Count > 0 {
			if total, err = view.countDisputes(ctx, q); err != nil || q.Limit == 0 {
				return err
			}
		}
		where, args := view.disputeFilter(q)
		page, err = list(ctx, view, &Disputes, where+` ORDER BY id DESC LIMIT ? OFFSET ?`, append(args, q.Limit, q.Offset)...)
		return err
	})
	return page, total, err
}

func (r *Reader) countDisputes(ctx context.Context, q dispute.Query) (total int64, err error) {
	q.After = dispute.ID{} // the cursor is part of the page
	where, args := r.disputeFilter(q)
	err = r.scan(ctx, &total, `SELECT count(*) FROM (SELECT 1 FROM teg_dispute_logs WHERE `+where+` LIMIT ?) AS matches`, append(args, q.Count)...)
	return total, err
}

func (r *Reader) disputeFilter(q dispute.Query) (string, []any) {
	if len(q.IDs) > 0 {
		return `id IN (?)`, []any{ids(r.dialect, q.IDs)}
	}
	var conditions []string
	var args []any
	add := func(wanted bool, condition string, values ...any) {
		if wanted {
			conditions, args = append(conditions, condition), append(args, values...)
		}
	}
	add(!q.Claimant.IsZero(), `claimant = ?`, q.Claimant.String())
	add(!q.Defendant.IsZero(), `defendant = ?`, q.Defendant.String())
	add(!q.Party.IsZero(), `(claimant = ? OR defendant = ?)`, q.Party.String(), q.Party.String())
	add(!q.After.IsZero(), `id < ?`, r.dialect.ID(q.After))
	var bands []string
	for _, band := range q.Standing {
		text, values := r.band(band)
		bands, args = append(bands, text), append(args, values...)
	}
	if len(bands) > 0 {
		conditions = append(conditions, `(`+strings.Join(bands, ` OR `)+`)`)
	}
	add(len(conditions) == 0, `id > ?`, r.dialect.ID(dispute.ID{})) // all of them, by an index
	return strings.Join(conditions, ` AND `), args
}

func (r *Reader) band(b dispute.Band) (string, []any) {
	text, args := `status = ?`, []any{int(b.Status)}
	if !b.After.IsZero() {
		text, args = text+` AND deadline > ?`, append(args, r.dialect.Time(b.After))
	}
	if !b.By.IsZero() {
		text, args = text+` AND deadline <= ?`, append(args, r.dialect.Time(b.By))
	}
	return `(` + text + `)`, args
}

// DisputeSteps implements [store.DisputeReader].
func (r *Reader) DisputeSteps(ctx context.Context, id dispute.ID) ([]dispute.Step, error) {
	return list(ctx, r, &DisputeSteps, `dispute = ? ORDER BY seq`, r.dialect.ID(id))
}

// DisputeEvidence implements [store.DisputeReader].
func (r *Reader) DisputeEvidence(ctx context.Context, id dispute.ID) (all []dispute.RecordedEvidence, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		evidence, err := list(ctx, view, &Evidence, `dispute = ? ORDER BY seq`, r.dialect.ID(id))
		if err != nil || len(evidence) == 0 {
			return err
		}
		stored, err := list(ctx, view, &StoredEvidence, `evidence IN (SELECT id FROM teg_dispute_evidence WHERE dispute = ?)`, r.dialect.ID(id))
		of := make(map[dispute.EvidenceID]dispute.Storage, len(stored))
		for _, s := range stored {
			of[s.Evidence] = s
		}
		for _, e := range evidence {
			all = append(all, dispute.RecordedEvidence{Evidence: e, Storage: of[e.ID]})
		}
		return err
	})
	return all, err
}

// DueDisputes implements [store.DisputeReader].
func (r *Reader) DueDisputes(ctx context.Context, by time.Time, limit int) ([]dispute.Dispute, error) {
	return list(ctx, r, &Disputes, `status <= 3 AND deadline <= ? ORDER BY deadline, id LIMIT ?`, r.dialect.Time(by), limit)
}

// UnstoredEvidence implements [store.DisputeReader].
func (r *Reader) UnstoredEvidence(ctx context.Context, q dispute.EvidenceQuery) ([]dispute.Evidence, error) {
	order := "id"
	if q.Newest {
		order = "id DESC"
	}
	return list(ctx, r, &Evidence, `id > ? AND dispute IN (SELECT id FROM teg_dispute_logs WHERE status <= 3)
		AND NOT EXISTS (SELECT 1 FROM teg_dispute_storage s WHERE s.evidence = teg_dispute_evidence.id) ORDER BY `+order+` LIMIT ?`,
		r.dialect.ID(q.After), q.Limit)
}

// AuditDisputes implements [store.DisputeReader].
func (r *Reader) AuditDisputes(ctx context.Context, after dispute.ID, limit int) (audited []store.AuditedDispute, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		rows, err := audit(ctx, view, &Disputes, after, limit)
		for _, d := range rows {
			audited = append(audited, store.AuditedDispute{Dispute: d})
		}
		if err != nil || len(audited) == 0 {
			return err
		}
		return view.setAsideInDisputes(ctx, audited)
	})
	return audited, err
}

// setAsideInDisputes sums up what the transactions of disputes made on the locked
// rows of their claimants.
func (r *Reader) setAsideInDisputes(ctx context.Context, audited []store.AuditedDispute) error {
	place := make(map[string]*store.AuditedDispute, len(audited))
	texts := make([]string, len(audited))
	claimants := make(map[int64]did.DID, len(audited))
	for i := range audited {
		texts[i] = audited[i].ID.String()
		place[texts[i]] = &audited[i]
	}
	if err := r.lockedRows(ctx, audited, claimants); err != nil {
		return err
	}
	return chunks(ctx, r, texts, func(view *Reader, part []string) error {
		var rows []struct {
			ReferenceID string
			Type        uint8
			Leg         int
			Paid        amountColumn
			AccountID   int64
			Amount      signedColumn
		}
		err := view.scan(ctx, &rows, `SELECT t.reference_id, t.type, t.amount AS paid, e.leg, e.account_id, e.amount FROM teg_transactions t
			JOIN entries e ON e.transaction_id = t.id WHERE t.reference_id IN (?)`, bun.List(part))
		for i := range rows {
			of := place[rows[i].ReferenceID]
			if of == nil { // a spoilt index led to a row that says something else
				continue
			}
			if err == nil && rows[i].Leg == 0 && ledger.TransactionType(rows[i].Type) == ledger.TypeDisputePenalty {
				of.Paid, err = of.Paid.Add(rows[i].Paid.Amount)
			}
			if err == nil && claimants[rows[i].AccountID] == of.Claimant {
				of.SetAside, err = of.SetAside.Add(rows[i].Amount.Signed)
			}
		}
		return err
	})
}

// lockedRows tells whose the locked rows of claimants are.
func (r *Reader) lockedRows(ctx context.Context, audited []store.AuditedDispute, claimants map[int64]did.DID) error {
	var owners []did.DID
	for i := range audited {
		owners = append(owners, audited[i].Claimant)
	}
	slices.SortFunc(owners, did.DID.Compare)
	accounts, err := r.AccountsOf(ctx, slices.Compact(owners)...)
	for _, a := range accounts {
		if a.Kind == ledger.Locked {
			claimants[int64(a.ID)] = a.Owner
		}
	}
	return err
}
