package login

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/pubkey"
	"github.com/agentvault/teg-layer/store"
)

// The defaults of a Config, and what is not for configuration.
const (
	DefaultAccessTTL  = time.Hour
	DefaultRefreshTTL = 30 * 24 * time.Hour
	// ChallengeTTL is how long a challenge can be answered.
	ChallengeTTL = 5 * time.Minute
	// Poll is how often the database is asked which sessions ended elsewhere.
	Poll = time.Second
	// SweepEvery is how often the database forgets what is over.
	SweepEvery = 10 * time.Minute
)

// Resolver finds the keys that may speak for a DID.
type Resolver interface {
	// Keys returns the keys that are for authentication, at least one where the error
	// is nil. Errors are not shown to callers.
	Keys(ctx context.Context, of did.DID) ([]pubkey.Key, error)
}

// Resolvers are resolvers by the methods of DIDs, such as key and web. DIDs of other
// methods cannot log in.
type Resolvers map[string]Resolver

// Keys asks the resolver of the DID's method.
func (r Resolvers) Keys(ctx context.Context, of did.DID) ([]pubkey.Key, error) {
	if resolver := r[of.Method()]; resolver != nil {
		return resolver.Keys(ctx, of)
	}
	return nil, refusedMethod
}

// Config says who may log in and for how long.
type Config struct {
	// Sessions remembers who is logged in. Required.
	Sessions store.Sessions
	// Signer mints access tokens; challenges and refresh tokens bear codes by keys that
	// follow from its own. Required.
	Signer *auth.Signer
	// Resolver finds the keys of DIDs. Required.
	Resolver Resolver
	// Service is what challenges call this system, so that nobody can be made to log
	// in to one that believes to talk to another. Default: teg.
	Service string
	// Reserved tells the DIDs as which nobody can log in. Default: none is reserved.
	Reserved func(did.DID) bool
	// AccessTTL is how long access tokens hold. Default: 1 h.
	AccessTTL time.Duration
	// RefreshTTL is how long a session lasts from its login on, however often it was
	// refreshed. Default: 30 days.
	RefreshTTL time.Duration
	// Logger hears when the database cannot be asked. Default: discarded.
	Logger *slog.Logger
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// Service logs agents in. It is safe for concurrent use, and is the
// [auth.Revocations] of the tokens that it gives out. Start [Service.Run] beside it.
type Service struct {
	config        Config
	challengeCode []byte // key of
	refreshCode   []byte // key of
	ended         ended
	learnt        time.Time // when the sessions that ended were asked for at first
}

// New returns a service that knows which sessions have ended so far.
func New(ctx context.Context, c Config) (*Service, error) {
	if c.Sessions == nil || c.Signer == nil || c.Resolver == nil {
		return nil, errors.New("login: Sessions, Signer and Resolver are needed")
	}
	c.Service = cmp.Or(c.Service, "teg")
	c.AccessTTL, c.RefreshTTL = cmp.Or(c.AccessTTL, DefaultAccessTTL), cmp.Or(c.RefreshTTL, DefaultRefreshTTL)
	if c.AccessTTL < time.Second || c.RefreshTTL < time.Second {
		return nil, errors.New("login: tokens live for at least one second")
	}
	if c.Reserved == nil {
		c.Reserved = func(did.DID) bool { return false }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Service{config: c, learnt: time.Now()}
	var errChallenge, errRefresh error
	s.challengeCode, errChallenge = c.Signer.Derive("login challenge, 1")
	s.refreshCode, errRefresh = c.Signer.Derive("refresh token, 1")
	if err := errors.Join(errChallenge, errRefresh); err != nil {
		return nil, err
	}
	if err := s.learn(ctx, s.remembered()); err != nil {
		return nil, fmt.Errorf("login: the sessions that ended cannot be read: %w", err)
	}
	return s, nil
}

// ErrReused is the [auth.ErrRevoked] of a refresh token that was used before: its session
// has been ended for that just now.
var ErrReused error = refusal{auth.ErrRevoked, "the refresh token was used before, so its session has been ended; log in again"}

// refusal is why a login or a refresh token is not accepted: an [auth.ErrInvalid] or
// an [auth.ErrRevoked] with a clause that is safe to show.
type refusal struct {
	kind   auth.Error
	reason string
}

func (r refusal) Error() string { return "auth: " + r.reason }

func (r refusal) Unwrap() error { return r.kind }

// The refusals. They are constants in all but name: nothing of a request gets in.
var (
	refusedReserved  = refusal{auth.ErrInvalid, "this DID is an account of the system, as which nobody can act"}
	refusedMethod    = refusal{auth.ErrInvalid, "DIDs of this method cannot log in here"}
	refusedChallenge = refusal{auth.ErrInvalid, "the challenge is not one of this service for this DID"}
	refusedLate      = refusal{auth.ErrInvalid, "the challenge has expired; ask for another"}
	refusedUsed      = refusal{auth.ErrInvalid, "the challenge was used already; ask for another"}
	refusedKeys      = refusal{auth.ErrInvalid, "no keys were found for this DID"}
	refusedSignature = refusal{auth.ErrInvalid, "the signature is not one over the challenge by a key of the DID: " +
		"base64url without padding of 64 bytes, for ECDSA r and s with the lower s"}
	refusedRefresh = refusal{auth.ErrInvalid, "the refresh token is not one of this service"}
	refusedExpired = refusal{auth.ErrInvalid, "the session has ended by its time; log in again"}
	refusedRevoked = refusal{auth.ErrRevoked, "the session has been ended; log in again"}
)
