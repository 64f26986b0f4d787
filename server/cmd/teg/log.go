package main

import (
	"crypto/rand"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

func newLog() *cobra.Command {
	var name string
	keygen := &cobra.Command{
		Use: "keygen --name NAME", Short: "Print a new pair of keys for the audit log's checkpoints", Args: noArgs,
		Long: "Prints two lines: LOG_SIGNING_KEY, which signs and is to be kept secret, and\n" +
			"below it, as a comment, the key that verifies and is to be published. The name\n" +
			"is that of the log: no two logs may have the same.",
		Example: "  teg log keygen --name teg.example/log",
		RunE: func(cmd *cobra.Command, _ []string) error {
			private, public, err := note.GenerateKey(rand.Reader, name)
			if err == nil {
				_, err = note.NewSigner(private) // looks at the name
			}
			if err != nil {
				return misused("--name must be a name without spaces and plus signs, such as teg.example/log")
			}
			return say(cmd, "%s=%s\n# publish: %s", logKey, private, public)
		},
	}
	keygen.Flags().StringVar(&name, "name", "", "name of the log and of its key, such as teg.example/log (required)")
	return newParent("log", "Keys of the audit log", keygen)
}

// signBy lets the engine sign the checkpoints of its log.
func signBy(c *config.Config, engine *teg.Config) error {
	engine.LogOrigin, engine.CheckpointInterval = c.LogOrigin, c.LogCheckpointInterval
	key := strings.TrimSpace(string(c.LogSigningKey.Reveal()))
	if key == "" {
		return nil
	}
	signer, err := teg.NewLogSigner(key)
	engine.LogSigner = signer
	return err
}
