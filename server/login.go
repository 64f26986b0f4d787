package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/login"
	"github.com/agentvault/teg-layer/teg"
)

type challengeRequest struct {
	Agent teg.DID `json:"agent_did"`
}

type challengeBody struct {
	Challenge string `json:"challenge"`
	ExpiresAt string `json:"expires_at"`
}

func postChallenge(c *call, in *challengeRequest) (answer, error) {
	service, err := c.login()
	if err != nil {
		return answer{}, err
	}
	made, err := service.Challenge(in.Agent)
	return answer{body: challengeBody{made.Text, stamp(made.ExpiresAt)}}, err
}

type loginRequest struct {
	Agent     teg.DID `json:"agent_did"`
	Challenge string  `json:"challenge"`
	Signature string  `json:"signature" strict:"secret"`
}

type tokensBody struct {
	Access    string `json:"access_token"`
	Refresh   string `json:"refresh_token"`
	Type      string `json:"token_type"`
	ExpiresIn int64  `json:"expires_in"`
}

// postLogin lets an agent in who signed its challenge. Whether it is suspended does not
// matter: it may read what is its own.
func postLogin(c *call, in *loginRequest) (answer, error) {
	service, err := c.login()
	if err != nil {
		return answer{}, err
	}
	if err := service.Prove(c.ctx, in.Agent, in.Challenge, in.Signature); err != nil {
		return answer{}, loginError(err)
	}
	if c.server.config.ProvisionSelf {
		if err := c.register(in.Agent, teg.FromSelf); err != nil {
			return answer{}, err
		}
	}
	tokens, err := service.Open(c.ctx, in.Agent)
	return tokensAnswer(tokens), loginError(err)
}

type refreshRequest struct {
	Token string `json:"refresh_token" strict:"secret"`
}

func postRefresh(c *call, in *refreshRequest) (answer, error) {
	service, err := c.login()
	if err != nil {
		return answer{}, err
	}
	tokens, err := service.Refresh(c.ctx, in.Token)
	return tokensAnswer(tokens), loginError(err)
}

func postRevoke(c *call, in *refreshRequest) (answer, error) {
	service, err := c.login()
	if err != nil {
		return answer{}, err
	}
	return answer{status: 204}, loginError(service.Revoke(c.ctx, in.Token))
}

func tokensAnswer(t login.Tokens) answer {
	return answer{body: tokensBody{t.Access, t.Refresh, "Bearer", int64(t.ExpiresIn / time.Second)}}
}

// login is the service that logs agents in; without one there is no such route.
func (c *call) login() (*login.Service, error) {
	c.w.Header().Set("Cache-Control", "no-store")
	if service := c.server.config.Login; service != nil {
		return service, nil
	}
	return nil, errNoLogin
}

// loginError keeps the reasons for which nobody is let in, and takes every other fault
// for one of the database, since nothing else can fail.
func loginError(err error) error {
	switch {
	case err == nil, errors.Is(err, auth.ErrInvalid), errors.Is(err, auth.ErrRevoked),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return fmt.Errorf("%w: %w", errNotLoggedIn, err)
}
