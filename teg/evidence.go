package teg

import (
	"context"
	"fmt"

	"github.com/agentvault/teg-layer/governance/evidence"
	"github.com/agentvault/teg-layer/ledger"
)

// MaxPointer is how long a pointer to evidence may be, in bytes.
const MaxPointer = evidence.MaxPointer

// EvidenceStore keeps the content that attestations and disputes point at.
// Package ipfs has one over an IPFS node and a Pinning Service. Its methods are
// called outside of any transaction, may take as long as ctx lets them, and must
// be safe for concurrent use.
type EvidenceStore interface {
	// Fetch reads the content behind a pointer and proves that it is what the
	// pointer names; limit is how many bytes there may be, and where it is zero or
	// less the store's own limit holds alone.
	//
	// An error that wraps ErrUnavailable says nothing about the content: ask again
	// later. One that wraps ErrEvidenceMismatch says that storage gave other bytes
	// than the pointer names, and ErrInvalidInput that the pointer names what can
	// be no evidence: too much, a directory, nothing at that path, no pointer.
	Fetch(ctx context.Context, pointer string, limit int64) (Evidence, error)

	// Pin asks storage to keep the content. To ask again changes nothing. Its errors
	// are those of Fetch.
	Pin(ctx context.Context, pointer string) error
}

// Evidence is what a store found behind a pointer, and proved.
type Evidence struct {
	CID    string   // of the content itself: where the pointer has a path, what the path leads to
	Size   int64    // bytes
	SHA256 [32]byte // of all bytes, however they lie in storage
}

// ErrEvidenceMismatch is the reason of a store that was given other content than a
// pointer names.
var ErrEvidenceMismatch = ledger.NewReason("VALIDATION_INVALID_INPUT", "storage holds other content than the pointer names")

// StorageUnavailableError is the error of a store that could not be asked. It wraps
// [ErrUnavailable], and what went wrong.
type StorageUnavailableError struct {
	Cause error
}

// Error says that it is storage that does not answer, and why.
func (e *StorageUnavailableError) Error() string {
	return fmt.Sprintf("the storage of evidence is not available: %v", e.Cause)
}

// Unwrap gives the sentinel, and the cause.
func (e *StorageUnavailableError) Unwrap() []error { return []error{ErrUnavailable, e.Cause} }

// checkPointer refuses what is no pointer to evidence: ipfs://CID[/path], see
// package evidence.
func checkPointer(field, pointer string) error {
	if _, err := evidence.ParsePointer(pointer); err != nil {
		return ledger.Invalid(field, "%v", err)
	}
	return nil
}
