package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

// keyFlag names the operation.
const keyFlag = "key"

// question calls the client's method of a command. What it returns is shown.
type question func(ctx context.Context, c *client.Client, args []string, options ...client.CallOption) (any, error)

// ask carries out a command that is one question.
func (n *connection) ask(q question) func(*cobra.Command, []string) error {
	return n.with(func(ctx context.Context, cmd *cobra.Command, c *client.Client, args []string) error {
		var came client.Answer
		options := n.options(cmd, &came)
		if n.explain {
			return n.foresee(cmd, func(foreseen client.CallOption) error {
				_, err := q(ctx, c, args, append(options, foreseen)...)
				return err
			})
		}
		got, err := q(ctx, c, args, options...)
		if err != nil {
			return err
		}
		return told(cmd, came, false, func() error {
			if n.json {
				return writeJSON(cmd.OutOrStdout(), came.Body)
			}
			return writeDetails(cmd.OutOrStdout(), got)
		})
	})
}

// with makes the client of a command, lets the command be interrupted, so that it can
// still say what became of a payment, and explains what goes wrong.
func (n *connection) with(do func(context.Context, *cobra.Command, *client.Client, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := checkGiven(cmd, args); err != nil {
			return err
		}
		c, identified, err := n.open()
		if err != nil {
			return err
		}
		defer c.CloseIdleConnections()
		ctx, stop := signal.NotifyContext(cmd.Context(), interruptions()...)
		defer stop()
		context.AfterFunc(ctx, stop) // a second signal ends the process at once
		cmd.SetContext(ctx)
		if err := do(ctx, cmd, c, args); !errors.Is(err, errOutput) {
			return failure(err, identified)
		} else {
			return err
		}
	}
}

// interruptions are the signals that end a command; a terminal that is closed sends one, which
// nohup has ignored.
func interruptions() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// options are those of a call of this command.
func (n *connection) options(cmd *cobra.Command, came *client.Answer) []client.CallOption {
	options := []client.CallOption{client.Record(came)}
	if flag := cmd.Flags().Lookup(keyFlag); flag != nil && flag.Changed {
		options = append(options, client.Key(flag.Value.String()))
	}
	return options
}

// keyed gives a command that writes the flag that names its operation.
func keyed(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().String(keyFlag, "", "name of the operation, which is carried out once however often it is run; random where none is given")
	return cmd
}

// errOutput is that stdout takes no more.
var errOutput = errors.New("stdout")

// write says something on stdout.
func write(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("%w: %w", errOutput, err)
	}
	return nil
}

// writeJSON writes a body as it came, with an end of line.
func writeJSON(w io.Writer, body []byte) error { return write(w, ended(string(body))) }
