package main

import (
	"fmt"
	"os"
	"path/filepath"
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

// What is archived is proven, and written again where a process ended too soon.
func TestLogArchive(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, "DATABASE_URL="+url)
		s.succeed("migrate", "up")
		var ratings strings.Builder
		for i := range 120 {
			fmt.Fprintf(&ratings, "%d,%d,3,%d\n", i, i+1, 1_400_000_000+i)
		}
		s.write("many.csv", ratings.String())
		s.succeed("import", "--ratings", "many.csv")
		dir := filepath.Join(s.dir, "archive")
		require.NoError(t, os.Mkdir(dir, 0o700))
		s.fail(2, "--dir", "log", "archive")
		s.fail(1, "a multiple of 256", "log", "archive", "--dir", dir, "--events", "100")
		require.Empty(t, s.succeed("log", "archive", "--dir", dir), "the log does not fill a file")
		const first = "log-000000000000-000000000256.ndjson"
		path := filepath.Join(dir, first)
		require.NoError(t, os.WriteFile(path, []byte("{}\n"), 0o600))
		s.fail(1, "there is another file", "log", "archive", "--dir", dir, "--events", "256")
		require.NoError(t, os.Remove(path))
		require.Regexp(t, "^[0-9a-f]{64}  "+first+"\n$", s.succeed("log", "archive", "--dir", dir, "--events", "256"))
		require.Empty(t, s.succeed("log", "archive", "--dir", dir, "--events", "256"))
		require.Equal(t, "the archive holds the first 256 events of the log, in 1 files\n", s.succeed("log", "check", "--archive", dir))
		s.succeed("verify")
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, left, 1, "nothing is left beside it")
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(content), "signal", "sIgnal", 1)), 0o600))
		s.fail(1, first, "log", "check", "--archive", dir)
		s.fail(2, "FILE", "log", "check")
		s.fail(2, "FILE", "log", "check", "--archive", dir, "x")
	})
}
