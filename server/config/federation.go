package config

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/fetch"
	"github.com/agentvault/teg-layer/server/registry"
	"github.com/agentvault/teg-layer/server/strictjson"
)

// Registries are the registries of agents that there are.
type Registries []registry.Registry

// UnmarshalText reads a JSON list, as package registry has it.
func (r *Registries) UnmarshalText(text []byte) error {
	list, err := registry.Parse(text)
	if err != nil {
		return problem(strings.TrimPrefix(err.Error(), "registry: "))
	}
	*r = list
	return nil
}

// tellKeysOf tells whether one of the registries is asked for keys of agents of a method.
func (r Registries) tellKeysOf(method string) bool {
	return slices.ContainsFunc(r, func(one registry.Registry) bool {
		return one.MetadataURL != "" && slices.Contains(one.DIDMethods, method)
	})
}

// issuerOf is a registry as package auth knows it.
func issuerOf(r *registry.Registry, refresh time.Duration) (auth.Issuer, error) {
	algorithm, algorithmFault := r.AuthAlgorithm()
	roles, rolesFault := r.AuthRoles()
	keys, err := auth.NewJWKS(auth.JWKSConfig{
		URL: r.JWKSURL, Algorithm: algorithm, Refresh: refresh,
		Client: fetch.New(fetch.Config{AnyAddress: true, Plain: true, MaxBytes: auth.MaxJWKSBytes}), // what is plain was refused before
	})
	return auth.Issuer{Name: r.Issuer, Algorithm: algorithm, Keys: keys, Roles: roles, DIDMethods: r.DIDMethods}, errors.Join(algorithmFault, rolesFault, err)
}

// RegistryKeys are the published keys of the registries, to be kept fresh.
func (c *Config) RegistryKeys() []*auth.JWKS {
	keys := make([]*auth.JWKS, len(c.registries))
	for i := range keys {
		keys[i] = c.registries[i].Keys
	}
	return keys
}

// Peer is who a workload is in the economy.
type Peer struct {
	Agent did.DID
	Roles auth.Roles
}

// PeerRoles says by SPIFFE id who a workload is.
type PeerRoles map[string]Peer

const badPeerRoles problem = `must be a JSON object such as {"spiffe://example.org/billing": {"agent": "did:web:billing.example", "roles": ["system"]}}, with roles out of agent, auditor, arbitrator, admin, system`

// UnmarshalText reads a JSON object by SPIFFE ids.
func (p *PeerRoles) UnmarshalText(text []byte) error {
	var members map[string]any
	if strictjson.Decode(text, &members) != nil {
		return badPeerRoles
	}
	all := PeerRoles{}
	for id, value := range members {
		peer, ok := readPeer(value)
		if !ok || !strings.HasPrefix(id, "spiffe://") {
			return badPeerRoles
		}
		all[id] = peer
	}
	*p = all
	return nil
}

func readPeer(value any) (Peer, bool) {
	members, _ := value.(map[string]any)
	name, _ := members["agent"].(string)
	agent, err := did.Parse(name)
	list, isList := members["roles"].([]any)
	_, given := members["roles"]
	if err != nil || given && !isList || len(members) > 2 || len(members) == 2 && !given {
		return Peer{}, false
	}
	names := make([]string, len(list))
	for i := range list {
		names[i], _ = list[i].(string)
	}
	roles, err := auth.ParseRoles(names...)
	return Peer{Agent: agent, Roles: roles.With(auth.Agent)}, err == nil
}
