package did

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

var errZero = fmt.Errorf("did: the zero DID names nobody and has no text: %w", ErrSyntax)

// AppendText appends the text of d to b. The zero DID is an error. It
// implements encoding.TextAppender.
func (d DID) AppendText(b []byte) ([]byte, error) {
	if d.IsZero() {
		return b, errZero
	}
	return append(b, d.s...), nil
}

// MarshalText returns the text of d; encoding/json writes it as a string and
// as an object key. The zero DID is an error.
func (d DID) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// UnmarshalText sets d to the DID that text spells, as [Parse] does, and
// leaves d alone where it fails.
func (d *DID) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// UnmarshalJSON sets d from a JSON string, by the rules of [Parse]. Anything
// else, null too, is an error that wraps [ErrSyntax] and leaves d alone.
// Without it encoding/json would pass over null in silence.
func (d *DID) UnmarshalJSON(data []byte) error {
	var s *string
	if err := json.Unmarshal(data, &s); err != nil || s == nil {
		return &SyntaxError{Input: string(data), Reason: "it is not a JSON string"}
	}
	return d.UnmarshalText([]byte(*s))
}

// Value returns the text of d for a database. The zero DID is an error: a
// column that may be NULL is written from a sql.Null[DID]. It implements
// driver.Valuer.
func (d DID) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, errZero
	}
	return d.s, nil
}

// Scan sets d from a text column, and leaves d alone where it fails. NULL and
// everything that is not text is an error that wraps [ErrSyntax]. It
// implements sql.Scanner.
func (d *DID) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	case nil:
		return fmt.Errorf("did: cannot scan NULL into a DID: %w", ErrSyntax)
	default:
		return fmt.Errorf("did: cannot scan %T into a DID, only text: %w", src, ErrSyntax)
	}
}
