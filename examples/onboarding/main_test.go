package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnboarding(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), &out))
	require.Equal(t, "did:example:alice came by bootstrap and has 10 AVT\na token works once\nin force: agent,auditor\n", out.String())
}
