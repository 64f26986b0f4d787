package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

// pageOfAll is how many items a page has where all pages are wanted.
const pageOfAll = 500

// span is which part of a list is wanted; zero for what the server begins with.
type span struct {
	limit  int
	cursor string
}

// listing is a command that shows a page of a list, or all of it.
type listing[T any] struct {
	use, short, long string
	args             cobra.PositionalArgs // none where nil
	flags            func(cmd *cobra.Command)
	items            string   // the name of the items in the answer
	columns          []string // what a table shows, by the names of the document
	page             func(ctx context.Context, c *client.Client, args []string, s span, options ...client.CallOption) ([]T, *string, error)
}

// newList makes the command.
func newList[T any](n *connection, l listing[T]) *cobra.Command {
	var s span
	var all bool
	cmd := &cobra.Command{Use: l.use, Short: l.short, Long: l.long, Args: exactly(0)}
	if l.args != nil {
		cmd.Args = l.args
	}
	if l.flags != nil {
		l.flags(cmd)
	}
	countFlag(cmd, &s.limit, "limit", "how many at most, 1 to 1000; with --all how many at a time (default: the server's)")
	cmd.Flags().StringVar(&s.cursor, "cursor", "", "go on where an earlier page ended")
	cmd.Flags().BoolVar(&all, "all", false, "every page; with --json one item on each line")
	cmd.RunE = n.with(func(ctx context.Context, cmd *cobra.Command, c *client.Client, args []string) error {
		if n.explain {
			return onlyReads()
		}
		if all {
			return l.everything(ctx, n, cmd, c, args, s)
		}
		return l.one(ctx, n, cmd, c, args, s)
	})
	return cmd
}

// one shows a page.
func (l listing[T]) one(ctx context.Context, n *connection, cmd *cobra.Command, c *client.Client, args []string, s span) error {
	var came client.Answer
	items, next, err := l.page(ctx, c, args, s, n.options(cmd, &came)...)
	if err != nil {
		return err
	}
	if n.json {
		return writeJSON(cmd.OutOrStdout(), came.Body)
	}
	if err := l.show(cmd, items); err != nil || next == nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "there are more: --all, or --cursor %s\n", plain(quoted(*next)))
	return err
}

// everything shows all pages: a table, or the items as they came.
func (l listing[T]) everything(ctx context.Context, n *connection, cmd *cobra.Command, c *client.Client, args []string, s span) error {
	if s.limit == 0 {
		s.limit = pageOfAll
	}
	var gathered []T
	var passed passed
	for {
		var came client.Answer
		items, next, err := l.page(ctx, c, args, s, n.options(cmd, &came)...)
		if err == nil && n.json {
			err = l.lines(cmd.OutOrStdout(), came.Body)
		}
		if err != nil {
			return err
		}
		gathered = append(gathered, items...)
		switch {
		case next == nil && n.json:
			return nil
		case next == nil:
			return l.show(cmd, gathered)
		case passed.again(s.cursor, *next):
			return &Error{code: exitFailed, text: "the server answers the same pages for ever; tell who runs it"}
		case n.json:
			gathered = nil
		}
		s.cursor = *next
	}
}

// passed is a cursor of some pages ago, which is seen again in a circle, and how many pages
// there were.
type passed struct {
	cursor string
	pages  int
}

// again reports whether the cursor that follows was there before.
func (p *passed) again(cursor, following string) bool {
	if following == "" || following == cursor || following == p.cursor {
		return true
	}
	if p.pages++; p.pages&(p.pages-1) == 0 { // at powers of two, so that circles of any length are found
		p.cursor = cursor
	}
	return false
}

// lines writes the items of a page, one on each line.
func (l listing[T]) lines(w io.Writer, body []byte) error {
	var page map[string]json.RawMessage
	var items []json.RawMessage
	if err := json.Unmarshal(body, &page); err != nil {
		return err
	}
	if err := json.Unmarshal(page[l.items], &items); err != nil {
		return err
	}
	for _, item := range items {
		var line bytes.Buffer
		if err := json.Compact(&line, item); err != nil {
			return err
		}
		if err := writeJSON(w, line.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// show writes items as a table, and says so where there are none.
func (l listing[T]) show(cmd *cobra.Command, items []T) error {
	if len(items) == 0 {
		_, err := fmt.Fprintln(cmd.ErrOrStderr(), "there are none")
		return err
	}
	columns := columnsOf(reflect.TypeFor[T](), l.columns...)
	return write(cmd.OutOrStdout(), table(columns, rowsOf(reflect.ValueOf(items), columns)))
}
