package registry

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/strictjson"
	"github.com/agentvault/teg-layer/teg/outside"
)

// Registry is one registry, as the configuration has it.
type Registry struct {
	// Issuer is the iss of its tokens.
	Issuer string `json:"issuer,omitempty"`
	// JWKSURL is where it publishes its keys.
	JWKSURL string `json:"jwks_url,omitempty"`
	// Algorithm is that of its tokens: RS256, ES256 or EdDSA. Default: ES256.
	Algorithm string `json:"algorithm,omitempty"`
	// DIDMethods are the methods of those for whom it speaks, such as web. Default: all.
	DIDMethods []string `json:"did_methods,omitempty"`
	// Roles are those that its tokens may give. Default: agent.
	Roles []string `json:"roles,omitempty"`
	// MetadataURL is where it tells of an agent, {did} in its path stands for the agent's
	// DID. Default: nowhere.
	MetadataURL string `json:"metadata_url,omitempty"`
}

// didPlace stands for a DID in an address.
const didPlace = "{did}"

// MaxRegistries is how many registries there are at most.
const MaxRegistries = 100

// Parse reads a JSON list of registries, strictly, and says of the first one that cannot
// be meant what is wrong with it.
func Parse(text []byte) ([]Registry, error) {
	var in struct {
		List []Registry `json:"list"`
	}
	whole := slices.Concat([]byte(`{"list":`), text, []byte(`}`))
	if err := strictjson.Decode(whole, &in); err != nil || in.List == nil {
		return nil, errors.New("registry: must be a JSON list of objects with issuer, jwks_url, algorithm, did_methods, roles and metadata_url, and no others")
	}
	if len(in.List) > MaxRegistries {
		return nil, fmt.Errorf("registry: at most %d registries", MaxRegistries)
	}
	issuers := map[string]bool{}
	for i := range in.List {
		r := &in.List[i]
		if err := r.complete(); err != nil {
			return nil, fmt.Errorf("registry: the one at %d: %w", i, err)
		}
		if issuers[r.Issuer] {
			return nil, fmt.Errorf("registry: the one at %d: another has the same issuer", i)
		}
		issuers[r.Issuer] = true
	}
	return in.List, nil
}

// complete fills in the defaults and refuses what cannot be meant. Errors do not repeat
// addresses: people put passwords into them.
func (r *Registry) complete() error {
	if r.Algorithm == "" {
		r.Algorithm = auth.ES256.String()
	}
	if len(r.Roles) == 0 {
		r.Roles = []string{auth.Agent.String()}
	}
	_, rolesFault := r.AuthRoles()
	_, addressFault := outside.CheckURL(r.JWKSURL)
	algorithm, algorithmFault := r.AuthAlgorithm()
	switch {
	case r.Issuer == "" || len(r.Issuer) > 255:
		return errors.New("issuer must have 1 to 255 characters")
	case addressFault != nil:
		return fmt.Errorf("jwks_url: %w", addressFault)
	case algorithmFault != nil || algorithm == auth.HS256:
		return errors.New("algorithm must be RS256, ES256 or EdDSA")
	case rolesFault != nil:
		return errors.New("roles must be out of " + auth.AllRoles().String())
	case slices.ContainsFunc(r.DIDMethods, func(m string) bool { return !isMethod(m) }):
		return errors.New("did_methods must be names such as web or key")
	case r.MetadataURL != "":
		_, _, err := r.metadataAddress()
		return err
	}
	return nil
}

// AuthRoles are the roles that the registry's tokens may give.
func (r *Registry) AuthRoles() (auth.Roles, error) { return auth.ParseRoles(r.Roles...) }

// AuthAlgorithm is the algorithm of the registry's tokens.
func (r *Registry) AuthAlgorithm() (a auth.Algorithm, err error) {
	return a, a.UnmarshalText([]byte(r.Algorithm))
}

// SpeaksFor tells whether the registry may speak for agents of a DID method.
func (r *Registry) SpeaksFor(method string) bool {
	return len(r.DIDMethods) == 0 || slices.Contains(r.DIDMethods, method)
}

func isMethod(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// metadataAddress takes MetadataURL apart: the host, and the path with [didPlace] in it.
func (r *Registry) metadataAddress() (base, path string, err error) {
	const must = "metadata_url must be an address such as https://registry.example/agents/" + didPlace + ", with " + didPlace + " once in its path"
	u, err := url.Parse(r.MetadataURL)
	if err != nil || strings.Count(r.MetadataURL, didPlace) != 1 || !strings.Contains(u.Path, didPlace) {
		return "", "", errors.New(must)
	}
	if _, err := outside.CheckURL(strings.Replace(r.MetadataURL, didPlace, "did", 1)); err != nil {
		return "", "", fmt.Errorf("metadata_url: %w", err)
	}
	scheme, rest, _ := strings.Cut(r.MetadataURL, "://") // as they were written, HTTPS or https
	at := strings.IndexByte(rest, '/')
	return scheme + "://" + rest[:at], rest[at:], nil
}
