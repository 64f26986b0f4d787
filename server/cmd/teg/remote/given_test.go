package remote

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What a script gives with a variable that is empty is refused: without it the command would
// do something else, under a key of its own, as somebody else, or to more than was meant.
func TestNothingGiven(t *testing.T) {
	s := newStand(t, documented(t))
	t.Setenv(urlVariable, s.URL)
	t.Setenv(tokenVariable, "of-the-environment")
	for _, args := range [][]string{
		{"pay", bob, "5", "--key", ""}, {"pay", bob, "5", "--reference="}, {"pay", bob, "5", "--token", ""}, {"pay", bob, "5", "--key-file", ""},
		{"pay", bob, "5", "--url", ""}, {"balance", "--api-prefix", ""}, {"balance", "--did", ""}, {"balance", "--service", ""},
		{"stake", "claim", ""}, {"policy", "put", "{}", "--id", ""}, {"adjust", bob, bob, "5", "--reason", "r", "--yes", "--transaction", ""},
		{"burn", "5", "--reason", "r", "--yes", "--key", ""}, {"api", "POST", "/token/transfer", "--data", ""}, {"attest", "uptime", "--proof", ""},
		{"reputation", ""}, {"dispute", "respond", "disp_1", ""}, {"transactions", "--type", ""},
	} {
		code, stdout, stderr := run("", args...)
		require.Equal(t, []any{exitMisused, ""}, []any{code, stdout}, "%q: %s", args, stderr)
		require.Contains(t, stderr, "is empty", args)
	}
	require.Empty(t, s.got)
	for _, args := range [][]string{{"pay", bob, "5", "--message", ""}, {"transactions", "--cursor", ""}, {"agent", "roles", bob, "--revoke", "", "--reason", "r"}} {
		code, _, stderr := run("", args...)
		require.Zero(t, code, "%q: %s", args, stderr)
	}
}

// JSON has no bytes that are no text: what would be changed on its way is refused.
func TestNoText(t *testing.T) {
	s := newStand(t, documented(t))
	for _, args := range [][]string{
		{"pay", bob, "5", "--message", "\xff"}, {"pay", bob, "5", "--reference", "a\xfe"}, {"dispute", "respond", "disp_1", "\xff"},
		{"attest", "uptime", "--data", "{\"a\":\"\xff\"}"}, {"policy", "put", "{\"policy_name\":\"\xff\"}"},
	} {
		code, _, stderr := s.run(args...)
		require.Equal(t, exitMisused, code, "%q", args)
		require.Contains(t, stderr, "UTF-8", args)
	}
	require.Empty(t, s.got)
}

// A fault of the token is not sought in the URL.
func TestFaultsOfTheConnection(t *testing.T) {
	code, _, stderr := run("", "balance", "--token", "two words")
	require.Equal(t, exitMisused, code)
	require.Contains(t, stderr, "characters that no token has")
	require.NotContains(t, stderr, "--url")
	require.NotContains(t, stderr, "two words")
	code, _, stderr = run("", "balance", "--url", "ftp://x")
	require.Equal(t, exitMisused, code)
	require.Contains(t, stderr, "; see --url and TEG_URL")
}
