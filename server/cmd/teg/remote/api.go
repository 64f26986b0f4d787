package remote

import (
	"context"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/client"
)

// methods are those of the API.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func newAPI(n *connection) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use: "api METHOD PATH", Short: "Send any request of the API, with your token and a key", Args: exactly(2),
		Long: "Sends a request and writes the answer's body as it came. The path is that of the\n" +
			"document, below /api/v1. What writes gets an Idempotency-Key, and is sent once: not\n" +
			"every route takes one.",
		Example: "  teg api GET '/token/transactions?limit=1'\n" +
			"  teg api POST /token/transfer --data '{\"receiver_agent_id\": \"did:example:bob\", \"amount\": \"5\"}' --key order-17",
	}
	cmd.RunE = n.with(func(ctx context.Context, cmd *cobra.Command, c *client.Client, args []string) error {
		method, err := oneOf(methods)(args[0])
		if err != nil {
			return misused("METHOD %w", err)
		}
		if !strings.HasPrefix(args[1], "/") {
			return misused("PATH begins with /, such as /token/balance")
		}
		var body any
		if data != "" {
			if body, err = readData(cmd, data); err != nil {
				return err
			}
		}
		var came client.Answer
		if n.explain {
			return n.foresee(cmd, func(foreseen client.CallOption) error {
				_, err := c.Call(ctx, method, args[1], body, append(n.options(cmd, &came), foreseen)...)
				return err
			})
		}
		text, err := c.Call(ctx, method, args[1], body, n.options(cmd, &came)...)
		if err != nil {
			return err
		}
		return told(cmd, came, true, func() error { return write(cmd.OutOrStdout(), ended(string(text))) })
	})
	cmd.Flags().StringVar(&data, "data", "", dataUsage("the body"))
	return keyed(cmd)
}

// ended is a text with an end of line, unless it is empty.
func ended(text string) string {
	if text == "" || strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "\n"
}
