package webhook

import (
	"crypto/sha256"

	"github.com/agentvault/teg-layer/ledger"
)

// ID names a webhook; its text form is "wh_" and 32 hex digits.
type ID ledger.ID

const idPrefix = "wh_"

// String returns the text form, empty for the zero value.
func (id ID) String() string { return ledger.FormatID(idPrefix, ledger.ID(id)) }

// IsZero reports whether the id names no webhook.
func (id ID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseID reads the text form; anything else is [ledger.ErrNotFound].
func ParseID(text string) (ID, error) {
	id, err := ledger.ParseID(idPrefix, text)
	return ID(id), err
}

// MessageID names what a webhook is told of one event, however often it is sent; its text
// form is "msg_" and 32 hex digits. Receivers know by it what they have had before.
type MessageID ledger.ID

const messagePrefix = "msg_"

// String returns the text form, empty for the zero value.
func (id MessageID) String() string { return ledger.FormatID(messagePrefix, ledger.ID(id)) }

// IsZero reports whether the id names no message.
func (id MessageID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id MessageID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseMessageID reads the text form; anything else is [ledger.ErrNotFound].
func ParseMessageID(text string) (MessageID, error) {
	id, err := ledger.ParseID(messagePrefix, text)
	return MessageID(id), err
}

// MessageOf names what a webhook is told of an event. It follows from the two alone, so
// that every process, also after a crash, gives it the same name.
func MessageOf(id ID, event ledger.ID) MessageID {
	sum := sha256.Sum256(append(id[:], event[:]...))
	return MessageID(sum[:len(MessageID{})])
}
