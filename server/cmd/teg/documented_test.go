package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testedCommands are blocks of commands that the documentation promises.
var testedCommands = regexp.MustCompile("(?s)<!-- tested: server/cmd/teg -->\n```sh\n(.*?)```")

// The commands of the README and of docs/cli.md do what they say on the economy of a first
// look.
func TestDocumentedCommands(t *testing.T) {
	for _, page := range []string{"README.md", "docs/cli.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", page))
		require.NoError(t, err)
		block := testedCommands.FindStringSubmatch(string(text))
		require.NotNil(t, block, page)
		s := newShell(t)
		dev, api, tokens := startDev(s)
		s.write("teg", "#!/bin/sh\nexec "+program+` "$@"`+"\n")
		require.NoError(t, os.Chmod(filepath.Join(s.dir, "teg"), 0o700))
		s.write("script", "set -e\n"+block[1])
		cmd := s.command()
		cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "script"}
		cmd.Env = append(cmd.Env, "PATH="+s.dir+":"+os.Getenv("PATH"), "TEG_URL="+strings.TrimSuffix(api, "/api/v1"),
			"AGENT="+tokens["AGENT"], "ADMIN="+tokens["ADMIN"], "AUDITOR="+tokens["AUDITOR"])
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", page, out)
		require.Zero(t, dev.end(os.Interrupt))
		require.Contains(t, s.succeed("verify", "--database-url", "sqlite://teg-dev.db"), "the books hold")
	}
}
