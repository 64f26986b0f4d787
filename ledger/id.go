package ledger

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// ID is the unique, sortable part of every identifier: the 16 bytes of a
// UUIDv7. The zero ID names nothing.
type ID [16]byte

// IsZero reports whether the ID names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// Compare orders IDs by creation: -1, 0 or +1.
func (id ID) Compare(other ID) int { return bytes.Compare(id[:], other[:]) }

// TransactionID names a transaction; its text form is "tx_" and 32 hex digits.
type TransactionID ID

// HoldID names a hold; its text form is "hold_" and 32 hex digits.
type HoldID ID

const (
	transactionPrefix = "tx_"
	holdPrefix        = "hold_"
)

// String returns the text form, empty for the zero value.
func (id TransactionID) String() string { return FormatID(transactionPrefix, ID(id)) }

// IsZero reports whether the id names no transaction.
func (id TransactionID) IsZero() bool { return ID(id).IsZero() }

// MarshalText returns the text form.
func (id TransactionID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseTransactionID reads the text form; anything else is [ErrNotFound], for
// an id that cannot exist names nothing.
func ParseTransactionID(text string) (TransactionID, error) {
	id, err := ParseID(transactionPrefix, text)
	return TransactionID(id), err
}

// String returns the text form, empty for the zero value.
func (id HoldID) String() string { return FormatID(holdPrefix, ID(id)) }

// IsZero reports whether the id names no hold.
func (id HoldID) IsZero() bool { return ID(id).IsZero() }

// MarshalText returns the text form.
func (id HoldID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseHoldID reads the text form; anything else is [ErrNotFound].
func ParseHoldID(text string) (HoldID, error) {
	id, err := ParseID(holdPrefix, text)
	return HoldID(id), err
}

// FormatID writes an identifier with the prefix of its type, empty for the zero
// ID.
func FormatID(prefix string, id ID) string {
	if id.IsZero() {
		return ""
	}
	var buf [48]byte
	b := append(buf[:0], prefix...)
	return string(hex.AppendEncode(b, id[:]))
}

// ParseID reads what [FormatID] wrote: the prefix and 32 lower-case hex digits.
func ParseID(prefix, text string) (ID, error) {
	var id ID
	digits, ok := bytes.CutPrefix([]byte(text), []byte(prefix))
	if !ok || len(digits) != 2*len(id) || bytes.ContainsAny(digits, "ABCDEF") {
		return ID{}, unknownID(prefix)
	}
	if _, err := hex.Decode(id[:], digits); err != nil || id.IsZero() {
		return ID{}, unknownID(prefix)
	}
	return id, nil
}

func unknownID(prefix string) error {
	return &Refusal{Reason: ErrNotFound, Message: fmt.Sprintf("no such entity; an id of this kind is %q and 32 hex digits", prefix)}
}
