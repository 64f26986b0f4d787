package remote

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// words are flags that may be empty: it makes no difference whether they are given.
var words = []string{"message", "notes", "note", "reason", "description", "purpose", "cursor"}

// checkGiven refuses what is missing, and what a script gives with a variable that is
// empty: the command would do something else without it, such as to pay under a key of its
// own, and as somebody else.
func checkGiven(cmd *cobra.Command, args []string) error {
	if err := checkRequired(cmd); err != nil {
		return err
	}
	for i, given := range args {
		if given == "" {
			return misused("argument %d is empty; see: %s --help", i+1, cmd.CommandPath())
		}
		if !readable(given) {
			return misused("argument %d is no text in UTF-8", i+1)
		}
	}
	var err error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch given := f.Value.String(); {
		case err != nil || f.Value.Type() != "string":
		case given == "" && !slices.Contains(words, f.Name):
			err = misused("--%s is empty; leave it out where it is not meant", f.Name)
		case f.Name != keyFileFlag && !readable(given):
			err = misused("--%s is no text in UTF-8", f.Name)
		}
	})
	return err
}

// readable reports whether a text arrives in JSON as it is. Names of files are none of it.
func readable(text string) bool { return utf8.ValidString(text) || strings.HasPrefix(text, "@") }
