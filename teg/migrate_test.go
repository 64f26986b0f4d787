package teg_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
)

// New refuses a schema that is not this program's, and says what to do.
func TestNewRefusesOtherSchemas(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		refuses := func(want error, advice string) {
			t.Helper()
			_, err := teg.New(ctx, st, teg.Config{})
			require.ErrorIs(t, err, want)
			require.ErrorContains(t, err, advice)
		}
		storetest.Damage(t, st, `INSERT INTO bun_migrations (name, group_id) VALUES ('20991231000001', 9)`)
		refuses(teg.ErrNewerSchema, "use a newer program")
		storetest.Damage(t, st, `DELETE FROM bun_migrations WHERE group_id = 9`)
		require.NoError(t, st.MigrateDown(ctx, true))
		refuses(teg.ErrUnmigrated, "teg migrate up")
		require.NoError(t, st.Migrate(ctx))
		storetest.Damage(t, st, `DROP TABLE holds`)
		refuses(teg.ErrHalfMigrated, "restore a backup")
	})
}

// A database belongs to one treasury.
func TestNewRefusesAnotherTreasury(t *testing.T) {
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st := context.Background(), open(t)
		eng, err := teg.New(ctx, st, teg.Config{})
		require.NoError(t, err)
		require.NoError(t, eng.Close())
		_, err = teg.New(ctx, st, teg.Config{Treasury: teg.Agent("did:example:other")})
		require.ErrorIs(t, err, store.ErrForeignTreasury)
	})
}
