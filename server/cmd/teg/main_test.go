package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/storetest"
)

// program is the binary under test: that of the tests, which is the program when
// the environment says so. A program that is built apart would leave `go test` with
// old results, as it looks for changes in the binary of the tests alone.
var program string

const asProgram = "RUN_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	var err error
	if program, err = os.Executable(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// secret is the key that the tests configure.
const secret = "a-secret-of-the-tests-0123456789-0123456789"

// shell runs the binary in a directory and environment of its own.
type shell struct {
	t   *testing.T
	dir string
	env []string
}

func newShell(t *testing.T, env ...string) *shell {
	return &shell{t: t, dir: t.TempDir(), env: env}
}

func (s *shell) command(args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = s.dir
	cmd.Env = append([]string{"HOME=" + s.dir, asProgram + "=1"}, s.env...)
	return cmd
}

// run carries a command out and returns its exit code and what it wrote.
func (s *shell) run(args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	var out, errs bytes.Buffer
	cmd := s.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(s.t, err)
	}
	require.NotContains(s.t, errs.String()+out.String(), secret, "a secret was shown")
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// succeed runs a command that must exit with 0 and say nothing on stderr.
func (s *shell) succeed(args ...string) string {
	s.t.Helper()
	code, stdout, stderr := s.run(args...)
	require.Zero(s.t, code, "teg %v: %s", args, stderr)
	require.Empty(s.t, stderr, "teg %v", args)
	return stdout
}

// fail runs a command that must exit with the code, after one line on stderr
// that has the text.
func (s *shell) fail(code int, text string, args ...string) {
	s.t.Helper()
	got, _, stderr := s.run(args...)
	require.Equal(s.t, code, got, "teg %v: %s", args, stderr)
	require.Contains(s.t, stderr, text, "teg %v", args)
	require.Equal(s.t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
	require.True(s.t, strings.HasPrefix(stderr, "teg: "), stderr)
}

// write makes a file in the shell's directory.
func (s *shell) write(name, content string) {
	s.t.Helper()
	require.NoError(s.t, os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o600))
}

// eachDatabase runs a test on a new SQLite file and, where there is a server, on a
// new PostgreSQL database, on both at once.
func eachDatabase(t *testing.T, test func(t *testing.T, url string)) {
	var both sync.WaitGroup
	both.Go(func() { t.Run("sqlite", func(t *testing.T) { test(t, "sqlite://economy.db") }) })
	both.Go(func() { t.Run("postgres", func(t *testing.T) { test(t, storetest.PostgresURL(t)) }) })
	both.Wait()
}

// background is a command that goes on until it is told to end.
type background struct {
	*exec.Cmd
	t              *testing.T
	stdout, stderr *lines
	done           chan error
}

// lines are what a process wrote so far.
type lines struct {
	text chan string // holds the one text
}

func newLines() *lines {
	l := &lines{text: make(chan string, 1)}
	l.text <- ""
	return l
}

func (l *lines) Write(p []byte) (int, error) {
	l.text <- <-l.text + string(p)
	return len(p), nil
}

func (l *lines) String() string {
	text := <-l.text
	l.text <- text
	return text
}

// start begins a command, and kills it when the test ends and it still runs.
func (s *shell) start(args ...string) *background {
	s.t.Helper()
	b := &background{Cmd: s.command(args...), t: s.t, stdout: newLines(), stderr: newLines(), done: make(chan error, 1)}
	b.Stdout, b.Stderr = b.stdout, b.stderr
	require.NoError(s.t, b.Start())
	go func() { b.done <- b.Wait() }()
	s.t.Cleanup(func() { _ = b.Process.Kill() }) // it may have ended
	return b
}

// expect waits until a stream has a text, and returns all of it.
func (b *background) expect(stream *lines, text string) string {
	b.t.Helper()
	require.Eventually(b.t, func() bool { return strings.Contains(stream.String(), text) }, 2*time.Minute, 5*time.Millisecond,
		"no %q from %v; stderr: %s", text, b.Args, b.stderr)
	return stream.String()
}

// end sends a signal and returns the exit code.
func (b *background) end(signal os.Signal) int {
	b.t.Helper()
	require.NoError(b.t, b.Process.Signal(signal))
	return b.exit()
}

func (b *background) exit() int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	select {
	case <-b.done:
	case <-ctx.Done():
		require.Fail(b.t, "the process did not end", fmt.Sprint(b.Args))
	}
	return b.ProcessState.ExitCode()
}
