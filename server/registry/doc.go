// Package registry has the registries of agents that this economy is federated with:
// whose tokens are accepted, for whom each of them speaks, and what each says of its
// agents.
//
//	registries, err := registry.Parse([]byte(`[{"issuer": "https://registry.example",
//		"jwks_url": "https://registry.example/jwks.json", "algorithm": "ES256", "did_methods": ["web"],
//		"metadata_url": "https://registry.example/agents/{did}"}]`))
//	federation, err := registry.New(registry.Config{Registries: registries})
//
// Each registry is reached at the addresses that the configuration names and nowhere
// else: nothing that a registry, a token or an agent says is an address. What it says of
// an agent counts where it may speak for that agent, is bounded in size and in time, and
// is remembered; a registry that does not answer is left alone for a while, and keeps
// nobody waiting meanwhile.
package registry
