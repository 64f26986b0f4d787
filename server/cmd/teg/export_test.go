package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/storetest"
)

// An economy moves from one database to the other and back by the commands alone.
func TestExportAndImport(t *testing.T) {
	s := newShell(t)
	s.write("two.csv", "1,2,3,4\n2,1,-3,5\n")
	on := func(url string) *shell { return &shell{t: t, dir: s.dir, env: []string{"DATABASE_URL=" + url}} }
	first, there, back := on("sqlite://first.db"), on(storetest.PostgresURL(t)), on("sqlite://back.db")
	first.succeed("migrate", "up")
	first.succeed("import", "--ratings", "two.csv")

	require.Regexp(t, `^exported \d+ rows of \d+ tables to first.jsonl.gz\n$`, first.succeed("export", "first.jsonl.gz"))
	info, err := os.Stat(filepath.Join(s.dir, "first.jsonl.gz"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	first.fail(1, "there is something at first.jsonl.gz", "export", "first.jsonl.gz")
	plain := first.succeed("export", "-")
	require.Equal(t, plain, unzipped(t, filepath.Join(s.dir, "first.jsonl.gz")))

	there.fail(1, "teg migrate up", "import", "first.jsonl.gz")
	there.succeed("migrate", "up")
	require.Regexp(t, `^imported \d+ rows of \d+ tables\nthe books hold: .* 6 transactions`, there.succeed("import", "first.jsonl.gz"))
	require.Equal(t, plain, there.succeed("export", "-"))
	there.fail(1, "is not empty", "import", "first.jsonl.gz")
	there.succeed("export", "there.jsonl")
	requireNothingBeside(t, s, "there.jsonl")

	back.fail(1, "teg migrate up", "import", "there.jsonl")
	back.succeed("migrate", "up")
	s.write("half.jsonl", plain[:len(plain)/2])
	back.fail(1, "the file has been cut off", "import", "half.jsonl")
	packed, err := os.ReadFile(filepath.Join(s.dir, "first.jsonl.gz"))
	require.NoError(t, err)
	s.write("half.jsonl.gz", string(packed[:len(packed)/2]))
	back.fail(1, "the file has been cut off", "import", "half.jsonl.gz")
	back.fail(1, "line 1", "import", "two.csv")
	back.fail(1, "no such file", "import", "none.jsonl")
	command := back.command("import", "-")
	command.Stdin = strings.NewReader(plain)
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, plain, back.succeed("export", "-"))
	require.Contains(t, back.succeed("verify"), "the books hold")
}

func unzipped(t *testing.T, path string) string {
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	reader, err := gzip.NewReader(file)
	require.NoError(t, err)
	content, err := io.ReadAll(reader)
	require.NoError(t, err)
	return string(content)
}
