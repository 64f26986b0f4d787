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

// Who kept a checkpoint can have the log held against it.
func TestLogCheck(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url)
		s.succeed("migrate", "up")
		s.write("none", "unsigned\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
		require.Equal(t, "the log holds the checkpoint of unsigned at 0 events\n", s.succeed("log", "check", "none"))
		s.write("more", "unsigned\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
		s.fail(1, "does not hold what a checkpoint of it promised", "log", "check", "more")
		s.write("odd", "unsigned\n05\n")
		s.fail(1, "its size and its root", "log", "check", "odd")
		s.fail(2, "FILE", "log", "check", "nowhere")
	})
}
