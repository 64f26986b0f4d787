package server

import (
	"errors"
	"slices"

	"github.com/agentvault/teg-layer/server/auth"
)

// credentials are what a request brings to say who sends it.
type credentials struct {
	given bool   // there is an Authorization header that is not empty
	token string // out of it
	fault error  // why there is no token; wraps auth.ErrMissing where none was sent
	peer  bool   // there is none, and the connection says who it is
}

// admit finds out who calls, whether they may call that often, and whether the route is
// theirs.
func (c *call) admit() error {
	by := c.credentials()
	if !c.route.access.public || by.given || by.peer || c.route.class.ByAddress() { // the last are those of login and onboarding
		c.w.Header().Set("Cache-Control", "no-store")
	}
	if !by.peer && errors.Is(by.fault, auth.ErrMissing) {
		return c.admitNobody(by.given)
	}
	if err := c.identify(by); err != nil {
		return err
	}
	if err := c.limitCaller(); err != nil {
		return err
	}
	if c.route.access.public {
		return nil
	}
	if err := c.admitRole(); err != nil {
		return err
	}
	return c.tellRoles()
}

// credentials reads who the request says that it is from. A token that is given is what
// counts, also where the connection would say something else.
func (c *call) credentials() credentials {
	var by credentials
	by.given = slices.ContainsFunc(c.request.Header["Authorization"], func(value string) bool { return value != "" })
	by.token, by.fault = auth.Bearer(c.request.Header)
	by.peer = !by.given && c.identifyPeer()
	return by
}

// identifyPeer takes the caller to be who the connection proved to come from, and tells
// whether it did.
func (c *call) identifyPeer() bool {
	if c.server.config.Peers == nil || c.request.TLS == nil {
		return false
	}
	peer, known := c.server.config.Peers(c.request.TLS)
	if known {
		c.caller = peer
	}
	return known
}

// admitNobody lets in who does not say who it is, where everybody may call, and counts
// it for its address. A header without a token in it is no such thing.
func (c *call) admitNobody(given bool) error {
	if err := c.limitAddress(c.route.class); err != nil {
		return err
	}
	if c.route.access.public && !given {
		return nil
	}
	return auth.ErrMissing
}

// identify finds out who calls, from the token where the connection does not say.
func (c *call) identify(by credentials) error {
	switch {
	case by.peer && c.engine().IsSystem(c.caller.Agent):
		return auth.ErrInvalid
	case by.peer:
		return nil
	case c.server.config.Verifier == nil:
		return auth.ErrMissing
	}
	if err := c.limitFailures(by.token); err != nil {
		return err
	}
	if by.fault != nil {
		return c.failedToken(by.fault)
	}
	id, err := c.server.config.Verifier.Verify(c.ctx, by.token)
	if err == nil && c.engine().IsSystem(id.Agent) {
		err = auth.ErrInvalid
	}
	if err != nil {
		return c.failedToken(err)
	}
	c.caller = id
	return nil
}
