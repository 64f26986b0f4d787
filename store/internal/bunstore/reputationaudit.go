package bunstore

import (
	"context"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/reputation"
)

// AuditOutcomes implements [store.ReputationAuditReader].
func (r *Reader) AuditOutcomes(ctx context.Context, scopes ...ledger.ID) (found []reputation.Report, err error) {
	err = chunks(ctx, r, scopes, func(view *Reader, part []ledger.ID) error {
		some, err := list(ctx, view, &Reports, `scope IN (?)`, ids(view.dialect, part))
		found = append(found, some...)
		return err
	})
	return found, err
}
