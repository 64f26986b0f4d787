package dispute

import "github.com/agentvault/teg-layer/ledger"

// ID names a dispute; its text form is "disp_" and 32 hex digits.
type ID ledger.ID

// EvidenceID names a piece of evidence; its text form is "ev_" and 32 hex digits.
type EvidenceID ledger.ID

const (
	disputePrefix  = "disp_"
	evidencePrefix = "ev_"
)

// String returns the text form, empty for the zero value.
func (id ID) String() string { return ledger.FormatID(disputePrefix, ledger.ID(id)) }

// IsZero reports whether the id names no dispute.
func (id ID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseID reads the text form; anything else is [ledger.ErrNotFound].
func ParseID(text string) (ID, error) {
	id, err := ledger.ParseID(disputePrefix, text)
	return ID(id), err
}

// String returns the text form, empty for the zero value.
func (id EvidenceID) String() string { return ledger.FormatID(evidencePrefix, ledger.ID(id)) }

// IsZero reports whether the id names no evidence.
func (id EvidenceID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id EvidenceID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }
