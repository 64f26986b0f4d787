package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/teg"
)

func postChallenge(c *call, in *api.ChallengeRequest) (answer, error) {
	service, err := c.login()
	if err != nil {
		return answer{}, err
	}
	made, err := service.Challenge(in.AgentDID)
	return answer{body: api.Challenge{Challenge: made.Text, ExpiresAt: stamp(made.ExpiresAt)}}, err
}

// postLogin lets an agent in who signed its challenge. Whether it is suspended does not
// matter: it may read what is its own.
func postLogin(c *call, in *api.LoginRequest) (answer, error) {
	service, err := c.login()
	if err != nil {
		return answer{}, err
	}
	if err := service.Prove(c.ctx, in.AgentDID, in.Challenge, in.Signature); err != nil {
		return answer{}, loginError(err)
	}
	if c.server.config.ProvisionSelf {
		if err := c.register(in.AgentDID, teg.FromSelf); err != nil {
			return answer{}, err
		}
	}
	tokens, err := service.Open(c.ctx, in.AgentDID)
	c.noteSession(SessionOpened, err)
	return tokensAnswer(tokens), loginError(err)
}

func postRefresh(c *call, in *api.RefreshRequest) (answer, error) {
	service, err := c.login()
	if err != nil {
		return answer{}, err
	}
	tokens, err := service.Refresh(c.ctx, in.RefreshToken)
	c.noteSession(SessionRefreshed, err)
	return tokensAnswer(tokens), loginError(err)
}

func postRevoke(c *call, in *api.RefreshRequest) (answer, error) {
	service, err := c.login()
	if err != nil {
		return answer{}, err
	}
	err = service.Revoke(c.ctx, in.RefreshToken)
	c.noteSession(SessionEnded, err)
	return answer{status: 204}, loginError(err)
}

// noteSession notes, for the metrics, what became of a session.
func (c *call) noteSession(event string, err error) {
	switch {
	case err == nil:
		c.session = event
	case errors.Is(err, login.ErrReused):
		c.session = SessionReused
	}
}

func tokensAnswer(t login.Tokens) answer {
	return answer{body: api.Tokens{
		AccessToken: t.Access, RefreshToken: t.Refresh, TokenType: "Bearer", ExpiresIn: int64(t.ExpiresIn / time.Second),
	}}
}

// login is the service that logs agents in; without one there is no such route.
func (c *call) login() (*login.Service, error) {
	if service := c.server.config.Login; service != nil {
		return service, nil
	}
	return nil, errNoLogin
}

// loginError is what a login, or a session, says of an error.
func loginError(err error) error { return unlessRefused(err, errNotLoggedIn) }

// unlessRefused keeps the reasons for which nobody is let in, and takes every other fault
// for one of the database, since nothing else can fail.
func unlessRefused(err, otherwise error) error {
	switch {
	case err == nil, errors.Is(err, auth.ErrInvalid), errors.Is(err, auth.ErrRevoked),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return fmt.Errorf("%w: %w", otherwise, err)
}
