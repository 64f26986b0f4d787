package bunstore

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/agentvault/teg-layer/governance/attestation"
)

var (
	attestationsByID    = selectFrom(&Attestations, "id IN (%s)")
	attestationsByScope = selectFrom(&Attestations, "scope IN (%s) AND "+AttestationStands)
	budgetsByPolicy     = selectFrom(&AttestationBudgets, "policy IN (%s)")
)

// LoadAttestations reads what is needed. What agents handed in lately is counted by the
// drivers.
func LoadAttestations(ctx context.Context, from Source, need attestation.Need) (rows attestation.Rows, err error) {
	if len(need.Submissions) > 0 {
		err = from.Select(ctx, attestationsByID, names(need.Submissions), Attestations.AppendTo(&rows.Submissions))
	}
	if err == nil && len(need.Scopes) > 0 {
		err = from.Select(ctx, attestationsByScope, names(need.Scopes), Attestations.AppendTo(&rows.Submissions))
	}
	if err == nil && len(need.Budgets) > 0 {
		err = from.Select(ctx, budgetsByPolicy, names(need.Budgets), AttestationBudgets.AppendTo(&rows.Budgets))
	}
	return rows, err
}

// What stands, what an agent handed in for a policy that does, and what it handed in at
// all; both drivers ask for it.
const (
	AttestationStands = `status NOT IN (2, 5)`
	AttestationLast   = `SELECT max(submitted_at) FROM teg_attestation_logs AS s WHERE ` + AttestationStands + ` AND `
	AttestationHanded = `SELECT count(*) FROM teg_attestation_logs AS s WHERE `
)

// Attestations implements [store.AttestationReader].
func (r *Reader) Attestations(ctx context.Context, q attestation.Query) (page []attestation.Submission, total int64, err error) {
	err = r.snapshot(ctx, func(ctx context.Context, view *Reader) error {
		where, args := view.attestationFilter(q)
		if q.Count > 0 {
			err := view.scan(ctx, &total, `SELECT count(*) FROM (SELECT 1 FROM teg_attestation_logs WHERE `+where+` LIMIT ?) AS matches`, append(args, q.Count)...)
			if err != nil {
				return err
			}
		}
		next, order := ` AND id < ?`, ` ORDER BY id DESC`
		if q.OldFirst {
			next, order = ` AND id > ?`, ` ORDER BY id`
		}
		if !q.After.IsZero() {
			where, args = where+next, append(args, view.dialect.ID(q.After))
		}
		page, err = list(ctx, view, &Attestations, where+order+` LIMIT ? OFFSET ?`, append(args, q.Limit, q.Offset)...)
		return err
	})
	return page, total, err
}

func (r *Reader) attestationFilter(q attestation.Query) (string, []any) {
	if len(q.IDs) > 0 {
		return `id IN (?)`, []any{ids(r.dialect, q.IDs)}
	}
	conditions, args := []string{`1 = 1`}, []any{}
	add := func(wanted bool, condition string, arg any) {
		if wanted {
			conditions, args = append(conditions, condition), append(args, arg)
		}
	}
	add(!q.Agent.IsZero(), `agent = ?`, q.Agent.String())
	add(!q.Policy.IsZero(), `policy = ?`, r.dialect.ID(q.Policy))
	add(q.Status != 0, `status = ?`, int(q.Status))
	add(q.Storage != 0, `storage = ?`, int(q.Storage))
	if q.Payable {
		conditions = append(conditions, `status = 6`, `(storage = 2 OR NOT waits_for_storage)`)
	}
	return strings.Join(conditions, ` AND `), args
}

// AttestationSteps implements [store.AttestationReader].
func (r *Reader) AttestationSteps(ctx context.Context, id attestation.SubmissionID) ([]attestation.Step, error) {
	return list(ctx, r, &AttestationSteps, `submission = ? ORDER BY seq`, r.dialect.ID(id))
}

// AuditAttestations implements [store.AttestationReader].
func (r *Reader) AuditAttestations(ctx context.Context, after attestation.SubmissionID, limit int) ([]attestation.Submission, error) {
	return audit(ctx, r, &Attestations, after, limit)
}

// AttestationBudgets implements [store.AttestationReader].
func (r *Reader) AttestationBudgets(ctx context.Context) ([]attestation.Budget, error) {
	return list(ctx, r, &AttestationBudgets, `1 = 1`)
}

// Circuits implements [store.AttestationReader].
func (r *Reader) Circuits(ctx context.Context, ids ...string) ([]attestation.Circuit, error) {
	if len(ids) == 0 {
		return list(ctx, r, &Circuits, `1 = 1 ORDER BY id`)
	}
	return list(ctx, r, &Circuits, `id IN (?) ORDER BY id`, bun.List(ids))
}
