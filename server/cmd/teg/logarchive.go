package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/teg"
)

func newLogArchive() *cobra.Command {
	var dir string
	var events int64
	cmd := &cobra.Command{
		Use: "archive --dir DIR", Short: "Write the audit log's events to files, and prove them", Args: noArgs,
		Long: "Writes the events that are not archived yet to files, as far as they fill files,\n" +
			"reads each file again, holds it against the log's tree, and has the database take\n" +
			"note of it. May run beside a server, again and again, with the server's settings.\n" +
			"Prints a line for each new file, as sha256sum does. With EVENT_RETENTION servers\n" +
			"delete events that were archived: keep the files as long as the log.",
		Example: "  teg log archive --dir /backups/log >> /backups/log/SHA256SUMS",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				return misused("--dir must name the folder that the files go to")
			}
			return withLog(cmd, func(b *books) error {
				done, err := b.ArchiveEvents(cmd.Context(), teg.ArchiveEventsParams{To: folder(dir), Events: events})
				for _, segment := range done {
					err = errors.Join(err, say(cmd, "%s  %s", segment.SHA256, segment.File))
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "folder that the files go to (required)")
	cmd.Flags().Int64Var(&events, "events", teg.SegmentEvents, "events in a file, a multiple of 256")
	addSettings(cmd, "DATABASE_URL", "TEG_SYSTEM_TREASURY_DID")
	return cmd
}

// checkArchive proves the files of an archive.
func checkArchive(cmd *cobra.Command, dir string) error {
	return withLog(cmd, func(b *books) error {
		var files, events int64
		err := b.CheckArchive(cmd.Context(), folder(dir), func(s teg.LogSegment) { files, events = files+1, s.To })
		if err != nil {
			return err
		}
		return say(cmd, "the archive holds the first %d events of the log, in %d files", events, files)
	})
}

// withLog does something with the log of the settings' database.
func withLog(cmd *cobra.Command, do func(*books) error) error {
	c, err := loadWithoutTokens(cmd)
	if err != nil {
		return err
	}
	b, err := openBooks(cmd.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(do(b), b.Close())
}

// folder is an archive of the log in a folder.
type folder string

// Write implements [teg.LogArchive]. What is there is not overwritten: it has to be the
// same, and on the disk, which who wrote it may not have lived to see.
func (f folder) Write(_ context.Context, name string, write func(io.Writer) error) error {
	path := filepath.Join(string(f), name)
	err := landed(path, func(part string) error { return fill(part, write) })
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := same(path, write); err != nil {
		return err
	}
	return errors.Join(settle(path, os.O_RDWR), settleName(path))
}

// Open implements [teg.LogArchive].
func (f folder) Open(_ context.Context, name string) (io.ReadCloser, error) {
	return os.Open(filepath.Join(string(f), name))
}

// fill makes a file that its owner alone can read.
func fill(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<16)
	return errors.Join(write(out), out.Flush(), file.Close())
}

// same reports with an error that a file has other content than is written.
func same(path string, write func(io.Writer) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	there, wanted := sha256.New(), sha256.New()
	if _, err := io.Copy(there, file); err != nil {
		return err
	}
	if err := write(wanted); err != nil {
		return err
	}
	if string(there.Sum(nil)) != string(wanted.Sum(nil)) {
		return fmt.Errorf("there is another file at %s; move it away, or name another folder", path)
	}
	return nil
}
