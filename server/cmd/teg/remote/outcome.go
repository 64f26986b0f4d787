package remote

import (
	"errors"
	"fmt"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

// told shows the answer of a call. One that was carried out did not fail where that does not
// work: who takes it for a failure does it again. byPath says that it was called by its
// path, and may take no key.
func told(cmd *cobra.Command, came client.Answer, byPath bool, show func() error) error {
	if !came.Writes {
		return show()
	}
	outlive()
	err := show()
	switch {
	case err == nil && came.Replayed && came.Tries == 1: // otherwise it is a try of this command that was carried out
		_, _ = fmt.Fprintln(cmd.ErrOrStderr(), before(came.Key)) // it is done all the same
		return nil
	case !errors.Is(err, errOutput):
		return err
	}
	text := "it was carried out, and its answer cannot be written: " + err.Error() + "; " + next(came.Key, byPath)
	return &Error{code: exitUnknown, text: plain(text), err: err}
}

// before says of an answer that it is one of an earlier time.
func before(key string) string {
	if key == "" {
		return "this was carried out before, and not again"
	}
	return "this was carried out before under this key, and not again"
}

// outlive lets a command end with its own exit code where nobody reads what it says any more
// (SIGPIPE).
func outlive() { signal.Ignore(syscall.SIGPIPE) }

// doubt says what to do about a call that may have been carried out.
func doubt(a client.Attempt) string {
	if !a.InDoubt {
		return ""
	}
	return "; it may have been carried out: " + next(a.Key, strings.Contains(a.Operation, "/"))
}

// next says how to learn what became of a call, without doing it twice.
func next(key string, byPath bool) string {
	const look = "look before you run it again"
	switch ask := "ask: teg operation " + quoted(key); {
	case key == "":
		return look
	case byPath:
		return ask + "; " + look
	default:
		return "run the same command again with --key " + quoted(key) + ", or " + ask
	}
}

// quoted is a word as a shell takes it: somebody will copy it from there.
func quoted(word string) string {
	ordinary := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.:/=+@%,", r)
	}
	if word != "" && strings.TrimFunc(word, ordinary) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
