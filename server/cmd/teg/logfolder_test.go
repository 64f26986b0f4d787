package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is there already counts only when the disk has it: who wrote it may have been killed
// before. A device cannot say so, and is no file.
func TestAFileThatIsThereHasToBeOnTheDisk(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Symlink(os.DevNull, filepath.Join(dir, "log")))
	require.Error(t, folder(dir).Write(context.Background(), "log", func(io.Writer) error { return nil }))
}

// A file that landed and of which the disk then reported a fault is not taken for one that
// was there before.
func TestAFaultOfTheDiskIsReported(t *testing.T) {
	dir := t.TempDir()
	written := 0
	err := folder(dir).Write(context.Background(), "log", func(w io.Writer) error {
		written++
		if _, err := io.WriteString(w, "line\n"); err != nil {
			return err
		}
		if written == 1 { // another process is done first
			require.NoError(t, os.WriteFile(filepath.Join(dir, "log"), []byte("line\n"), 0o600))
			return syscall.EIO
		}
		return nil
	})
	require.ErrorIs(t, err, syscall.EIO)
	require.Equal(t, 1, written)
	err = folder(dir).Write(context.Background(), "log", func(w io.Writer) error {
		_, err := io.WriteString(w, "line\n")
		return err
	})
	require.NoError(t, err, "what is there is the same")
	info, err := os.Stat(filepath.Join(dir, "log"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
