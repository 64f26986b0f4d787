package bunstore

import (
	"encoding/hex"
	"fmt"

	"github.com/agentvault/teg-layer/governance/auditor"
	"github.com/agentvault/teg-layer/ledger"
)

// Flags are what the auditor and people have flagged.
var Flags = Table[auditor.Flag]{
	Name:     "auditor_flag_logs",
	Terms:    []string{"id", "agent", "rule", "reason", "transactions", "raised_by", "window_start", "shadow", "created_at"},
	Standing: []string{"severity", "status", "notes", "steps", "updated_at"},
	places: func(f *auditor.Flag) (terms, standing []any) {
		return []any{
			(*ledger.ID)(&f.ID), &f.Agent, (*string)(&f.Code), &f.Reason, (*Named)(&f.Transactions), &f.RaisedBy, &f.WindowStart, &f.Shadow, &f.CreatedAt,
		}, []any{(*uint8)(&f.Severity), (*uint8)(&f.Status), &f.Notes, &f.Steps, &f.UpdatedAt}
	},
}

// FlagSteps are the changes of flags.
var FlagSteps = Table[auditor.Step]{
	Name:  "auditor_flag_history",
	Terms: []string{"flag", "seq", "actor", "status", "severity", "notes", "at"},
	places: func(s *auditor.Step) (terms, standing []any) {
		return []any{(*ledger.ID)(&s.Flag), &s.Seq, &s.By, (*uint8)(&s.Status), (*uint8)(&s.Severity), &s.Notes, &s.At}, nil
	},
}

// Named are transactions in one column: 32 hex digits for each.
type Named []ledger.TransactionID

// String is how they are kept.
func (n Named) String() string {
	b := make([]byte, 0, 2*len(ledger.ID{})*len(n))
	for i := range n {
		b = hex.AppendEncode(b, n[i][:])
	}
	return string(b)
}

// scan reads what String has written. A new list is made, since rows are scanned to
// the same place.
func (n *Named) scan(src any) error {
	var text string
	if err := scanKind(&text, src); err != nil {
		return err
	}
	b, err := hex.DecodeString(text)
	if err != nil || len(b)%len(ledger.ID{}) != 0 {
		return fmt.Errorf("bunstore: %q names no transactions", text)
	}
	*n = nil
	for ; len(b) > 0; b = b[len(ledger.ID{}):] {
		*n = append(*n, ledger.TransactionID(b[:len(ledger.ID{})]))
	}
	return nil
}
