package main

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
)

func newExport() *cobra.Command {
	cmd := &cobra.Command{
		Use: "export FILE", Short: "Write the whole economy down", Args: oneFile,
		Long: "Writes the whole economy as lines of JSON, as it is at one moment, and may run beside\n" +
			"a server. It is the same from both databases: teg import takes it into either. A name\n" +
			"that ends in .gz is compressed, - is the standard output. The file holds all that the\n" +
			"database does, also what nobody else may see, and can be read by you alone.",
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withStore(openStore, func(cmd *cobra.Command, st store.Store) error { return export(cmd, st, args[0]) })(cmd, args)
	}
	addSettings(cmd, databaseSettings...)
	return cmd
}

// oneFile takes the name of one file, or -.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return misused("name one file: %s FILE", cmd.CommandPath())
	}
	return nil
}

func export(cmd *cobra.Command, st store.Store, target string) error {
	ctx, stop := untilSignalled(cmd.Context())
	defer stop()
	progress, finish := progressOn(cmd.ErrOrStderr(), "bytes written")
	defer finish()
	watched := func(w io.Writer) io.Writer { return &watchedWriter{Writer: w, progress: progress} }
	if target == "-" {
		_, err := teg.Export(ctx, st, watched(cmd.OutOrStdout()))
		return err
	}
	var summary teg.ArchiveSummary
	err := landed(target, func(part string) (err error) {
		file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		summary, err = exportInto(ctx, st, watched(file), strings.HasSuffix(target, ".gz"))
		return errors.Join(err, file.Close())
	})
	if err != nil {
		return err
	}
	finish()
	return say(cmd, "exported %d rows of %d tables to %s", summary.Rows, len(summary.Tables), target)
}

func exportInto(ctx context.Context, st store.Store, w io.Writer, zipped bool) (teg.ArchiveSummary, error) {
	if !zipped {
		return teg.Export(ctx, st, w)
	}
	packed := gzip.NewWriter(w)
	summary, err := teg.Export(ctx, st, packed)
	return summary, errors.Join(err, packed.Close())
}

// watchedWriter tells how much went through it.
type watchedWriter struct {
	io.Writer
	progress func(done, of int)
	done     int
}

// Write implements [io.Writer].
func (w *watchedWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if w.done += n; w.progress != nil {
		w.progress(w.done, -1) // nobody knows how much it will be
	}
	return n, err
}
