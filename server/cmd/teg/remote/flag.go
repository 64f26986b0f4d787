package remote

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/client"
	"github.com/agentvault/teg-layer/server/config"
)

// value is a flag that is read by a function of its type.
type value[T any] struct {
	into  *T
	parse func(string) (T, error)
	kind  string
	text  string
}

// Set reads the flag.
func (v *value[T]) Set(text string) error {
	read, err := v.parse(text)
	if err == nil {
		*v.into, v.text = read, text
	}
	return err
}

// String returns what was given.
func (v *value[T]) String() string { return v.text }

// Type names what the flag takes in the help.
func (v *value[T]) Type() string { return v.kind }

// optional reads what stays nil where the flag is not given.
func optional[T any](parse func(string) (T, error)) func(string) (*T, error) {
	return func(text string) (*T, error) {
		read, err := parse(text)
		return &read, err
	}
}

func didFlag(cmd *cobra.Command, into *did.DID, name, usage string) {
	cmd.Flags().Var(&value[did.DID]{into: into, parse: did.Parse, kind: "DID"}, name, usage)
}

func amountFlag(cmd *cobra.Command, into **amount.Amount, name, usage string) {
	cmd.Flags().Var(&value[*amount.Amount]{into: into, parse: optional(amount.Parse), kind: "AMOUNT"}, name, usage)
}

func percentFlag(cmd *cobra.Command, into **client.Percent, name, usage string) {
	cmd.Flags().Var(&value[*client.Percent]{into: into, parse: optional(client.ParsePercent), kind: "PERCENT"}, name, usage)
}

// secondsFlag takes a duration of whole seconds, one at least.
func secondsFlag(cmd *cobra.Command, into **int64, name, usage string) {
	parse := func(text string) (int64, error) {
		d, err := config.ParseDuration(text)
		if err == nil && (d < time.Second || d%time.Second != 0) {
			err = errors.New("must be whole seconds, one at least")
		}
		return int64(d / time.Second), err
	}
	cmd.Flags().Var(&value[*int64]{into: into, parse: optional(parse), kind: "DURATION"}, name, usage)
}

func timeFlag(cmd *cobra.Command, into *time.Time, name, usage string) {
	cmd.Flags().Var(&value[time.Time]{into: into, parse: parseTime, kind: "TIME"}, name, usage)
}

// parseTime reads a time, or a date, which is its first instant in UTC.
func parseTime(text string) (time.Time, error) {
	for _, form := range []string{time.RFC3339Nano, time.DateOnly, timeFormat} {
		if at, err := time.Parse(form, text); err == nil && !at.IsZero() {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("must be a time such as 2026-01-31T12:00:00Z, or a date")
}

// choiceFlag takes one of some values, in any case, and completes them.
func choiceFlag[T ~string](cmd *cobra.Command, into *T, name, usage string, choices ...T) {
	listed := texts(choices)
	cmd.Flags().Var(&value[T]{into: into, parse: oneOf(choices), kind: "CHOICE"}, name, usage+": "+strings.Join(listed, ", "))
	complete := cobra.FixedCompletions(listed, cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
		panic(err) // the flag was defined above
	}
}

// oneOf finds a choice by its name, in any case.
func oneOf[T ~string](choices []T) func(string) (T, error) {
	return func(text string) (T, error) {
		for _, choice := range choices {
			if strings.EqualFold(string(choice), text) {
				return choice, nil
			}
		}
		return "", fmt.Errorf("must be one of %s", strings.Join(texts(choices), ", "))
	}
}

func texts[T ~string](choices []T) []string {
	list := make([]string, len(choices))
	for i, choice := range choices {
		list[i] = string(choice)
	}
	return list
}

// requiredFlags names flags that a command cannot do without. Those of cobra would not be
// told as a wrong call.
const requiredFlags = "teg-required"

// required marks flags of a command.
func required(cmd *cobra.Command, names ...string) *cobra.Command {
	for _, name := range names {
		cmd.Flags().Lookup(name).Usage += " (required)"
	}
	cmd.Annotations = map[string]string{requiredFlags: strings.Join(names, " ")}
	return cmd
}

// countFlag takes how many there are to be, in decimal digits: 1 or more.
func countFlag(cmd *cobra.Command, into *int, name, usage string) {
	parse := func(text string) (int, error) {
		count, err := strconv.Atoi(text)
		if err != nil || count < 1 {
			return 0, errors.New("must be a whole number, 1 or more")
		}
		return count, nil
	}
	cmd.Flags().Var(&value[int]{into: into, parse: parse, kind: "NUMBER"}, name, usage)
}

func wholeFlag(cmd *cobra.Command, into **int64, name, usage string) {
	parse := func(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) }
	cmd.Flags().Var(&value[*int64]{into: into, parse: optional(parse), kind: "NUMBER"}, name, usage)
}
