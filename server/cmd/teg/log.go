package main

import (
	"crypto/rand"
	"os"
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
	var archive string
	check := &cobra.Command{
		Use: "check {FILE | --archive DIR}", Short: "Prove that the audit log holds a checkpoint that was kept, or an archive", Args: cobra.MaximumNArgs(1),
		Long: "Proves that the log's first events are those that the checkpoint in the file was\n" +
			"made of, and may run beside a server. Run it after a restore, with the newest\n" +
			"checkpoint that anybody kept: where it fails, the log went another way, and needs\n" +
			"a new key and name. Signatures are not looked at. Exit code 1 where it fails.\n" +
			"With --archive it proves instead that the files in the folder are those that\n" +
			"teg log archive made, and hold the events of the log's tree.",
		Example: "  curl -s https://teg.example/api/v1/log/checkpoint > kept\n  teg log check kept\n  teg log check --archive /backups/log",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case (archive == "") == (len(args) == 0):
				return misused("name the FILE of a checkpoint, or the folder of an --archive")
			case archive != "":
				return checkArchive(cmd, archive)
			}
			return checkCheckpoint(cmd, args)
		},
	}
	check.Flags().StringVar(&archive, "archive", "", "folder of the files that teg log archive made")
	addSettings(check, "DATABASE_URL", "TEG_SYSTEM_TREASURY_DID")
	return newParent("log", "The audit log's keys, checkpoints and archive", keygen, check, newLogArchive())
}

func checkCheckpoint(cmd *cobra.Command, args []string) error {
	text, err := os.ReadFile(args[0])
	if err != nil {
		return misused("FILE: %w", err)
	}
	return withLog(cmd, func(b *books) error {
		held, err := b.HoldsCheckpoint(cmd.Context(), string(text))
		if err == nil {
			err = say(cmd, "the log holds the checkpoint of %s at %d events", held.Origin, held.Size)
		}
		return err
	})
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
