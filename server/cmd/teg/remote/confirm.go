package remote

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// sure lets a command that cannot be taken back ask before it acts; --yes answers it. Where
// nobody can be asked, --yes is needed.
func sure(cmd *cobra.Command, will func(args []string) string) *cobra.Command {
	var yes bool
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask whether it is meant")
	act := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkGiven(cmd, args); err != nil {
			return err
		}
		if !yes && !asksOnly(cmd) {
			if err := confirm(cmd.InOrStdin(), cmd.ErrOrStderr(), will(args)); err != nil {
				return err
			}
		}
		return act(cmd, args)
	}
	return cmd
}

// confirm asks a person.
func confirm(in io.Reader, out io.Writer, will string) error {
	if !canAsk(term.IsTerminal, in, out) {
		return misused("this will %s; --yes is needed where nobody can be asked", will)
	}
	return askPerson(in, out, will)
}

// canAsk reports whether there is somebody who sees a question and can answer it: who does not
// see it would wait for the command, and the command for them.
func canAsk(terminal func(fd int) bool, streams ...any) bool {
	return !slices.ContainsFunc(streams, func(stream any) bool {
		file, is := stream.(*os.File)
		return !is || !terminal(int(file.Fd()))
	})
}

// askPerson takes y and yes for a yes, and everything else for a no.
func askPerson(in io.Reader, out io.Writer, will string) error {
	if _, err := fmt.Fprintf(out, "This will %s. Go on? [y/N] ", plain(will)); err != nil {
		return err
	}
	said, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && said == "" {
		return &Error{code: exitFailed, text: "nothing was done: there was no answer"}
	}
	switch strings.ToLower(strings.TrimSpace(said)) {
	case "y", "yes":
		return nil
	}
	return &Error{code: exitFailed, text: "nothing was done"}
}
