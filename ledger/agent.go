package ledger

import (
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
)

// Origin says how an agent came here. Value leaves the treasury only to the
// first two. The zero value is invalid.
type Origin uint8

// The origins of agents.
const (
	FromBootstrap Origin = iota + 1 // with a bootstrap token
	FromRegistry                    // with a token of a configured issuer, or by an admin
	FromSelf                        // by itself
)

var originNames = [...]string{FromBootstrap: "bootstrap", FromRegistry: "registry", FromSelf: "self"}

// Valid reports whether the origin is one of those above.
func (o Origin) Valid() bool { return o >= FromBootstrap && o <= FromSelf }

// String is the stable text form.
func (o Origin) String() string {
	if !o.Valid() {
		return "invalid"
	}
	return originNames[o]
}

// Agent is the profile of a party: what is known about it besides its accounts.
type Agent struct {
	ID               did.DID
	Account          AccountID // its available row
	Locked           AccountID // its locked row
	Origin           Origin
	Metadata         []byte // a JSON object, or nil
	SuspensionReason string // why it is suspended, empty otherwise
	Revoked          Roles  // what it is stripped of, whatever its tokens say
	Reputation       int    // −1000 to +1000
	CreatedAt        time.Time
}
