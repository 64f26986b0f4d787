package client

import (
	"fmt"
	"strconv"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// Threshold is a number that decides when a rule fires: a count, seconds, days, a
// percentage, or an amount of AVT, as [ThresholdDetails.Unit] says. It compares by ==.
type Threshold struct {
	text string
	avt  bool // which JSON writes as a string
}

// Count is a threshold of whole numbers: payments, seconds, days, percent.
func Count(n uint64) Threshold { return Threshold{text: strconv.FormatUint(n, 10)} }

// AVT is a threshold in AVT.
func AVT(sum amount.Amount) Threshold { return Threshold{sum.String(), true} }

// String returns the number.
func (t Threshold) String() string { return t.text }

// Amount is the number, whatever its unit; 0 of the zero Threshold.
func (t Threshold) Amount() amount.Amount {
	read, _ := amount.Parse(t.text) // it was checked when it was made
	return read
}

// MarshalJSON writes an amount of AVT as a string, and anything else as a number.
func (t Threshold) MarshalJSON() ([]byte, error) {
	switch {
	case t.text == "":
		return []byte("0"), nil
	case t.avt:
		return []byte(`"` + t.text + `"`), nil
	}
	return []byte(t.text), nil
}

// UnmarshalJSON reads a string or a number, by its literal text.
func (t *Threshold) UnmarshalJSON(data []byte) error {
	text := unquoted(data)
	if _, err := amount.Parse(string(text)); err != nil {
		return fmt.Errorf("client: a threshold: %w", err)
	}
	*t = Threshold{string(text), len(text) < len(data)}
	return nil
}
