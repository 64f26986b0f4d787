package bunstore

import "github.com/agentvault/teg-layer/ledger"

// BootstrapTokens are those with which agents register.
var BootstrapTokens = Table[ledger.BootstrapToken]{
	Name:     "bootstrap_tokens",
	Terms:    []string{"id", "hash", "type_hint", "requested_by", "own_grant", "grant_amount", "issued_by", "issued_at", "expires_at"},
	Standing: []string{"used_by", "used_at"},
	places: func(t *ledger.BootstrapToken) (terms, standing []any) {
		return []any{(*ledger.ID)(&t.ID), &t.Hash, &t.TypeHint, &t.RequestedBy, &t.OwnGrant, &t.Grant, &t.By, &t.At, &t.ExpiresAt},
			[]any{&t.UsedBy, &t.UsedAt}
	},
}
