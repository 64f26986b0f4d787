package remote

import (
	"errors"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// full is a disk that takes no more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// runFull carries a command out whose answer cannot be written.
func (s *stand) runFull(args ...string) error {
	return runFull(append(args, "--url", s.URL, "--token", "a-token")...)
}

func runFull(args ...string) error {
	root := &cobra.Command{Use: "teg", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(Commands()...)
	root.SetArgs(args)
	root.SetOut(full{})
	return root.Execute()
}

// What was carried out, and whose answer cannot be written, did not fail: who runs it again
// is told how.
func TestUnwrittenAnswers(t *testing.T) {
	s := newStand(t, documented(t))
	for _, c := range []struct {
		says string
		args []string
	}{
		{"run the same command again with --key order-17, or ask: teg operation order-17", []string{"pay", bob, "5", "--key", "order-17"}},
		{"run the same command again with --key ", []string{"pay", bob, "5", "--json"}},
		{"look before you run it again", []string{"bootstrap-token", "new"}},
		{"ask: teg operation k; look before you run it again", []string{"api", "POST", "/token/transfer", "--data", "{}", "--key", "k"}},
	} {
		err := s.runFull(c.args...)
		var own *Error
		require.ErrorAs(t, err, &own, c.args)
		require.Equal(t, exitUnknown, own.ExitCode(), c.args)
		require.ErrorContains(t, err, "it was carried out, and its answer cannot be written: stdout: no space left", c.args)
		require.ErrorContains(t, err, c.says)
	}
	for _, args := range [][]string{{"balance"}, {"transactions"}, {"api", "GET", "/token/balance"}} {
		err := s.runFull(args...)
		require.ErrorIs(t, err, errOutput)
		require.NotContains(t, err.Error(), "carried out", "nothing was to be carried out")
	}
}

// A key whose DID cannot be written has been made: the DID is told elsewhere.
func TestUnwrittenDID(t *testing.T) {
	file := filepath.Join(t.TempDir(), "agent.pem")
	err := runFull("keygen", file)
	require.ErrorContains(t, err, "the key is in "+file+", and is did:key:z6Mk")
	require.FileExists(t, file)
}

// A route of teg api may take no key: to run it again could do it again.
func TestDoubtOfAnyRoute(t *testing.T) {
	s := newStand(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	code, _, stderr := s.run("api", "POST", "/admin/accounts/suspend", "--data", "{}", "--key", "k")
	require.Equal(t, exitUnknown, code)
	require.Contains(t, stderr, "it may have been carried out: ask: teg operation k; look before you run it again")
	require.NotContains(t, stderr, "run the same command again")
}

// What a server says is a word where somebody copies it into a shell.
func TestQuoted(t *testing.T) {
	for word, want := range map[string]string{"order-17": "order-17", "": "''", "a b": "'a b'", "$(reboot)": "'$(reboot)'", "it's": `'it'\''s'`, ";x": "';x'", "~": "'~'"} {
		require.Equal(t, want, quoted(word))
	}
	s := newStand(t, saying(200, `{"entries":[],"first_position":0,"total":null,"limit":1,"offset":0,"next_cursor":"x;reboot"}`))
	_, _, stderr := s.run("audit-log")
	require.Contains(t, stderr, "--cursor 'x;reboot'")
}
