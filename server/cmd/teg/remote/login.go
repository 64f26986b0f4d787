package remote

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
)

func newLogin(n *connection) *cobra.Command {
	return &cobra.Command{
		Use: "login", Short: "Log in with a key, and print the access token", Args: exactly(0),
		Long: "Logs in with the key of a DID and prints the access token, and nothing else: with it,\n" +
			"many commands need one login. A server may allow few of them from an address.",
		Example: "  export TEG_TOKEN=$(teg login --key-file agent.pem)",
		RunE: n.with(func(ctx context.Context, cmd *cobra.Command, c *client.Client, _ []string) error {
			if n.explain {
				return onlyReads()
			}
			token, err := c.AccessToken(ctx)
			switch {
			case err != nil:
				return err
			case token == "":
				return misused("there is nothing to log in with; give --key-file (TEG_KEY_FILE), which `teg keygen` makes")
			case n.json:
				text, err := json.Marshal(map[string]string{"access_token": token})
				if err != nil {
					return err
				}
				return writeJSON(cmd.OutOrStdout(), text)
			}
			return write(cmd.OutOrStdout(), token+"\n")
		}),
	}
}

// subject is whom a token names. Whether it is good is for the server to say.
func subject(token string) (did.DID, error) {
	var claims struct {
		Subject did.DID `json:"sub"`
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return did.DID{}, misused("give --key-file, or a token that is a JWT, so that it is known who registers")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(text, &claims)
	}
	if err != nil {
		return did.DID{}, misused("the token does not say whose it is: %w", err)
	}
	return claims.Subject, nil
}
