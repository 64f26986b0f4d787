package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Running it twice earns once: everything has a key.
func TestStaking(t *testing.T) {
	file := filepath.Join(t.TempDir(), "teg.db")
	for range 2 {
		var out bytes.Buffer
		require.NoError(t, run(context.Background(), file, &out))
		require.Equal(t, "of 7.5 AVT alice earned 4.7\n", out.String())
	}
}
