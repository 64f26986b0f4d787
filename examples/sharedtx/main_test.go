package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSharedTransaction(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), filepath.Join(t.TempDir(), "teg.db"), &out))
	require.Equal(t, "an order for 4 AVT: <nil>\n"+
		"an order for 40 AVT: available 5.999 AVT, needed 40.001 AVT (of which fee 0.001)\n"+
		"1 order, and the shop has 14 AVT\n", out.String())
}
