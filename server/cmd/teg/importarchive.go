package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/ratings"
	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/teg"
)

// importArchive takes an export into the configured database.
func importArchive(cmd *cobra.Command, c *config.Config, name string) error {
	ctx, stop := untilSignalled(cmd.Context())
	defer stop()
	source, size, err := openArchive(cmd, name)
	if err != nil {
		return err
	}
	defer source.Close()
	st, err := openStore(ctx, c.Database)
	if err != nil {
		return err
	}
	progress, finish := progressOn(cmd.ErrOrStderr(), "bytes read")
	err = takeIn(ctx, cmd, st, &watchedReader{Reader: source, progress: progress, size: size}, c, finish)
	finish()
	if ctx.Err() != nil {
		err = fmt.Errorf("%w; nothing was imported", ctx.Err())
	}
	return errors.Join(err, st.Close())
}

// openArchive opens a file, or the standard input. Its size is -1 where nobody knows.
func openArchive(cmd *cobra.Command, name string) (io.ReadCloser, int, error) {
	if name == "-" {
		return io.NopCloser(cmd.InOrStdin()), -1, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return file, -1, err
	}
	return file, int(info.Size()), nil
}

func takeIn(ctx context.Context, cmd *cobra.Command, st store.Store, r io.Reader, c *config.Config, finish func()) error {
	plain, err := ratings.Unpacked(r)
	if err != nil {
		return err
	}
	report, summary, err := teg.Import(ctx, st, plain, engineConfig(c, slog.New(slog.DiscardHandler)))
	finish()
	if errors.Is(err, teg.ErrBroken) {
		for _, finding := range report.Findings {
			err = errors.Join(err, say(cmd, "%s", finding))
		}
		return fmt.Errorf("%w; nothing was imported", err)
	}
	if err != nil {
		return err
	}
	if err := say(cmd, "imported %d rows of %d tables", summary.Rows, len(summary.Tables)); err != nil {
		return err
	}
	return printReport(cmd.OutOrStdout(), &report)
}

// watchedReader tells how much went through it.
type watchedReader struct {
	io.Reader
	progress   func(done, of int)
	done, size int
}

// Read implements [io.Reader].
func (r *watchedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if r.done += n; r.progress != nil {
		r.progress(r.done, r.size)
	}
	return n, err
}
