package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/config"
)

func newConfig() *cobra.Command {
	check := &cobra.Command{
		Use: "check", Short: "Print the settings in force and where each comes from", Args: noArgs,
		Long: "Prints every setting with its value and source, secrets masked. A faulty\n" +
			"configuration is exit code 2, with one line for each fault. The database is\n" +
			"not opened.",
		RunE: checkConfig,
	}
	addSettings(check)
	docs := &cobra.Command{
		Use: "docs", Short: "Print the documentation of all settings", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), config.Reference())
			return err
		},
	}
	return newParent("config", "Look at the configuration", check, docs)
}

func checkConfig(cmd *cobra.Command, _ []string) error {
	c, err := load(cmd)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, s := range c.Effective() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Value, s.Source)
	}
	return table.Flush()
}
