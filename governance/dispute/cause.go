package dispute

import (
	"github.com/agentvault/teg-layer/ledger"
)

// CauseKind says what a dispute is about. The zero value is invalid. The numbers are
// stored.
type CauseKind uint8

// The kinds of causes.
const (
	CauseTransfer CauseKind = iota + 1
	CauseHold
	CauseAVTP // an AVTP transaction that somebody reported
)

var causeNames = [...]string{CauseTransfer: "transfer", CauseHold: "hold", CauseAVTP: "avtp"}

// Valid reports whether the kind is one of those above.
func (k CauseKind) Valid() bool { return k >= CauseTransfer && k <= CauseAVTP }

// String is the stable text form, such as "hold".
func (k CauseKind) String() string {
	if !k.Valid() {
		return "invalid"
	}
	return causeNames[k]
}

// Cause names what a dispute is about, the same whoever files it.
type Cause struct {
	Kind        CauseKind
	ID          ledger.ID            // of the transfer, of the hold, or of the AVTP transaction between its two agents
	Transaction ledger.TransactionID // by which it was named; zero for an AVTP transaction
	AVTP        string               // AVTP's own id; empty but for an AVTP transaction
}
