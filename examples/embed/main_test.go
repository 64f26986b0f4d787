package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Running it twice pays once: the second payment has the same key.
func TestEmbed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "teg.db")
	for range 2 {
		var out bytes.Buffer
		require.NoError(t, run(context.Background(), file, &out))
		require.Equal(t, "paid 50 AVT, fee 0.001 AVT, left 49.999 AVT\nthe books hold, with a supply of 200 AVT\n", out.String())
	}
}
