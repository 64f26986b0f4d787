package ipfstest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long kubo may take to start, or to end, on a machine that has other
// things to do.
const patience = 2 * time.Minute

// StartKubo starts kubo on a repository of its own: offline, and on loopback alone.
// The process ends with the test.
func StartKubo(t testing.TB, binary string) *Node {
	t.Helper()
	repository := t.TempDir()
	environ := append(os.Environ(), "IPFS_PATH="+repository, "IPFS_TELEMETRY=off", "GOLOG_LOG_LEVEL=error")
	initialise := exec.Command(binary, "init", "--profile=test", "--empty-repo")
	initialise.Env = environ
	if out, err := initialise.CombinedOutput(); err != nil {
		t.Fatalf("%s init: %v\n%s", binary, err, out)
	}
	if err := keepToItself(filepath.Join(repository, "config")); err != nil {
		t.Fatalf("the configuration of kubo: %v", err)
	}
	daemon := exec.Command(binary, "daemon", "--offline")
	daemon.Env = environ
	api, err := run(t, daemon)
	if err != nil {
		t.Fatalf("%s daemon: %v", binary, err)
	}
	return &Node{API: api}
}

// keepToItself takes away what would have the node ask anybody anything.
func keepToItself(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var config map[string]any
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	config["Bootstrap"] = []string{}
	config["AutoConf"] = map[string]any{"Enabled": false}
	config["Version"] = map[string]any{"SwarmCheckEnabled": false}
	config["Addresses"] = map[string]any{"API": "/ip4/127.0.0.1/tcp/0", "Gateway": []string{}, "Swarm": []string{}}
	text, err = json.Marshal(config)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// run starts the daemon, and returns the address of its RPC once it is ready.
func run(t testing.TB, daemon *exec.Cmd) (api string, err error) {
	faults, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		return "", err
	}
	defer faults.Close()
	daemon.Stderr = faults
	out, err := daemon.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := daemon.Start(); err != nil {
		return "", err
	}
	said := make(chan string, 1)
	var reading sync.WaitGroup
	reading.Go(func() { follow(out, said) })
	t.Cleanup(func() { end(t, daemon, &reading) })
	select {
	case api = <-said:
	case <-time.After(patience):
		return "", errors.New("it was not ready in time")
	}
	if api == "" {
		said, _ := os.ReadFile(faults.Name()) // or it said nothing
		return "", fmt.Errorf("it ended before it was ready: %s", said)
	}
	return api, nil
}

// follow reads what the daemon says, to its end, so that it is never held up. Once it
// is ready it tells the address of its RPC; where it ends before, an empty one.
func follow(out io.Reader, address chan<- string) {
	api, ready := "", false
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, port, ok := strings.Cut(lines.Text(), "RPC API server listening on /ip4/127.0.0.1/tcp/"); ok {
			api = "http://127.0.0.1:" + port
		}
		if strings.Contains(lines.Text(), "Daemon is ready") && !ready {
			ready = true
			address <- api
		}
	}
	if !ready {
		address <- ""
	}
}

// end asks the daemon to end, and makes it where it does not.
func end(t testing.TB, daemon *exec.Cmd, reading *sync.WaitGroup) {
	killed := time.AfterFunc(patience, func() { _ = daemon.Process.Kill() })
	defer killed.Stop()
	if err := daemon.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("kubo could not be ended: %v", err)
	}
	reading.Wait()
	var exit *exec.ExitError
	if err := daemon.Wait(); err != nil && !errors.As(err, &exit) {
		t.Errorf("kubo did not end: %v", err)
	}
}
