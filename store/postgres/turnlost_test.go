package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/store/storetest/toxic"
)

// A network that swallows everything does not keep a writer that waits for its turn, whose
// callers wait for it: it gives up, and the next group begins on another connection.
func TestATurnInABlackHole(t *testing.T) {
	t.Parallel()
	storetest.NeedPostgres(t)
	n, st := throughNetwork(t)
	w, err := st.Writer(t.Context())
	require.NoError(t, err)
	defer w.Close()
	postgres.WantTurn(w)
	heal := n.Suffer(toxic.BlackHole(), toxic.BlackHole().Asked())
	defer heal()
	awaited := make(chan struct{})
	go func() {
		w.Await(context.Background())
		close(awaited)
	}()
	select {
	case <-awaited:
	case <-time.After(2 * time.Minute):
		t.Fatal("it waits for ever")
	}
	heal()
	require.False(t, postgres.WantsTurn(w))
	tx, _, err := w.Begin(t.Context(), store.Need{}, store.LockBriefly)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
}
