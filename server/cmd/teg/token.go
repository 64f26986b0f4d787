package main

import (
	"crypto"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
)

// mintFlags are what a token is to say, and the key that signs it.
type mintFlags struct {
	sub        string
	roles      []string
	ttl        string
	privateKey string
}

func newToken() *cobra.Command {
	var f mintFlags
	mint := &cobra.Command{
		Use: "mint --sub DID", Short: "Print a JWT from the configured key", Args: noArgs,
		Example: "  teg token mint --sub did:example:alice\n" +
			"  teg token mint --sub did:example:root --role admin --ttl 15m",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := load(cmd)
			if err != nil {
				return err
			}
			token, err := f.mint(c)
			if err != nil {
				return err
			}
			return say(cmd, "%s", token)
		},
	}
	mint.Flags().StringVar(&f.sub, "sub", "", "DID of the agent (required)")
	mint.Flags().StringSliceVar(&f.roles, "role", nil, "agent, auditor, arbitrator, admin or system; may be repeated")
	mint.Flags().StringVar(&f.ttl, "ttl", "1h", "how long it holds, such as 15m or 1d")
	mint.Flags().StringVar(&f.privateKey, "private-key", "", "PEM file with the private key, where JWT_ALGORITHM is not HS256")
	addSettings(mint, tokenSettings...)
	return newParent("token", "Make tokens", mint)
}

func (f *mintFlags) mint(c *config.Config) (string, error) {
	agent, err := teg.ParseDID(f.sub)
	if err != nil {
		return "", misused("--sub must be a DID such as did:example:alice")
	}
	roles, err := auth.ParseRoles(f.roles...)
	if err != nil {
		return "", misused("--role: %w", err)
	}
	ttl, err := config.ParseDuration(f.ttl)
	if err != nil {
		return "", misused("--ttl %w", err)
	}
	var key crypto.Signer
	if f.privateKey != "" {
		if key, err = auth.LoadPrivateKey(f.privateKey); err != nil {
			return "", misused("--private-key: %w", err)
		}
	} else if c.JWTAlgorithm != auth.HS256 {
		return "", misused("%s signs with a private key; name its PEM file with --private-key", c.JWTAlgorithm)
	}
	token, err := auth.Mint(tokenConfig(c), key, auth.Identity{Agent: agent, Roles: roles}, ttl)
	if err != nil {
		return "", usageError{err}
	}
	return token, nil
}

// tokenConfig is the configuration of tokens, with every account of the system
// reserved.
func tokenConfig(c *config.Config) auth.Config {
	a := c.Auth()
	a.Reserved = append(a.Reserved, teg.IssuanceDID, teg.RewardsDID)
	return a
}
