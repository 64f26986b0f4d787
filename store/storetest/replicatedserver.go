package storetest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// findTools is where initdb is found.
func findTools(t testing.TB) string {
	t.Helper()
	if found, err := exec.LookPath("initdb"); err == nil {
		found, err = filepath.EvalSymlinks(found)
		require.NoError(t, err)
		return filepath.Dir(found)
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	require.NoError(t, err)
	if len(found) == 0 {
		_, required := server()
		require.False(t, required, "PostgreSQL's own programs are required here: install its server")
		t.Skip("PostgreSQL's own programs are not here")
	}
	sort.Slice(found, func(a, b int) bool { return release(found[a]) < release(found[b]) })
	return filepath.Dir(found[len(found)-1])
}

// release is the number in /usr/lib/postgresql/15/bin/initdb.
func release(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for what is no number
	return n
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().(*net.TCPAddr).Port
}

// giveAway lets the user who runs the servers have their directory.
func (r *Replicated) giveAway() {
	if r.as == "" {
		return
	}
	account, err := user.Lookup(r.as)
	require.NoError(r.t, err, "as root the servers are run by this user")
	uid, err := strconv.Atoi(account.Uid)
	require.NoError(r.t, err)
	require.NoError(r.t, os.Chown(r.dir, uid, -1))
}

// runAs is where the program is that root runs others by. It lies where an administrator's
// programs do, which not every PATH has.
func runAs() string {
	if found, err := exec.LookPath("runuser"); err == nil {
		return found
	}
	return "/usr/sbin/runuser"
}

// run carries one of PostgreSQL's programs out.
func (r *Replicated) run(name string, args ...string) error {
	command := append([]string{filepath.Join(r.tools, name)}, args...)
	if r.as != "" {
		command = append([]string{runAs(), "-u", r.as, "--"}, command...)
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = r.dir
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, said)
	}
	return nil
}

func (r *Replicated) mustRun(name string, args ...string) {
	r.t.Helper()
	require.NoError(r.t, r.run(name, args...))
}

// begin starts a server and waits until it answers. The processes of one that was
// killed keep its memory for a moment, in which it cannot be started again.
func (r *Replicated) begin(p place) {
	r.t.Helper()
	options := fmt.Sprintf("-p %d -k %s", p.port, r.dir)
	require.EventuallyWithT(r.t, func(attempt *assert.CollectT) {
		require.NoError(attempt, r.run("pg_ctl", "-D", p.data, "-o", options, "-l", p.data+".log", "-w", "-t", "120", "start"))
	}, 4*time.Minute, 50*time.Millisecond, "see %s.log", p.data)
}

func (r *Replicated) remove() {
	for _, p := range r.places {
		if _, err := os.Stat(filepath.Join(p.data, "postmaster.pid")); err == nil {
			_ = r.run("pg_ctl", "-D", p.data, "-m", "immediate", "-w", "stop") // it may have ended
		}
	}
	if err := os.RemoveAll(r.dir); err != nil {
		r.t.Errorf("a directory is left behind: %v", err)
	}
}

func (r *Replicated) kill(i int) {
	r.t.Helper()
	lock := filepath.Join(r.places[i].data, "postmaster.pid")
	file, err := os.ReadFile(lock)
	require.NoError(r.t, err)
	first, _, _ := strings.Cut(string(file), "\n")
	children, err := exec.Command("pgrep", "-P", first).Output()
	require.NoError(r.t, err, "a server has processes of its own")
	for _, pid := range append([]string{first}, strings.Fields(string(children))...) {
		n, err := strconv.Atoi(pid)
		require.NoError(r.t, err)
		if process, err := os.FindProcess(n); err == nil {
			_ = process.Kill() // one of them may have ended by itself
		}
	}
	require.Eventually(r.t, func() bool {
		conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(r.places[i].port)))
		if err == nil {
			conn.Close()
		}
		return err != nil
	}, time.Minute, time.Millisecond)
	require.NoError(r.t, os.Remove(lock)) // a dead process keeps its number until its parent has asked for it, and would pass for alive
}
