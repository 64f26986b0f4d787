package remote

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
)

// Only a yes is a yes.
func TestAskPerson(t *testing.T) {
	for said, goesOn := range map[string]bool{"y\n": true, "YES\n": true, " yes \n": true, "y": true, "\n": false, "n\n": false, "yess\n": false, "": false} {
		var asked strings.Builder
		err := askPerson(strings.NewReader(said), &asked, "destroy 5\x1b AVT")
		require.Equal(t, goesOn, err == nil, "%q", said)
		require.Equal(t, `This will destroy 5\x1b AVT. Go on? [y/N] `, asked.String())
	}
}

// The key is for its owner alone, and one that is there is not overwritten.
func TestKeygen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "agent.pem")
	code, stdout, _ := run("", "keygen", file)
	require.Zero(t, code)
	require.Regexp(t, `^did:key:z6Mk\w+\n$`, stdout)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	code, stdout, stderr := run("", "keygen", file)
	require.Equal(t, []any{exitFailed, ""}, []any{code, stdout})
	require.Contains(t, stderr, "file exists")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// A server lets the variables of these commands stand in its environment.
func TestVariables(t *testing.T) {
	require.ElementsMatch(t, config.ClientVariables, []string{
		urlVariable, prefixVariable, serviceVariable, tokenVariable, tokenFileVariable, didVariable, keyFileVariable,
	})
}

// Flags that take one of some values are completed.
func TestCompletion(t *testing.T) {
	_, stdout, _ := run("", "__complete", "flags", "list", "--severity", "")
	require.Contains(t, stdout, "CRITICAL")
}

// A person is asked where they see the question and can answer it.
func TestWhoCanBeAsked(t *testing.T) {
	screen, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer screen.Close()
	terminal := func(fd int) bool { return fd == int(screen.Fd()) }
	require.True(t, canAsk(terminal, screen, screen))
	for _, other := range []any{os.Stderr, &strings.Builder{}, nil} {
		require.False(t, canAsk(terminal, screen, other))
		require.False(t, canAsk(terminal, other, screen))
	}
	var own *Error
	require.ErrorAs(t, confirm(strings.NewReader("y\n"), os.Stderr, "x"), &own)
	require.Equal(t, exitMisused, own.ExitCode())
}

// What is asked is all that is going to be done.
func TestSlashIsAskedInFull(t *testing.T) {
	for args, want := range map[string]string{
		"":                  "take 2.5 % of what works for " + bob + ";",
		"--delegations 100": "take 2.5 % of what " + bob + " staked and 100 % of what is delegated to it;",
	} {
		code, _, stderr := run("", append([]string{"stake", "slash", bob, "2.5", "--evidence", "e", "--reason", "r"}, strings.Fields(args)...)...)
		require.Equal(t, exitMisused, code)
		require.Contains(t, stderr, want)
	}
}
