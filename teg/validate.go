package teg

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/agentvault/teg-layer/ledger"
)

// check returns the first of several refusals, so that a verb can list what it
// asks of its parameters.
func check(refusals ...error) error {
	for _, err := range refusals {
		if err != nil {
			return err
		}
	}
	return nil
}

// validText refuses what a database could refuse for its content: bad UTF-8,
// NUL, and texts over the limit, in characters.
func validText(field, text string, limit int) error {
	switch {
	case !utf8.ValidString(text):
		return ledger.Invalid(field, "must be UTF-8")
	case strings.ContainsRune(text, 0):
		return ledger.Invalid(field, "must not contain NUL")
	case utf8.RuneCountInString(text) > limit:
		return ledger.Invalid(field, "at most %d characters", limit)
	}
	return nil
}

// requiredText is validText for a text that must not be empty.
func requiredText(field, text string, limit int) error {
	if strings.TrimSpace(text) == "" {
		return ledger.Invalid(field, "is required")
	}
	return validText(field, text, limit)
}

func positive(field string, a Amount) error {
	if a.IsZero() {
		return ledger.Invalid(field, "must be more than zero")
	}
	return nil
}

func named(field string, id DID) error {
	if id.IsZero() {
		return ledger.Invalid(field, "is required")
	}
	return nil
}

// validMetadata wants a JSON object of bounded size, or nothing.
func validMetadata(field string, metadata json.RawMessage) error {
	if len(metadata) == 0 {
		return nil
	}
	var object map[string]any
	if len(metadata) > MaxMetadata || json.Unmarshal(metadata, &object) != nil {
		return ledger.Invalid(field, "must be a JSON object of at most %d bytes", MaxMetadata)
	}
	return validText(field, string(metadata), MaxMetadata)
}
