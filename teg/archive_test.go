package teg_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/archive"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// exported is the economy of a store, written down.
func exported(t testing.TB, st store.Store) []byte {
	t.Helper()
	var out bytes.Buffer
	_, err := teg.Export(context.Background(), st, &out)
	require.NoError(t, err)
	return out.Bytes()
}

// imported takes an economy into a store and works on it.
func imported(t testing.TB, st store.Store, content []byte) *teg.Engine {
	t.Helper()
	_, _, err := teg.Import(context.Background(), st, bytes.NewReader(content), teg.Config{})
	require.NoError(t, err)
	return tegtest.Over(t, st)
}

// busyWorld is an economy in which every verb was used.
func busyWorld(t *testing.T, st store.Store) *world {
	w := newWorld(t, st, withPanel)
	for _, a := range slices.Concat(acts, panelActs) {
		if s := w.scene(a.prepare); !a.parts {
			_, err := a.act(context.Background(), s)
			require.ErrorIs(t, err, a.refusal, a.name)
		}
	}
	return w
}

// An economy moves from SQLite to PostgreSQL and back, and is the same everywhere, byte
// for byte.
func TestAnEconomyMoves(t *testing.T) {
	t.Parallel()
	storetest.NeedPostgres(t)
	origin := storetest.OpenSQLite(t)
	w := busyWorld(t, origin)
	first := exported(t, origin)
	for _, table := range archive.Tables() {
		begin := fmt.Sprintf(`{"table":%q,`, table.Name)
		_, rest, found := bytes.Cut(first, []byte(begin))
		require.True(t, found, table.Name)
		_, rows, _ := bytes.Cut(rest, []byte("\n"))
		if !bytes.HasPrefix(rows, []byte("[")) {
			t.Logf("nothing was in table %s", table.Name)
		}
	}
	there, back := storetest.OpenPostgres(t), storetest.OpenSQLite(t)
	moved := imported(t, there, first)
	require.Equal(t, string(first), string(exported(t, there)))
	imported(t, back, exported(t, there))
	require.Equal(t, string(first), string(exported(t, back)))

	alice := teg.Agent(fmt.Sprintf("did:example:alice-%d", w.scenes))
	before, err := w.eng.Balance(context.Background(), alice)
	require.NoError(t, err)
	after, err := moved.Balance(context.Background(), alice)
	require.NoError(t, err)
	require.Equal(t, before, after)
	tegtest.Fund(t, moved, "did:example:newcomer", "5") // ids go on behind those that are there
	require.NotEqual(t, len(first), len(exported(t, there)))
}

// What is exported is one moment of an economy that others go on changing.
func TestExportUnderLoad(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		eng := tegtest.Over(t, st)
		agents := tegtest.FundMany(t, eng, 8, "1000")
		var load sync.WaitGroup
		var done atomic.Bool
		var paid atomic.Int64
		for i := range agents {
			load.Go(func() {
				for !done.Load() {
					_, err := eng.Transfer(context.Background(), teg.TransferParams{From: agents[i], To: agents[(i+1)%len(agents)], Amount: teg.AVT("0.01")})
					if err != nil {
						t.Error(err)
						return
					}
					paid.Add(1)
				}
			})
		}
		for round := range 2 {
			for before := paid.Load(); paid.Load() < before+20; { // it is under way
				_, err := eng.Supply(context.Background())
				require.NoError(t, err)
			}
			content := exported(t, st)
			copied := storetest.OpenSQLite(t)
			imported(t, copied, content) // which proves the books
			require.Equal(t, string(content), string(exported(t, copied)), "round %d", round)
		}
		done.Store(true)
		load.Wait()
	})
}

// What a host committed is exported, also while PostgreSQL has not numbered its events.
func TestExportOfAHostsEvents(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		ctx, st, copied := context.Background(), open(t), storetest.OpenSQLite(t)
		agents := tegtest.FundMany(t, tegtest.Over(t, st), 2, "100")
		eng := tegtest.Over(t, st)
		for range 3 {
			tx, host := hostOf(t, st, nil)
			for range 2 {
				_, err := eng.Using(host).Transfer(ctx, teg.TransferParams{From: agents[0], To: agents[1], Amount: teg.AVT("1")})
				require.NoError(t, err)
			}
			require.NoError(t, tx.Commit())
		}
		waiting := exported(t, st)
		require.NoError(t, st.Maintain(ctx, store.Maintenance{})) // which numbers them
		require.Equal(t, string(waiting), string(exported(t, st)))
		imported(t, copied, waiting)
		require.Equal(t, string(waiting), string(exported(t, copied)))
	})
}

// damages are files that are not what an export was, and what is said of them.
func damages(t *testing.T, whole string) (unread, unkept map[string][2]string) {
	lines := slices.Collect(strings.Lines(whole))
	without := func(i int) string { return strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "") }
	replaced := func(old, new string) string {
		require.Contains(t, whole, old)
		return strings.Replace(whole, old, new, 1)
	}
	last := len(lines)
	unread = map[string][2]string{
		"nothing":            {"", "line 1: the file is empty"},
		"something else":     {"did,amount\n", "line 1: is not the first line"},
		"a later format":     {replaced(`{"teg_export":1`, `{"teg_export":2`), "line 1: is of format 2"},
		"cut off in a line":  {whole[:len(whole)/2], "does not end: the file has been cut off"},
		"cut off after one":  {strings.Join(lines[:5], ""), "line 6: is missing: the file has been cut off"},
		"without the end":    {without(last - 1), fmt.Sprintf("line %d: is missing", last)},
		"with something on":  {whole + "[1]\n", fmt.Sprintf("line %d: stands behind the last line", last+1)},
		"a line is missing":  {without(3), fmt.Sprintf("line %d: is not what was read: the file has been changed or damaged", last-1)},
		"another sum":        {replaced(`"100"`, `"900"`), "the file has been changed or damaged"},
		"a spelling":         {replaced(`"100"`, `"100.0"`), "is not written as an export writes it"},
		"a row of no table":  {without(1), "line 2: is a row of no table"},
		"a wrong kind":       {replaced(`[1,"did`, `["1","did`), "line 3: id must be of kind int"},
		"a column too few":   {replaced(`"columns":["id",`, `"columns":[`), "line 2: has other columns"},
		"a row that is none": {replaced(`[1,"did`, `[1,{"did`), "line 3: "},
	}
	return unread, map[string][2]string{
		"a twin":       {strings.Join(slices.Insert(slices.Clone(lines), 3, lines[2]), ""), "lines 3 to"},
		"broken books": {forged(t, whole), "the books do not hold"},
	}
}

// A file that is not what an export was is refused with its line, and nothing of it is
// kept.
func TestImportRefusesWhatIsDamaged(t *testing.T) {
	t.Parallel()
	origin := storetest.OpenSQLite(t)
	alice := tegtest.Fund(t, tegtest.Over(t, origin), "did:example:alice", "100")
	whole := string(exported(t, origin))
	unread, unkept := damages(t, whole)
	for name, c := range unread { // whatever the database
		_, _, err := teg.Import(context.Background(), storetest.OpenSQLite(t), strings.NewReader(c[0]), teg.Config{})
		require.ErrorIs(t, err, teg.ErrMalformedArchive, name)
		require.ErrorContains(t, err, c[1], name)
	}
	unkept["cut off"] = unread["without the end"]
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		st := open(t)
		empty := exported(t, st)
		for name, c := range unkept {
			_, _, err := teg.Import(context.Background(), st, strings.NewReader(c[0]), teg.Config{})
			require.ErrorContains(t, err, c[1], name)
			require.NotContains(t, err.Error(), alice.String(), name)
			require.Equal(t, string(empty), string(exported(t, st)), name)
		}
		_, _, err := teg.Import(context.Background(), st, strings.NewReader(whole), teg.Config{Treasury: teg.Agent("did:example:mine")})
		require.ErrorIs(t, err, store.ErrForeignTreasury)
		require.ErrorContains(t, err, "did:agentvault:treasury")
		schema := strings.Replace(whole, `"schema":["`, `"schema":["20200101000000","`, 1)
		_, _, err = teg.Import(context.Background(), st, strings.NewReader(schema), teg.Config{})
		require.ErrorIs(t, err, teg.ErrForeignArchive)
		require.Equal(t, string(empty), string(exported(t, st)))

		imported(t, st, []byte(whole))
		_, _, err = teg.Import(context.Background(), st, strings.NewReader(whole), teg.Config{})
		require.ErrorIs(t, err, teg.ErrNotEmpty, "it is there already")
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err = teg.Export(ctx, st, new(bytes.Buffer))
		require.ErrorIs(t, err, context.Canceled)
	})
}

// forged is an export whose digests are right and whose books are not.
func forged(t *testing.T, whole string) string {
	in, err := archive.NewReader(strings.NewReader(whole))
	require.NoError(t, err)
	var forged bytes.Buffer
	out, err := archive.NewWriter(&forged, in.Schema())
	require.NoError(t, err)
	row, failed := in.Next()
	for _, table := range archive.Tables() {
		require.NoError(t, out.Begin(table))
		for ; failed == nil && row.Table == table; row, failed = in.Next() {
			if table.Name == "agent_teg_profiles" {
				row.Values[6] = int64(7) // a score that nothing tells of
			}
			require.NoError(t, out.Row(row.Values))
		}
	}
	_, err = out.Close()
	require.NoError(t, err)
	return forged.String()
}

// A database on which an engine has once worked is not empty, whatever it holds.
func TestImportRefusesWhatWasUsed(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, open func(testing.TB) store.Store) {
		used := open(t)
		content := exported(t, used)
		tegtest.Over(t, used)
		_, _, err := teg.Import(context.Background(), used, bytes.NewReader(content), teg.Config{})
		require.ErrorIs(t, err, teg.ErrNotEmpty)
		require.ErrorContains(t, err, "teg migrate up")
	})
}
