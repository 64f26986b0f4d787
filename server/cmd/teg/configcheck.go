package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
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
	return newParent("config", "Look at the configuration", check)
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
