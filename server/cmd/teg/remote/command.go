package remote

import (
	"strings"

	"github.com/spf13/cobra"
)

// Commands returns the commands that ask a server. Each knows the flags of the connection.
// They return errors of type [Error], which have an exit code.
func Commands() []*cobra.Command {
	n := &connection{}
	commands := []*cobra.Command{
		newBalance(n), newPay(n), newTransactions(n), newOperation(n), newHold(n), newFees(n),
		newStake(n), newDelegate(n), newValidator(n),
		newReputation(n), newTrust(n), newAttest(n), newAttestations(n),
		newDispute(n), newPanel(n), newFlags(n), newPolicy(n), newWebhooks(n),
		newAgent(n), newIssue(n), newBurn(n), newAdjust(n), newAuditLog(n), newEvents(n), newMetrics(n), newSystem(n), newTreasury(n), newBootstrapToken(n),
		newLogin(n), newAPI(n), newMCP(n),
	}
	for _, cmd := range commands {
		n.flags(cmd)
	}
	return append(commands, newKeygen())
}

// collection is a noun whose plain name lists, with more commands under it.
func collection(noun, short string, list func(use string) *cobra.Command, others ...*cobra.Command) *cobra.Command {
	parent := list(noun)
	parent.Short, parent.Long = short, short+".\n\nAlone: "+parent.Short+"."
	parent.AddCommand(append(others, list("list"))...)
	return parent
}

// exactly wants so many arguments.
func exactly(count int) cobra.PositionalArgs { return between(count, count) }

// between wants at least and at most so many arguments.
func between(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return misused("something is missing: %s; see: %s --help", cmd.UseLine(), cmd.CommandPath())
		case len(args) > most:
			return misused("%s does not take %q; see: %s --help", cmd.CommandPath(), args[most], cmd.CommandPath())
		}
		return nil
	}
}

// checkRequired refuses a call without a flag that it needs.
func checkRequired(cmd *cobra.Command) error {
	for _, name := range strings.Fields(cmd.Annotations[requiredFlags]) {
		if !cmd.Flags().Changed(name) {
			return misused("--%s is missing; see: %s --help", name, cmd.CommandPath())
		}
	}
	return nil
}
