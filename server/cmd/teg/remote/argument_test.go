package remote

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// patient is a person who interrupts a command that waits for them to write.
type patient struct{ left chan struct{} }

func (p patient) Read([]byte) (int, error) {
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		return 0, err
	}
	<-p.left
	return 0, os.ErrClosed
}

// A command that reads stdin can be interrupted, and has sent nothing.
func TestInterruptedReading(t *testing.T) {
	s := newStand(t, documented(t))
	for _, args := range [][]string{{"bootstrap-token", "check", "-"}, {"api", "POST", "/token/transfer", "--data", "-"}, {"policy", "put", "-"}} {
		person := patient{make(chan struct{})}
		root := &cobra.Command{Use: "teg", SilenceErrors: true, SilenceUsage: true}
		root.AddCommand(Commands()...)
		root.SetArgs(append(args, "--url", s.URL, "--token", "t"))
		root.SetIn(person)
		var own *Error
		require.ErrorAs(t, root.Execute(), &own)
		close(person.left)
		require.Equal(t, exitFailed, own.ExitCode())
		require.ErrorContains(t, own, "interrupted, and nothing was sent")
	}
	require.Empty(t, s.got)
}

// What is longer than is read is refused, and not cut.
func TestTooMuchGiven(t *testing.T) {
	s := newStand(t, documented(t))
	at := []string{"--url", s.URL, "--token", "t"}
	code, _, stderr := run(strings.Repeat("x", maxSecret)+"y", append([]string{"bootstrap-token", "check", "-"}, at...)...)
	require.Equal(t, exitMisused, code)
	require.Contains(t, stderr, "more than 1024 bytes")
	file := filepath.Join(t.TempDir(), "data")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, os.Truncate(file, maxData+1))
	code, _, stderr = run("", append([]string{"attest", "uptime", "--data", "@" + file}, at...)...)
	require.Equal(t, exitMisused, code)
	require.Contains(t, stderr, "more than 67108864 bytes")
	require.Empty(t, s.got)
}

// Numbers are decimal, times whole seconds, and neither is nothing.
func TestNumbers(t *testing.T) {
	s := newStand(t, documented(t))
	for _, args := range [][]string{
		{"transactions", "--limit", "0x10"}, {"transactions", "--limit", "1_0"}, {"transactions", "--limit", "0"}, {"transactions", "--limit", "-5"},
		{"reputation", "history", bob, "--days", "0"}, {"trust", bob, "--limit", "1e1"}, {"policy", "terms", "--at", "0001-01-01"},
		{"hold", "create", bob, "5", "--expires", "0"}, {"hold", "create", bob, "5", "--expires", "1500ms"},
	} {
		code, _, stderr := s.run(args...)
		require.Equal(t, exitMisused, code, "%v: %s", args, stderr)
	}
	require.Empty(t, s.got)
	code, _, stderr := s.run("transactions", "--limit", "010")
	require.Zero(t, code, stderr)
	require.Equal(t, "10", s.got[0].URL.Query().Get("limit"))
}

// Choices are taken in any case, wherever they stand.
func TestChoicesInAnyCase(t *testing.T) {
	s := newStand(t, documented(t))
	for _, line := range []string{
		"dispute rule disp_1 Claimant --notes n", "dispute advance disp_1 REVIEW", "panel reveal disp_1 Split salt",
		"reputation signal tx_1 Praise", "attestations review att_1 Accept", "flags review flag_1 resolved",
	} {
		code, _, stderr := s.run(strings.Fields(line)...)
		require.Zero(t, code, "%s: %s", line, stderr)
	}
}

// A token that cannot be used is a no, for scripts as well.
func TestInvitationThatIsNone(t *testing.T) {
	s := newStand(t, saying(http.StatusOK, `{"valid":false,"agent_type_hint":null,"expires_at":null}`))
	for _, args := range [][]string{{"--json"}, nil} {
		code, stdout, stderr := run("tegboot_x", append([]string{"bootstrap-token", "check", "-", "--url", s.URL}, args...)...)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stdout, "valid")
		require.Contains(t, stderr, "cannot be used")
	}
}

// What a server writes into a refusal is not repeated without bound.
func TestLongRefusal(t *testing.T) {
	words := string(bytes.Repeat([]byte("é"), 1<<14))
	field := `{"field":"` + words + `","message":"` + words + `"}`
	s := newStand(t, saying(http.StatusBadRequest, `{"error_code":"BIZ_X","message":"`+words+`","detail":"`+words+`","validation_errors":[`+strings.Repeat(field+",", 30)+field+`]}`))
	code, _, stderr := s.run("balance")
	require.Equal(t, exitRefused, code)
	require.Less(t, len(stderr), 64<<10)
	require.NotContains(t, stderr, `\x`, "it is not cut within a character")
}
