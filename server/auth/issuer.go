package auth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/agentvault/teg-layer/server/strictjson"
)

// Issuer is somebody beside the local key whose tokens are accepted, such as a
// registry. Which issuer a token is held against is decided by its iss, and then that
// issuer's keys and algorithm alone count: the keys of one say nothing in the name of
// another.
type Issuer struct {
	// Name is what iss has to be. "" stands for every iss that no other issuer has,
	// and for tokens without one; at most one issuer may be nameless, the local key
	// without Config.Issuer among them.
	Name string
	// Algorithm is RS256, ES256 or EdDSA.
	Algorithm Algorithm
	// PublicKey is the issuer's key, where it has one that is known beforehand.
	PublicKey crypto.PublicKey
	// Keys are the issuer's keys where it publishes them. It is this or PublicKey.
	Keys *JWKS
	// Roles are those that the issuer may give; agent alone when it is zero.
	Roles Roles
	// DIDMethods are the methods of those for whom the issuer may speak, such as
	// web; with none it may for all.
	DIDMethods []string
}

// issuer is whose tokens are accepted, ready for use.
type issuer struct {
	name      string
	algorithm Algorithm
	keys      keySource
	roles     func(issuer string, claimed Roles) Roles
	methods   []string
	local     bool // the key that is configured here
}

// keySource finds the key that a token's kid names.
type keySource interface {
	find(ctx context.Context, kid string) (*heldKey, error)
}

// heldKey is a key that is accepted until it is gone.
type heldKey struct {
	key  any // as checkSignature takes it
	gone atomic.Bool
}

// oneKey is the only key of its issuer, whatever kid says.
type oneKey struct{ held *heldKey }

func (k oneKey) find(context.Context, string) (*heldKey, error) { return k.held, nil }

// issuers are all whose tokens the configuration accepts, the local key first.
func (c Config) issuers() ([]issuer, error) {
	var all []issuer
	if c.HasKey() || len(c.Issuers) == 0 {
		key, err := c.verifyKey()
		if err != nil {
			return nil, err
		}
		all = append(all, issuer{
			name: c.Issuer, algorithm: c.Algorithm, keys: oneKey{&heldKey{key: key}}, roles: c.rolesOf, local: true,
		})
	}
	for _, other := range c.Issuers {
		ready, err := other.ready()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(i issuer) bool { return i.name == ready.name }) {
			return nil, fmt.Errorf("auth: two issuers are named %.64q; each needs an iss of its own", ready.name)
		}
		all = append(all, ready)
	}
	return all, nil
}

// ready checks an issuer.
func (i Issuer) ready() (issuer, error) {
	may := i.Roles.With(Agent)
	ready := issuer{
		name: i.Name, algorithm: i.Algorithm, methods: slices.Clone(i.DIDMethods),
		roles: func(_ string, claimed Roles) Roles { return claimed.Only(may).With(Agent) },
	}
	switch {
	case i.Algorithm != RS256 && i.Algorithm != ES256 && i.Algorithm != EdDSA:
		return issuer{}, errors.New("auth: the algorithm of another issuer is RS256, ES256 or EdDSA: a secret that is shared lets both sign")
	case (i.Keys == nil) == (i.PublicKey == nil):
		return issuer{}, errors.New("auth: an issuer has either one public key or published keys")
	case i.Keys != nil && i.Keys.config.Algorithm != i.Algorithm:
		return issuer{}, errors.New("auth: the published keys are read for another algorithm than the issuer's")
	case i.Keys != nil:
		ready.keys = i.Keys
		return ready, nil
	}
	ready.keys = oneKey{&heldKey{key: i.PublicKey}}
	return ready, checkPublicKey(i.Algorithm, i.PublicKey)
}

// issuerOf chooses the issuer that a token has to be from. Nothing is known yet of
// whether it is; what the payload says decides which keys are tried, and no more.
func (v *Verifier) issuerOf(payload []byte) (*issuer, error) {
	if len(v.issuers) == 1 {
		return &v.issuers[0], nil
	}
	var members map[string]any
	if strictjson.Decode(payload, &members) != nil {
		return nil, refusedClaims
	}
	iss, _ := members["iss"].(string)
	for _, name := range []string{iss, ""} {
		if i := slices.IndexFunc(v.issuers, func(i issuer) bool { return i.name == name }); i >= 0 {
			return &v.issuers[i], nil
		}
	}
	return nil, refusedIssuer
}
