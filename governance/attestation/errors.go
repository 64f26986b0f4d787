package attestation

import "github.com/agentvault/teg-layer/ledger"

// Why attestations are refused.
var (
	// ErrDuplicate refuses what an agent has attested before, for the same policy.
	ErrDuplicate = ledger.NewReason("BIZ_DUPLICATE_ATTESTATION", "this has been attested before")
	// ErrCooldown refuses what comes too soon after another, or is too much for a day.
	ErrCooldown = ledger.NewReason("BIZ_COOLDOWN_ACTIVE", "it is too soon for another attestation")
)
