package panel

import "github.com/agentvault/teg-layer/ledger"

// RoundID names a round of a panel; its text form is "panel_" and 32 hex digits.
type RoundID ledger.ID

const roundPrefix = "panel_"

// String returns the text form, empty for the zero value.
func (id RoundID) String() string { return ledger.FormatID(roundPrefix, ledger.ID(id)) }

// IsZero reports whether the id names no round.
func (id RoundID) IsZero() bool { return ledger.ID(id).IsZero() }

// MarshalText returns the text form.
func (id RoundID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// SeatID names a seat of a round; its text form is "seat_" and 32 hex digits.
type SeatID ledger.ID

const seatPrefix = "seat_"

// String returns the text form, empty for the zero value.
func (id SeatID) String() string { return ledger.FormatID(seatPrefix, ledger.ID(id)) }

// MarshalText returns the text form.
func (id SeatID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }
