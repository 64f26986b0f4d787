package store

import (
	"context"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/did"
)

// SessionID names a session; its text form is "ses_" and 32 hex digits.
type SessionID ledger.ID

// sessionPrefix begins the text form of a [SessionID].
const sessionPrefix = "ses_"

// String returns the text form, empty for the zero value.
func (id SessionID) String() string { return ledger.FormatID(sessionPrefix, ledger.ID(id)) }

// Session is a login that lasts: a family of refresh tokens, each the successor of
// the one before it, of which the latest alone is good.
type Session struct {
	ID         SessionID
	Agent      did.DID
	Generation int64 // of the refresh token that is good, from 1
	OpenedAt   time.Time
	ExpiresAt  time.Time // when it ends by itself, however often it was refreshed
}

// SessionState is how a session stands. The zero SessionState is that of one that
// is not known.
type SessionState uint8

// The states of sessions.
const (
	SessionUnknown SessionState = iota // never opened, or swept
	SessionOpen
	SessionExpired
	SessionRevoked // by its holder
	SessionReused  // since a refresh token of it was used a second time
)

// Sessions remembers which challenges were used and who is logged in. Each call is a
// short transaction of its own, beside those of groups, and durable when it returns;
// after an error it may have taken place or not.
type Sessions interface {
	// UseChallenge notes that the challenge with this SHA-256 was used, and reports
	// whether that was the first time. It is remembered until [Sessions.Sweep] is
	// asked for a time after until.
	UseChallenge(ctx context.Context, digest [32]byte, until time.Time) (first bool, err error)
	// OpenSession remembers a new session.
	OpenSession(ctx context.Context, s Session) error
	// RotateSession makes the next generation the good one where the given one is,
	// and returns the session as it is now with [SessionOpen]. Of any number who
	// give the same generation at the same time, one gets that. Another generation
	// than the good one ends an open session: [SessionReused]. For a session that
	// was over before, the state says why, and nothing changes.
	RotateSession(ctx context.Context, id SessionID, generation int64, now time.Time) (Session, SessionState, error)
	// RevokeSession ends a session, and returns how it stood before. Where it is over
	// or not known, nothing changes.
	RevokeSession(ctx context.Context, id SessionID, now time.Time) (SessionState, error)
	// EndedSessions lists the sessions that were revoked, or ended by reuse, within
	// the last so long by the database's clock, so that the clocks of several servers
	// do not matter. The order is that of nothing.
	EndedSessions(ctx context.Context, within time.Duration) ([]SessionID, error)
	// Sweep forgets the challenges and the sessions whose time was over before an
	// instant, at most [SweepStep] of each, and returns how many these were.
	Sweep(ctx context.Context, before time.Time) (int, error)
}

// SweepStep is how many challenges, and how many sessions, one sweep forgets at most,
// so that it holds nobody up.
const SweepStep = 1000
