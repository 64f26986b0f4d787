package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/config"
)

// Settings that belong together.
var (
	databaseSettings = []string{"DATABASE_URL"}
	ledgerSettings   = []string{
		"DATABASE_URL", "TEG_SYSTEM_TREASURY_DID", "MIN_TRANSFER_AMOUNT", "MAX_TRANSFER_AMOUNT",
		"TRANSFER_FEE", "TRANSFER_FEE_PERCENTAGE", "TRANSFER_FEE_MAX", "FEE_SPLIT",
	}
	tokenSettings = []string{"JWT_ALGORITHM", "JWT_PUBLIC_KEY_PATH", "JWT_ISSUER", "JWT_AUDIENCE", "JWT_MAX_LIFETIME"}
)

// secretKey is the key of tokens, logKey that of the audit log's checkpoints.
const (
	secretKey = "JWT_SECRET_KEY"
	logKey    = "LOG_SIGNING_KEY"
	// webhookKey is what the secrets of webhooks are made from.
	webhookKey = "WEBHOOK_SECRET_KEY"
)

// flagless reports whether a setting is no flag, as everybody on the machine can read a
// process's flags. A database can be named without its password.
func flagless(v config.Variable) bool { return v.Secret && v.Name != "DATABASE_URL" }

// configFlag names the configuration file.
const configFlag = "config"

// addSettings gives a command the flags of some settings, or of all.
func addSettings(cmd *cobra.Command, names ...string) {
	cmd.Flags().String(configFlag, "", "file with settings, NAME=value on each line (environment: "+config.FileVariable+")")
	for _, v := range config.Variables() {
		if flagless(v) || len(names) > 0 && !slices.Contains(names, v.Name) {
			continue
		}
		usage := v.Doc + " (environment: " + v.Name
		if v.Default != "" {
			usage += "; default " + v.Default
		}
		cmd.Flags().String(v.Flag(), "", usage+")")
		if v.Default == "true" || v.Default == "false" {
			cmd.Flags().Lookup(v.Flag()).NoOptDefVal = "true"
		}
	}
}

// given returns the settings that were given as flags.
func given(cmd *cobra.Command) map[string]string {
	flags := map[string]string{}
	for _, v := range config.Variables() {
		if f := cmd.Flags().Lookup(v.Flag()); f != nil && f.Changed {
			flags[v.Name] = f.Value.String()
		}
	}
	if f := cmd.Flags().Lookup(configFlag); f != nil && f.Changed {
		flags[config.FileVariable] = f.Value.String()
	}
	return flags
}

// load reads the configuration of a command that checks or mints tokens.
func load(cmd *cobra.Command) (*config.Config, error) {
	return config.Load(config.FromProcess(given(cmd)))
}

// loadWithoutTokens reads the configuration of a command that has nothing to do
// with tokens, so that a key that is missing is no fault. It answers no requests that
// could be followed, either.
func loadWithoutTokens(cmd *cobra.Command) (*config.Config, error) {
	sources := config.FromProcess(given(cmd))
	sources.WithoutTokens = true
	c, err := config.Load(sources)
	if err == nil {
		c.TracesExporter = config.TracesNone
	}
	return c, err
}
