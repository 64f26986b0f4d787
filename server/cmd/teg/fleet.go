package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg/tegbench"
)

var discarded = slog.New(slog.DiscardHandler)

// fleet are servers of this program, as processes of their own, on one database.
type fleet struct {
	servers []*exec.Cmd
	targets []*httpTarget
}

// fleetSettings are those of each server. Nobody else can reach them.
func fleetSettings(database string, more ...string) []string {
	return append([]string{
		"DATABASE_URL=" + database, "JWT_SECRET_KEY=" + config.DevelopmentSecret, "RATE_LIMIT_ENABLED=false", "LOG_LEVEL=warn", "AUDITOR_ENABLED=false",
	}, more...)
}

// startFleet starts so many servers of one PostgreSQL and waits until all are ready.
func startFleet(ctx context.Context, database string, n int, l tegbench.Load) (*fleet, error) {
	f := &fleet{}
	parsed, err := url.Parse(database)
	if err != nil {
		return nil, errors.New("the URL of the database cannot be read") // which may hold a password
	}
	query := parsed.Query()
	query.Set("pool_max_conns", "4") // many servers share what the database allows
	parsed.RawQuery = query.Encode()
	for range n {
		if err := f.start(ctx, fleetSettings(parsed.String()), l); err != nil {
			f.stop()
			return nil, err
		}
	}
	return f, nil
}

func (f *fleet) start(ctx context.Context, settings []string, l tegbench.Load, flags ...string) error {
	address, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	settings = append(settings, "LISTEN_ADDR="+address)
	c, err := config.Load(config.Sources{Environ: settings})
	if err != nil {
		return err
	}
	target, err := newHTTPTarget(c, "http://"+address, l.Accounts, l.Clients)
	if err != nil {
		return err
	}
	cmd := exec.Command(program, append([]string{"serve"}, flags...)...)
	cmd.Env, cmd.Stderr = append(inherited(), settings...), os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	f.servers, f.targets = append(f.servers, cmd), append(f.targets, target)
	if err := awaitHealth(ctx, "http://"+address+"/health/ready"); err != nil {
		return fmt.Errorf("server %d: %w", len(f.servers), err)
	}
	return nil
}

// inherited is the environment without settings: they are those of the fleet.
func inherited() []string {
	var kept []string
	known := map[string]bool{}
	for _, s := range config.Variables() {
		known[s.Name] = true
	}
	for _, each := range os.Environ() {
		if name, _, _ := strings.Cut(each, "="); !known[name] && !strings.HasPrefix(name, "TEG_") {
			kept = append(kept, each)
		}
	}
	return kept
}

// freeAddress is one of this machine that nobody listens at.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// fleetPatience is how long a server may take to start.
const fleetPatience = time.Minute

// awaitHealth waits until a server answers well.
func awaitHealth(ctx context.Context, health string) error {
	ctx, cancel := context.WithTimeout(ctx, fleetPatience)
	defer cancel()
	for {
		err := askHealth(ctx, health)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it does not start: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends all servers and waits for them.
func (f *fleet) stop() {
	for _, server := range f.servers {
		_ = server.Process.Signal(syscall.SIGTERM) // it may have ended
	}
	for _, server := range f.servers {
		_ = server.Wait() // what it measured counts, not how it ended
	}
}

// meetAgents has each server look every agent up once, as it has where it runs for a while.
// The first, which gave them value, knows them anyway.
func (f *fleet) meetAgents(ctx context.Context) error {
	for _, t := range f.targets[1:] {
		err := tegbench.ForEach(len(t.agents), t.connections, func(i int) error {
			_, err := t.get(ctx, balancePath, t.tokens[i])
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
