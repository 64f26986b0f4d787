package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server"
)

// newBenchAnswer is what reads are compared with: a server that gives one answer to
// everything, out of memory. It runs until it is told to end.
func newBenchAnswer() *cobra.Command {
	var address string
	cmd := &cobra.Command{
		Use: "answer", Short: "Answer every request with what is on stdin", Args: noArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			body, err := io.ReadAll(cmd.InOrStdin())
			if err != nil {
				return err
			}
			ctx, stop := untilSignalled(cmd.Context())
			defer stop()
			return answer(ctx, address, body)
		},
	}
	cmd.Flags().StringVar(&address, "listen", "127.0.0.1:0", "address")
	return cmd
}

// answer serves as the API is served, over the same connections.
func answer(ctx context.Context, address string, body []byte) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	s := newHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // who asked is gone
	}), discarded)
	context.AfterFunc(ctx, func() { _ = s.Close() })
	if err := s.Serve(server.Listener(listener)); ctx.Err() == nil {
		return err
	}
	return nil
}

// answering is that server as a process of its own.
type answering struct {
	process *exec.Cmd
	target  *httpTarget
}

// startAnswering starts it, to be asked as another target is.
func startAnswering(ctx context.Context, body []byte, as *httpTarget) (*answering, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	a := &answering{process: exec.Command(program, "bench", "answer", "--listen", address)}
	a.process.Env, a.process.Stdin, a.process.Stderr = inherited(), bytes.NewReader(body), os.Stderr
	if err := a.process.Start(); err != nil {
		return nil, err
	}
	url := "http://" + address
	a.target = &httpTarget{base: url, client: &http.Client{Transport: transportFor(url, as.connections)}, tokens: as.tokens}
	if err := awaitHealth(ctx, url); err != nil {
		a.stop()
		return nil, err
	}
	return a, nil
}

func (a *answering) stop() {
	_ = a.process.Process.Signal(syscall.SIGTERM) // it may have ended
	_ = a.process.Wait()                          // how it ended does not matter
}
