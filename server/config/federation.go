package config

import (
	"strings"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
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
