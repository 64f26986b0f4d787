package teg_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/store/storetest"
)

// eachDatabaseTwice runs a test on each database, opened twice as two processes
// would: what the stores share is in the database.
func eachDatabaseTwice(t *testing.T, test func(t *testing.T, stores [2]store.Store)) {
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "teg.db")
		test(t, openedTwice(t, func() (store.Store, error) { return sqlite.Open(context.Background(), path) }))
	})
	t.Run("postgres", func(t *testing.T) {
		url := storetest.PostgresURL(t)
		test(t, openedTwice(t, func() (store.Store, error) { return postgres.Open(context.Background(), url) }))
	})
}

func openedTwice(t *testing.T, open func() (store.Store, error)) (stores [2]store.Store) {
	for i := range stores {
		st, err := open()
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, st.Close()) })
		require.NoError(t, st.Migrate(context.Background()))
		stores[i] = st
	}
	return stores
}
