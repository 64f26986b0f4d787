package ledger

import (
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// BootstrapID names a bootstrap token, and tells nothing of it; its text form is
// "boot_" and 32 hex digits.
type BootstrapID ID

const bootstrapPrefix = "boot_"

// String returns the text form, empty for the zero value.
func (id BootstrapID) String() string { return FormatID(bootstrapPrefix, ID(id)) }

// IsZero reports whether the id names no token.
func (id BootstrapID) IsZero() bool { return ID(id).IsZero() }

// MarshalText returns the text form.
func (id BootstrapID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ParseBootstrapID reads the text form; anything else is [ErrNotFound].
func ParseBootstrapID(text string) (BootstrapID, error) {
	id, err := ParseID(bootstrapPrefix, text)
	return BootstrapID(id), err
}

// Bounds of what a bootstrap token says, in characters.
const (
	MaxTypeHint    = 64
	MaxRequestedBy = 255
)

// BootstrapToken is what is kept of a token with which one agent can register. The
// token itself is not: only its hash is.
type BootstrapToken struct {
	ID          BootstrapID
	Hash        string // SHA-256 of the token, in hexadecimal
	TypeHint    string // what kind of agent it is meant for, as who asked for it says; may be empty
	RequestedBy string // who asked for it; may be empty
	OwnGrant    bool   // it says itself what its agent gets, whatever the terms say
	Grant       amount.Amount
	By          did.DID // who issued it
	At          time.Time
	ExpiresAt   time.Time // from then on it cannot be used

	UsedBy did.DID // zero until it is used
	UsedAt time.Time
}

// Used reports whether an agent has registered with it.
func (t *BootstrapToken) Used() bool { return !t.UsedAt.IsZero() }

// Valid reports whether an agent can register with it.
func (t *BootstrapToken) Valid(now time.Time) bool { return !t.Used() && now.Before(t.ExpiresAt) }

// GrantBy is what its agent gets from the treasury, by the terms in force.
func (t *BootstrapToken) GrantBy(terms Terms) amount.Amount {
	if t.OwnGrant {
		return t.Grant
	}
	return terms.OnboardingGrant
}

// Use is the token after an agent registered with it: [ErrTokenUsed] for one that was
// used, [ErrExpired] for one whose time is over.
func (t BootstrapToken) Use(agent did.DID, now time.Time) (BootstrapToken, error) {
	switch {
	case t.Used():
		return t, Refuse(ErrTokenUsed, "this bootstrap token has been used; ask for another").By("token.unused", Word("token", t.ID.String())).
			Unless(Do("Ask whoever invited you for another token."))
	case !t.Valid(now):
		return t, Refuse(ErrExpired, "this bootstrap token has expired; ask for another").By("token.expiry", Moment("expires_at", t.ExpiresAt)).
			Unless(Do("Ask whoever invited you for another token."))
	}
	t.UsedBy, t.UsedAt = agent, now
	return t, nil
}

// BootstrapChanges is what a group decided about bootstrap tokens.
type BootstrapChanges struct {
	Issued, Used []BootstrapToken
}

// Empty reports whether there is nothing to write.
func (c *BootstrapChanges) Empty() bool { return len(c.Issued)+len(c.Used) == 0 }
