package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/postgres"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// A server whose disk is full says so with 53100 where a table should grow, or at COMMIT.
// A tablespace has no bound that a test could set, so triggers say it here, at both places.
// Nothing is written by halves, reading goes on, and what was refused is done once there is
// room, by the same key.
func TestServersDiskIsFull(t *testing.T) {
	t.Parallel()
	for name, trigger := range map[string]string{
		"as a table grows": `CREATE TRIGGER no_room BEFORE INSERT ON entries FOR EACH STATEMENT EXECUTE FUNCTION no_room()`,
		"at COMMIT":        `CREATE CONSTRAINT TRIGGER no_room AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION no_room()`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := storetest.OpenPostgres(t).(*postgres.Store)
			eng := tegtest.Over(t, st)
			agents := tegtest.FundMany(t, eng, 2, "100")
			pay := func() (teg.TransferReceipt, error) {
				return eng.Transfer(t.Context(), teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1"), Key: "a"})
			}
			do := func(statement string) {
				_, err := st.DB().ExecContext(t.Context(), statement)
				require.NoError(t, err)
			}
			do(`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
				$$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END$$`)
			do(trigger)
			before, _, err := st.Reader().LogSize(t.Context())
			require.NoError(t, err)
			for range 3 {
				_, err = pay()
				require.ErrorIs(t, err, teg.ErrUnavailable)
				require.ErrorIs(t, err, store.ErrUnavailable)
				require.NotErrorIs(t, err, teg.ErrOutcomeUnknown)
				require.Equal(t, "100", tegtest.Available(t, eng, agents[0]))
			}
			after, _, err := st.Reader().LogSize(t.Context())
			require.NoError(t, err)
			require.Equal(t, before, after)
			tegtest.Verify(t, eng)
			do(`DROP TRIGGER no_room ON entries`)
			do(`DROP FUNCTION no_room`)
			r, err := pay()
			require.NoError(t, err)
			require.False(t, r.Replayed)
			require.Equal(t, "101", tegtest.Available(t, eng, agents[1]))
		})
	}
}
