package remote

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

// foresee asks what would come of a command, and says it. A refusal is said on stdout with
// its reason, and is the command's failure all the same, so that a script can ask.
func (n *connection) foresee(cmd *cobra.Command, ask func(client.CallOption) error) error {
	var x client.Explanation
	err := ask(client.DryRun(&x))
	if x.Status == 0 { // the server did not say
		return err
	}
	if told := n.writeForeseen(cmd.OutOrStdout(), &x); told != nil {
		return told
	}
	return err
}

// explainFlag makes a command into a question.
const explainFlag = "explain"

// asksOnly reports whether a command is to do nothing.
func asksOnly(cmd *cobra.Command) bool {
	flag := cmd.Flags().Lookup(explainFlag)
	return flag != nil && flag.Value.String() == "true"
}

// onlyReads is what a command says that has nothing to explain.
func onlyReads() error {
	return misused("--explain: this changes nothing, so there is nothing to explain")
}

func (n *connection) writeForeseen(w io.Writer, x *client.Explanation) error {
	if n.json {
		text, err := json.Marshal(x)
		if err != nil {
			return err
		}
		return writeJSON(w, text)
	}
	if x.Reason == nil {
		return write(w, foreseen(x))
	}
	return write(w, refusedFor(x))
}

// foreseen says what would be answered.
func foreseen(x *client.Explanation) string {
	head := "It would be carried out."
	if x.Replayed {
		head = "It was carried out before under this key, and would not be again."
	}
	if x.Answer == nil {
		return head + "\n"
	}
	return head + "\n\n" + aligned(members("answer", *x.Answer))
}

// refusedFor says why something would be refused, and what would pass.
func refusedFor(x *client.Explanation) string {
	var b strings.Builder
	head := "It would be refused"
	if x.Replayed {
		head = "It was refused before under this key"
	}
	fmt.Fprintf(&b, "%s, by the rule %s.\n", head, plain(x.Reason.Rule))
	var lines [][2]string
	for _, f := range x.Reason.Figures {
		unit := ""
		if f.Unit == "AVT" || f.Unit == "seconds" {
			unit = " " + f.Unit
		}
		lines = append(lines, [2]string{"  " + plain(strings.ReplaceAll(f.Name, "_", " ")), plain(cmp.Or(f.Value, "-") + unit)})
	}
	if len(lines) > 0 {
		b.WriteString("\nIt looked at:\n" + aligned(lines))
	}
	if len(x.Reason.WouldPass) > 0 {
		b.WriteString("\nWhat would pass:\n")
	}
	for _, way := range x.Reason.WouldPass {
		b.WriteString("  - " + plain(way.Do) + "\n")
	}
	return b.String()
}
