package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/teg/tegbench"
)

// outFile is where results are kept for benchstat; empty: nowhere.
type outFile string

func (o *outFile) flag(cmd *cobra.Command) {
	cmd.Flags().StringVarP((*string)(o), "output", "o", "", "file that gets each round, for benchstat")
}

func (o *outFile) keep(k *tegbench.Kept) error {
	return writeFile(string(*o), func(w io.Writer) error { _, err := k.WriteTo(w); return err })
}

// writeFile makes a file, or writes one anew. Without a name nothing is done.
func writeFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// profiled gives a command a flag by which it profiles itself.
func profiled(cmd *cobra.Command) *cobra.Command {
	run, name := cmd.RunE, ""
	cmd.Flags().StringVar(&name, "cpuprofile", "", "file that gets a profile of this process, for go tool pprof")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if name == "" {
			return run(cmd, args)
		}
		file, err := os.Create(name)
		if err != nil {
			return fmt.Errorf("no profile can be written: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
		return run(cmd, args)
	}
	return cmd
}
