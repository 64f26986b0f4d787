package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
)

func TestLogKeygen(t *testing.T) {
	s := newShell(t)
	lines := strings.Split(strings.TrimSpace(s.succeed("log", "keygen", "--name", "teg.example/log")), "\n")
	require.Len(t, lines, 2)
	signer, err := note.NewSigner(strings.TrimPrefix(lines[0], "LOG_SIGNING_KEY="))
	require.NoError(t, err)
	verifier, err := note.NewVerifier(strings.TrimPrefix(lines[1], "# publish: "))
	require.NoError(t, err)
	require.Equal(t, signer.KeyHash(), verifier.KeyHash())
	require.Equal(t, "teg.example/log", verifier.Name())
	for _, name := range []string{"", "two words", "a+b"} {
		s.fail(2, "--name must be", "log", "keygen", "--name", name)
	}
	s.fail(2, "which?", "log")
}
