package remote

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"

	"github.com/spf13/cobra"
)

func newKeygen() *cobra.Command {
	return &cobra.Command{
		Use: "keygen FILE", Short: "Make a key in a new file, and print the DID that it is", Args: exactly(1),
		Long: "Makes an Ed25519 key, writes it to FILE as PEM (PKCS #8, not encrypted, readable for\n" +
			"you alone), and prints its did:key. Who has the file is the agent. A file that is there\n" +
			"is left alone.",
		Example: "  teg keygen agent.pem\n  export TEG_KEY_FILE=agent.pem\n  teg balance",
		RunE: func(cmd *cobra.Command, args []string) error {
			_, private, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				return err
			}
			agent, err := didOf(private)
			if err != nil {
				return err
			}
			if err := writeKey(args[0], private); err != nil {
				return &Error{code: exitFailed, text: plain("no key was made: " + err.Error()), err: err}
			}
			outlive()
			if err := write(cmd.OutOrStdout(), agent.String()+"\n"); err != nil {
				return &Error{code: exitFailed, text: plain("the key is in " + args[0] + ", and is " + agent.String() + ": " + err.Error()), err: err}
			}
			return nil
		},
	}
}

// writeKey makes the file, or leaves nothing behind.
func writeKey(name string, key ed25519.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = pem.Encode(file, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}
