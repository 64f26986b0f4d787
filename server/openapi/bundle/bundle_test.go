package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The checked-in document is what the files in source make: run make generate after a
// change to them.
func TestDocumentIsFresh(t *testing.T) {
	documents, err := Bundle(os.DirFS("../source"))
	require.NoError(t, err)
	for name, made := range documents {
		kept, err := os.ReadFile("../" + name)
		require.NoError(t, err)
		require.True(t, string(made) == string(kept), "%s is not what the files in source make: run make generate", name)
	}
}

// So is the client.
func TestClientIsFresh(t *testing.T) {
	files, err := Client(os.DirFS("../source"))
	require.NoError(t, err)
	for name, made := range files {
		kept, err := os.ReadFile("../../client/" + name)
		require.NoError(t, err)
		require.True(t, string(made) == string(kept), "%s is not what the files in source make: run make generate", name)
	}
}

// So are the types of server/api. Their generator has many dependencies, so what is
// compared is what it was given and what it made, by the sums that make generate kept.
func TestTypesAreFresh(t *testing.T) {
	given, err := Types(os.DirFS("../source"))
	require.NoError(t, err)
	made, err := os.ReadFile("../../api/types.gen.go")
	require.NoError(t, err)
	kept, err := os.ReadFile("../../api/types.sum")
	require.NoError(t, err)
	sums := strings.Fields(string(kept))
	require.Len(t, sums, 4)
	require.Equal(t, []string{sum(given), "types.yaml", sum(made), "types.gen.go"}, sums, "run make generate")
}

func sum(text []byte) string {
	digest := sha256.Sum256(text)
	return hex.EncodeToString(digest[:])
}
