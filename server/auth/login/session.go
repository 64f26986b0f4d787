package login

import (
	"context"
	"crypto/hmac"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/store"
)

// Tokens are what a login or a refresh gives.
type Tokens struct {
	Access    string
	Refresh   string
	ExpiresIn time.Duration // of the access token
}

// Open begins a session of an agent who has proved to be it.
func (s *Service) Open(ctx context.Context, agent did.DID) (Tokens, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Tokens{}, fmt.Errorf("login: no session can be named: %w", err)
	}
	now := s.config.Now()
	session := store.Session{
		ID: store.SessionID(id), Agent: agent, Generation: 1, OpenedAt: now, ExpiresAt: now.Add(s.config.RefreshTTL),
	}
	if err := s.config.Sessions.OpenSession(ctx, session); err != nil {
		return Tokens{}, err
	}
	return s.tokens(session)
}

// Refresh trades a refresh token for a new pair. A token that was traded before ends its
// session, whoever brings it: there is no grace, also not for a caller who asks twice at
// once or never got the answer, for a thief would have it too: that is [ErrReused]. The
// error wraps [auth.ErrRevoked] where the session has been ended, now or before, and
// [auth.ErrInvalid] where the token is none or its time is over; others are those of
// the database, after which the token may have been traded.
func (s *Service) Refresh(ctx context.Context, token string) (Tokens, error) {
	id, generation, err := s.readRefresh(token)
	if err != nil {
		return Tokens{}, err
	}
	session, state, err := s.config.Sessions.RotateSession(ctx, id, generation, s.config.Now())
	if err != nil {
		return Tokens{}, err
	}
	switch state {
	case store.SessionOpen:
		return s.tokens(session)
	case store.SessionReused:
		s.ended.add(id.String(), s.config.Now().Add(s.remembered()))
		s.config.Logger.WarnContext(ctx, "a refresh token was used twice, by its owner or by a thief; its session has been ended",
			"session", id.String(), "agent", session.Agent.String())
		return Tokens{}, ErrReused
	case store.SessionRevoked:
		return Tokens{}, refusedRevoked
	}
	return Tokens{}, refusedExpired
}

// Revoke ends the session that a refresh token is of, also where the token was traded
// before, and with it its access tokens. That it has ended already is no error. The
// error wraps [auth.ErrInvalid] where the token is none.
func (s *Service) Revoke(ctx context.Context, token string) error {
	id, _, err := s.readRefresh(token)
	if err != nil {
		return err
	}
	if _, err := s.config.Sessions.RevokeSession(ctx, id, s.config.Now()); err != nil {
		return err
	}
	s.ended.add(id.String(), s.config.Now().Add(s.remembered()))
	return nil
}

// tokens are the pair of a session as it stands.
func (s *Service) tokens(session store.Session) (Tokens, error) {
	// No longer than the session lasts, and no shorter than a token can.
	ttl := max(min(s.config.AccessTTL, session.ExpiresAt.Sub(s.config.Now())), time.Second).Truncate(time.Second)
	access, err := s.config.Signer.Mint(auth.Identity{Agent: session.Agent, Session: session.ID.String()}, ttl)
	if err != nil {
		return Tokens{}, fmt.Errorf("login: no token can be minted: %w", err)
	}
	return Tokens{Access: access, Refresh: s.writeRefresh(session.ID, session.Generation), ExpiresIn: ttl}, nil
}

const (
	refreshForm = "tegr_" // begins every refresh token, for those who look for secrets in texts
	refreshSize = 16 + 8  // the session and its generation
	refreshCode = 32      // bytes of code behind them
)

func (s *Service) writeRefresh(id store.SessionID, generation int64) string {
	said := binary.BigEndian.AppendUint64(append(make([]byte, 0, refreshSize+refreshCode), id[:]...), uint64(generation))
	return refreshForm + code64.EncodeToString(append(said, mac(s.refreshCode, said)...))
}

// readRefresh reads what writeRefresh wrote, and nothing else.
func (s *Service) readRefresh(token string) (store.SessionID, int64, error) {
	text, ours := strings.CutPrefix(token, refreshForm)
	raw, err := code64.DecodeString(text)
	if !ours || err != nil || len(raw) != refreshSize+refreshCode || code64.EncodeToString(raw) != text {
		return store.SessionID{}, 0, refusedRefresh
	}
	said := raw[:refreshSize]
	if !hmac.Equal(mac(s.refreshCode, said), raw[refreshSize:]) {
		return store.SessionID{}, 0, refusedRefresh
	}
	return store.SessionID(said[:16]), int64(binary.BigEndian.Uint64(said[16:])), nil
}
