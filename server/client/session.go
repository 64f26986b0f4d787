package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
)

// challengeForm begins what may be signed. A challenge is
//
//	teg-login-1|service|DID|seconds since 1970|nonce|code
const (
	challengeForm  = "teg-login-1"
	challengeParts = 6
)

// mostEarly is how long before their end tokens are renewed at most.
const mostEarly = time.Minute

// mostSeconds bounds what a server says of the life of its tokens: a year.
const mostSeconds = 365 * 24 * 60 * 60

// session is a login that is renewed as long as the client is used. A refresh token is good
// once, and brought again ends the session: so one goroutine at a time has its turn, and a
// refresh token is forgotten before it is sent, whatever becomes of it.
type session struct {
	client *Client
	agent  did.DID
	sign   func(text []byte) (string, error)
	now    func() time.Time
	turn   chan struct{} // of one; what follows belongs to who holds it

	access, refresh string
	renewAt         time.Time
}

func newSession(c *Client, agent did.DID, sign func([]byte) (string, error)) *session {
	return &session{client: c, agent: agent, sign: sign, now: time.Now, turn: make(chan struct{}, 1)}
}

func (s *session) token(ctx context.Context) (string, error) { return s.renew(ctx, "") }

func (s *session) renew(ctx context.Context, stale string) (string, error) {
	done, err := s.myTurn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	if s.access != "" && s.access != stale && s.now().Before(s.renewAt) {
		return s.access, nil
	}
	s.access = ""
	if good, err := s.trade(ctx); good || err != nil {
		return s.access, err
	}
	return s.access, s.login(ctx)
}

// myTurn waits until nobody else has the session.
func (s *session) myTurn(ctx context.Context) (done func(), err error) {
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// trade has new tokens for the refresh token. Where that does not work a login will: only
// the end of the context is an error.
func (s *session) trade(ctx context.Context) (good bool, err error) {
	if s.refresh == "" {
		return false, nil
	}
	given := RefreshRequest{RefreshToken: s.refresh}
	s.refresh = ""
	asked := s.now()
	tokens, err := s.client.Refresh(ctx, given)
	if err != nil {
		return false, ctx.Err()
	}
	s.keep(tokens, asked)
	return true, nil
}

func (s *session) login(ctx context.Context) error {
	failed := func(err error) error { return fmt.Errorf("log in as %s: %w", s.agent, err) }
	challenge, err := s.client.Challenge(ctx, ChallengeRequest{AgentDID: s.agent})
	if err != nil {
		return failed(err)
	}
	if err := s.look(challenge.Challenge); err != nil {
		return failed(err)
	}
	signature, err := s.sign([]byte(challenge.Challenge))
	if err != nil {
		return failed(err)
	}
	asked := s.now()
	tokens, err := s.client.Login(ctx, LoginRequest{AgentDID: s.agent, Challenge: challenge.Challenge, Signature: signature})
	if err != nil {
		return failed(err)
	}
	s.keep(tokens, asked)
	return nil
}

// look refuses to sign what is no challenge of a TEG server for this agent, and of another
// service than was named: a signature is worth something elsewhere.
func (s *session) look(challenge string) error {
	parts := strings.Split(challenge, "|")
	if len(parts) != challengeParts || parts[0] != challengeForm || parts[2] != s.agent.String() {
		return fmt.Errorf("the challenge %q is none for this agent, and is not signed", inLine(challenge))
	}
	if name, err := url.PathUnescape(parts[1]); s.client.service != "" && (err != nil || name != s.client.service) {
		return fmt.Errorf("the challenge is one of the service %q and not of %q, and is not signed", inLine(name), s.client.service)
	}
	return nil
}

// keep takes tokens that were asked for at a time. They are renewed when nine tenths of
// their time are over.
func (s *session) keep(tokens *Tokens, asked time.Time) {
	lifetime := time.Duration(min(max(tokens.ExpiresIn, 0), mostSeconds)) * time.Second
	s.access, s.refresh = tokens.AccessToken, tokens.RefreshToken
	s.renewAt = asked.Add(lifetime - min(lifetime/10, mostEarly))
}

// EndSession ends the session of [WithLogin], with all of its tokens, at once. The next call
// logs in again. Without a session it does nothing. Where it fails for want of an answer the
// session may go on, and EndSession can be called again.
func (c *Client) EndSession(ctx context.Context) error {
	s, is := c.identity.(*session)
	if !is {
		return nil
	}
	done, err := s.myTurn(ctx)
	if err != nil {
		return err
	}
	defer done()
	refresh := s.refresh
	s.access, s.refresh = "", ""
	if refresh == "" {
		return nil
	}
	err = c.Logout(ctx, RefreshRequest{RefreshToken: refresh})
	if err != nil && !errors.Is(err, ErrInvalidToken) {
		s.refresh = refresh // any refresh token of a session ends it, however often
	}
	return err
}
