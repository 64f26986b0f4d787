package server

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/teg"
)

// Proofs tells whether somebody has a key of a DID. It is safe for concurrent use.
type Proofs interface {
	// Prove uses a challenge up that this or another server gave out, and checks its
	// signature by a key of the DID. The error wraps [auth.ErrInvalid] for whatever is
	// wrong with them; any other error means that it could not be told.
	Prove(ctx context.Context, agent teg.DID, challenge, signature string) error
}

type invitationRequest api.InvitationRequest

func (in *invitationRequest) check(f *faults) {
	f.text("agent_type_hint", in.AgentTypeHint, teg.MaxTypeHint)
	f.text("requested_by", in.RequestedBy, teg.MaxRequestedBy)
	f.between("expires_in_hours", in.ExpiresInHours, 1, int64(teg.MaxBootstrapTTL/time.Hour))
}

// postInvitation shows a bootstrap token, once.
func postInvitation(c *call, in *invitationRequest) (answer, error) {
	issued, err := c.engine().IssueBootstrapToken(c.ctx, teg.BootstrapTokenParams{
		By: c.caller.Agent, TypeHint: orZero(in.AgentTypeHint), RequestedBy: orZero(in.RequestedBy), TTL: time.Duration(orZero(in.ExpiresInHours)) * time.Hour,
	})
	return answer{body: api.Invitation{Token: issued.Token, ExpiresAt: stamp(issued.ExpiresAt)}}, err
}

type validateRequest api.ValidationRequest

func (in *validateRequest) check(f *faults) { checkBootstrapToken(f, in.BootstrapToken) }

// checkBootstrapToken wants something; whether it is a token is not for the shape to
// say.
func checkBootstrapToken(f *faults, token string) {
	if token == "" {
		f.add("bootstrap_token", "must not be empty", nil)
	}
}

func postValidate(c *call, in *validateRequest) (answer, error) {
	t, err := c.engine().BootstrapToken(c.ctx, in.BootstrapToken)
	return answer{body: api.Validation{Valid: t.Valid, AgentTypeHint: orNull(t.TypeHint), ExpiresAt: stampOrNull(t.ExpiresAt)}}, err
}

type registerRequest api.RegistrationRequest

func (in *registerRequest) check(f *faults) {
	checkBootstrapToken(f, in.BootstrapToken)
	if len(in.Metadata) > teg.MaxMetadata || len(in.Metadata) > 0 && !bytes.HasPrefix(in.Metadata, []byte("{")) {
		f.add("metadata", "must be a JSON object of at most "+strconv.Itoa(teg.MaxMetadata)+" bytes", nil)
	}
	if in.Challenge == nil && in.Signature != nil {
		f.add("challenge", "is required with a signature", nil)
	}
	if in.Challenge != nil && in.Signature == nil {
		f.add("signature", "is required with a challenge", nil)
	}
}

// signed reports whether the request says that it proves the DID by a signature.
func (in *registerRequest) signed() bool { return in.Challenge != nil || in.Signature != nil }

// postRegister makes the profile of whoever has a bootstrap token and proves its DID. Who
// proves nothing, or another's DID, is told so before anything about the shape. The
// signature is looked at last, as a challenge is used up by it.
func postRegister(c *call) (func() (answer, error), error) {
	in := new(registerRequest)
	if err := c.read(in); err != nil {
		return nil, err
	}
	if !in.signed() {
		switch {
		case c.caller.Agent.IsZero():
			return nil, auth.ErrMissing
		case !in.AgentDID.IsZero() && in.AgentDID != c.caller.Agent:
			return nil, errOthersDID
		}
	}
	return func() (answer, error) {
		if in.signed() {
			if err := c.prove(in); err != nil {
				return answer{}, err
			}
		}
		p, err := c.engine().RegisterAgent(c.ctx, teg.RegisterParams{Agent: in.AgentDID, BootstrapToken: in.BootstrapToken, Metadata: in.Metadata})
		return answer{status: 201, body: profileOf(p)}, err
	}, nil
}

func (c *call) prove(in *registerRequest) error {
	if c.server.config.Proofs == nil {
		return fmt.Errorf("%w: this server gives out no challenges; prove the DID with a token of it", auth.ErrInvalid)
	}
	return unlessRefused(c.server.config.Proofs.Prove(c.ctx, in.AgentDID, *in.Challenge, *in.Signature), errNotProven)
}
