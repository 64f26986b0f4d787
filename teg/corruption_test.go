package teg_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/store/sqlite"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

// sums are the questions whose answers are value: who has what, how it came to be, and what
// is set aside, staked, owed and promised. Whether a pool without shares is closed is none.
var sums = []string{
	`SELECT id, owner, kind, stripe, quote(balance), seq, quote(owes), quote(debited), quote(fees), transactions FROM accounts ORDER BY +id`,
	`SELECT quote(transaction_id), leg, account_id, seq, quote(amount), quote(balance_after) FROM entries ORDER BY +account_id, +seq`,
	`SELECT quote(id), type, sender, receiver, quote(amount), quote(fee) FROM teg_transactions ORDER BY +id`,
	`SELECT quote(id), payer, receiver, quote(amount), quote(fee), quote(captured), state FROM holds ORDER BY +id`,
	`SELECT quote(id), account, quote(tokens), shares, closed <> 0 AND shares <> '0' FROM pools ORDER BY +id`,
	`SELECT quote(id), owner, quote(pool_id), shares, quote(paid) FROM stakes ORDER BY +id`,
	`SELECT quote(id), quote(stake_id), delegator, validator, shares FROM delegations ORDER BY +id`,
	`SELECT quote(id), owner, shares, returns FROM unbondings WHERE released_at IS NULL ORDER BY +id`,
	`SELECT position, quote(id), action, actor, quote(body) FROM events ORDER BY +position`,
}

// valueIn is what the sums of a database are, as text.
func valueIn(st *sqlite.Store) (string, error) {
	var text strings.Builder
	for _, question := range sums {
		rows, err := st.DB().QueryContext(context.Background(), question)
		if err != nil {
			return "", err
		}
		columns, err := rows.Columns()
		if err != nil {
			return "", err
		}
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(places...); err != nil {
				return "", err
			}
			fmt.Fprintln(&text, values...)
		}
		if err := rows.Err(); err != nil {
			return "", err
		}
	}
	return text.String(), nil
}

// writtenBooks is a file with something of every verb in it, and its sums.
func writtenBooks(t *testing.T) (content []byte, value string) {
	path := filepath.Join(t.TempDir(), "teg.db")
	st, err := sqlite.Open(t.Context(), path)
	require.NoError(t, err)
	require.NoError(t, st.Migrate(t.Context()))
	t.Run("written", func(t *testing.T) {
		w := newWorld(t, st)
		for _, doing := range acts {
			s := w.scene(doing.prepare)
			_, err := doing.act(limited(t), s)
			require.ErrorIs(t, err, doing.refusal, doing.name)
		}
		w.clock.Advance(time.Minute)
		require.NoError(t, w.eng.GrowTree(limited(t))) // the words of an event are proven by the checkpoint that covers it
	})
	value, err = valueIn(st)
	require.NoError(t, err)
	require.NoError(t, st.Close())
	content, err = os.ReadFile(path)
	require.NoError(t, err)
	return content, value
}

// harms are ways in which a disk spoils a file.
var harms = map[string]func(r *rand.Rand, file []byte){
	"a bit":    func(r *rand.Rand, file []byte) { file[r.IntN(len(file))] ^= 1 << r.IntN(8) },
	"a sector": func(r *rand.Rand, file []byte) { clear(file[r.IntN(len(file)/512)*512:][:512]) },
	"bytes": func(r *rand.Rand, file []byte) {
		spot := file[r.IntN(len(file)-16):][:16]
		for i := range spot {
			spot[i] ^= byte(1 + r.IntN(255))
		}
	},
	"a page that went to another's place": func(r *rand.Rand, file []byte) {
		const page = 4096
		pages := len(file) / page
		copy(file[r.IntN(pages)*page:][:page], file[r.IntN(pages)*page:][:page])
	},
}

// A file of SQLite is spoilt at random. Whatever comes of it is an error, or a finding, or
// nothing that any sum hangs on: nobody is told that books hold which say something else
// than what was written, and nothing panics.
func TestSpoiltFiles(t *testing.T) {
	t.Parallel()
	times := 8
	if everyFault() {
		times = 1000
	}
	content, value := writtenBooks(t)
	for name, harm := range harms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "teg.db")
			told := map[string]int{}
			for seed := range uint64(times) {
				spoilt := append([]byte(nil), content...)
				harm(rand.New(rand.NewPCG(seed, 1)), spoilt)
				require.NoError(t, os.WriteFile(path, spoilt, 0o600))
				answer, now := prove(t, path)
				told[answer]++
				if answer == held {
					require.Equal(t, value, now, "seed %d: it is said to hold, and has changed", seed)
				}
				for _, beside := range []string{"-wal", "-shm"} {
					require.NoError(t, os.RemoveAll(path+beside))
				}
			}
			t.Logf("%d bytes: %v", len(content), told)
			require.Greater(t, len(told), 1, "nothing was found, or nothing was harmless")
		})
	}
}

// spoilt are values that no constraint lets into a column of a type.
var spoilt = map[string][]string{
	"INTEGER": {"-1", "0", "9223372036854775807"}, "BLOB": {"x''", "x'00'", "zeroblob(9000)"}, "TEXT": {"''", "'%'"},
}

// column is one of a table.
type column struct{ table, name, kind string }

// columnsOf lists all columns of all tables.
func columnsOf(t *testing.T, st *sqlite.Store) (list []column) {
	rows, err := st.DB().QueryContext(limited(t), `SELECT m.name, c.name, c.type FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'bun_%' ORDER BY m.name, c.cid`)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var c column
		require.NoError(t, rows.Scan(&c.table, &c.name, &c.kind))
		list = append(list, c)
	}
	require.NoError(t, rows.Err())
	return list
}

// A column says what no constraint lets into it, as where a disk spoilt it. Whatever comes of
// it, the books are not said to hold where a sum has changed, and nothing panics. The short
// form takes those by which something did.
func TestRowsThatNoConstraintLetsIn(t *testing.T) {
	t.Parallel()
	content, value := writtenBooks(t)
	path := filepath.Join(t.TempDir(), "teg.db")
	fresh := func() *sqlite.Store {
		for _, beside := range []string{"-wal", "-shm"} {
			require.NoError(t, os.RemoveAll(path+beside))
		}
		require.NoError(t, os.WriteFile(path, content, 0o600))
		st, err := sqlite.Open(t.Context(), path)
		require.NoError(t, err)
		return st
	}
	st := fresh()
	columns := columnsOf(t, st)
	require.NoError(t, st.Close())
	told, untold := map[string]int{}, []string(nil)
	for _, c := range columns {
		if !everyFault() && c.name != "steps" && c.name != "hashes" {
			continue
		}
		for _, to := range spoilt[c.kind] {
			st := fresh()
			storetest.DamageUnchecked(t, st, fmt.Sprintf(`UPDATE OR IGNORE %s SET %s = %s`, c.table, c.name, to))
			require.NoError(t, st.Close())
			answer, now := prove(t, path)
			if told[answer]++; answer == held && value != now {
				untold = append(untold, fmt.Sprintf("%s.%s = %s", c.table, c.name, to))
			}
		}
	}
	t.Logf("%d columns: %v", len(columns), told)
	require.NotZero(t, told["Verify finds it"])
	require.Empty(t, untold, "it is said to hold, and has changed")
}

const held = "the books hold"

// prove says what becomes of opening a file and proving the books in it, and what their sums
// are where they are said to hold.
func prove(t *testing.T, path string) (answer, value string) {
	ctx := limited(t)
	st, err := sqlite.Open(ctx, path)
	if err != nil {
		return "cannot be opened", ""
	}
	defer st.Close()
	eng, err := teg.New(ctx, st, teg.Config{Clock: tegtest.NewClock().Now})
	if err != nil {
		return "no engine starts", ""
	}
	defer eng.Close()
	_, err = eng.Verify(ctx)
	if err != nil {
		return "Verify finds it", ""
	}
	if value, err = valueIn(st); err != nil { // nobody is told a sum, and `teg verify` looks at every page besides
		return "a part that no proof reads cannot be read", ""
	}
	return held, value
}
