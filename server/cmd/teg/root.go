package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/cmd/teg/remote"
	"github.com/agentvault/teg-layer/server/config"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a fault of the call and not of what it met.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// ExitCode is that of a wrong call.
func (e usageError) ExitCode() int { return exitUsage }

func misused(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run carries out one command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	for _, line := range explain(err) {
		fmt.Fprintln(stderr, "teg: "+line)
	}
	return exitCode(err)
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "teg",
		Short: "Runs and tends a token economy",
		Long: "teg runs and tends a token economy, and asks a server about one.\n\n" +
			"Start with: teg dev\n\n" +
			"Exit codes: 0 done; 1 it failed, or the answer is no; 2 wrong call or configuration.\n" +
			"Of commands that ask a server also: 3 the server refuses it; 4 no token, or you may\n" +
			"not; 5 it may have been carried out: run it again with the --key that is printed.",
		SilenceErrors: true, SilenceUsage: true,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return misused("%w; see: %s --help", err, cmd.CommandPath())
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	addGroup(root, "run", "Run an economy:", newDev(), newServe(), newMigrate(), newToken(), newVerify(), newLog(),
		newExport(), newImport(), newBackup(), newRestore(), newHealth(), newBench(), newConfig())
	addGroup(root, "ask", "Ask a server:", remote.Commands()...)
	root.AddCommand(newVersion())
	return root
}

// addGroup adds commands under a heading of the help.
func addGroup(root *cobra.Command, id, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: id, Title: title})
	for _, cmd := range commands {
		cmd.GroupID = id
		root.AddCommand(cmd)
	}
}

// newParent makes a command that only has others under it.
func newParent(use, short string, children ...*cobra.Command) *cobra.Command {
	parent := &cobra.Command{Use: use, Short: short, Args: noArgs}
	parent.RunE = func(cmd *cobra.Command, _ []string) error {
		return misused("which? see: %s --help", cmd.CommandPath())
	}
	parent.AddCommand(children...)
	return parent
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return misused("%s does not take %q; see: %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}

// explain returns what is said about an error: a line for each fault of the
// configuration, one line otherwise.
func explain(err error) []string {
	if err == nil {
		return nil
	}
	if faults := config.Faults(err); len(faults) > 0 {
		lines := make([]string, len(faults))
		for i, f := range faults {
			lines[i] = f.Error()
		}
		return lines
	}
	return []string{oneLine(strings.TrimPrefix(err.Error(), "teg: "))}
}

// oneLine puts the lines of a text behind each other.
func oneLine(text string) string {
	var line strings.Builder
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		switch {
		case line.Len() == 0:
		case strings.HasSuffix(line.String(), ":"):
			line.WriteString(" ")
		default:
			line.WriteString("; ")
		}
		line.WriteString(strings.TrimSpace(part))
	}
	return line.String()
}

func exitCode(err error) int {
	var coded interface{ ExitCode() int } // wrong calls, and what remote returns
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &coded):
		return coded.ExitCode()
	case len(config.Faults(err)) > 0:
		return exitUsage
	default:
		return exitFailed
	}
}
