package teg_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/agentvault/teg-layer/teg"
)

// Whoever is named in an event hears of it, and nobody else, whatever somebody wrote into it
// to hide a name, or to look like one.
func TestWhoIsNamedHearsOfIt(t *testing.T) {
	agents := []teg.DID{
		teg.Agent("did:example:al"), teg.Agent("did:example:alice"), teg.Agent("did:example:bob"), teg.Agent("did:web:a.example%3A8443:u"),
	}
	pieces := []string{`"`, `\`, `"did:`, `did:`, `:"`, `","receiver":"`, "\n", "\u2028", "<", "é", "}", "did:example:alice", `"did:example:bob"`}
	rapid.Check(t, func(t *rapid.T) {
		one := func(name string) teg.DID { return rapid.SampledFrom(agents).Draw(t, name) }
		words := strings.Join(rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(pieces), rapid.String())).Draw(t, "words"), "")
		actor, from, to := one("actor"), one("from"), one("to")
		heard, named := teg.Heard(actor, from, to, words, agents...)
		require.Equal(t, named, heard)
		for _, each := range []teg.DID{actor, from, to} {
			require.Contains(t, heard, each)
		}
	})
}
