package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a host carries with the engine and one driver stays little, and holds nothing of
// what other packages are for.
func TestTheEngineIsLight(t *testing.T) {
	for _, h := range hosts[:2] {
		modules, err := h.modules(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, modules)
		require.LessOrEqual(t, len(modules), most, "%s links %v", h.name, modules)
		for _, name := range modules {
			require.False(t, slices.ContainsFunc([]string{"gorilla", "lestrrat", "consensys", "ipfs", "cobra", "prometheus", "opentelemetry", "open-policy-agent", "spiffe"},
				func(part string) bool { return strings.Contains(name, part) }), "%s links %s", h.name, name)
		}
	}
}

// Every host is a program whose packages are known.
func TestHostsAreComplete(t *testing.T) {
	for _, h := range hosts {
		for _, name := range h.packages {
			require.NotEmpty(t, used[name], "%s: say what a host calls of %s", h.name, name)
			require.DirExists(t, "../../"+name)
		}
		require.Contains(t, h.program(), "package main")
	}
	_, err := host{"nothing", []string{"no/such/package"}}.modules(t.Context())
	require.ErrorContains(t, err, "no/such/package")
}
