package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Two that make the same file at once do not get into each other's way: the first that is
// done has the name, with its own content, and the other is told. Nothing else is left.
func TestLandedTwiceAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy")
	err := landed(path, func(slow string) error {
		require.NoError(t, os.WriteFile(slow, []byte("half of"), 0o600))
		require.NoError(t, landed(path, func(quick string) error {
			return os.WriteFile(quick, []byte("all of the second"), 0o600)
		}))
		return nil
	})
	require.ErrorContains(t, err, "there is something at")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "all of the second", string(content))
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

// Nobody else can look at what is not finished, nor is anything left of what failed.
func TestLandedInPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy")
	err := landed(path, func(part string) error {
		info, err := os.Stat(filepath.Dir(part))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
		require.NoError(t, os.WriteFile(part+"-wal", nil, 0o600))
		return os.ErrClosed
	})
	require.ErrorIs(t, err, os.ErrClosed)
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Empty(t, left)
}
