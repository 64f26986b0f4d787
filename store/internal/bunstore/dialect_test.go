package bunstore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

func TestColumnsReadBothDatabases(t *testing.T) {
	id := idColumn{1, 15: 2}
	for _, src := range []any{id[:], "01000000-0000-0000-0000-000000000002"} {
		var got idColumn
		require.NoError(t, got.Scan(src))
		require.Equal(t, id, got)
	}
	for _, text := range []string{"0", "1.5", "0.000000000000000001", "-7", amount.Max.String()} {
		want, err := amount.ParseSigned(text)
		require.NoError(t, err)
		kept := want.Bytes()
		for _, src := range []any{kept[:], text} {
			var got signedColumn
			require.NoError(t, got.Scan(src))
			require.Equal(t, want, got.Signed)
		}
	}
	instant := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	for _, src := range []any{instant.UnixMicro(), instant.In(time.FixedZone("elsewhere", 3600))} {
		var got timeColumn
		require.NoError(t, got.Scan(src))
		require.Equal(t, instant, got.Time, "UTC, in microseconds")
	}
}

func TestColumnsReadNull(t *testing.T) {
	sum, when := amountColumn{amount.Max}, timeColumn{time.Now()}
	require.NoError(t, sum.Scan(nil))
	require.True(t, sum.IsZero())
	require.NoError(t, when.Scan(nil))
	require.True(t, when.IsZero())
}

func TestColumnsRefuseWhatTheyDoNotKnow(t *testing.T) {
	below := amount.Neg(amount.FromUnits(1)).Bytes()
	for name, err := range map[string]error{
		"an id of three bytes":      new(idColumn).Scan([]byte{1, 2, 3}),
		"an id that is a number":    new(idColumn).Scan(int64(7)),
		"no id":                     new(idColumn).Scan(nil),
		"an amount that is a float": new(signedColumn).Scan(1.5),
		"an amount that is NaN":     new(signedColumn).Scan("NaN"),
		"an amount of eight bytes":  new(signedColumn).Scan(make([]byte, 8)),
		"an amount below zero":      new(amountColumn).Scan(below[:]),
		"a time that is text":       new(timeColumn).Scan("2026-01-01"),
	} {
		require.Error(t, err, name)
	}
}

func TestArgumentsAreWhatTheColumnsHold(t *testing.T) {
	id := ledger.ID{0xab, 15: 0xcd}
	require.Equal(t, id[:], SQLite.ID(id))
	require.Equal(t, "ab000000-0000-0000-0000-0000000000cd", Postgres.ID(id))
	whole := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	finer := whole.Add(1).In(time.FixedZone("elsewhere", -3600))
	next := whole.Add(time.Microsecond)
	require.Equal(t, whole, Postgres.Time(finer), "what is finer is cut off")
	require.Equal(t, whole.UnixMicro(), SQLite.Time(finer))
	require.Equal(t, whole, Postgres.From(whole))
	require.Equal(t, next, Postgres.From(finer))
	require.Equal(t, next, Postgres.After(whole))
	require.Equal(t, next, Postgres.After(finer))
}

func TestInstantsStayWithinWhatDatabasesKnow(t *testing.T) {
	for _, year := range []int{-5000, 0} {
		require.Equal(t, firstInstant, Postgres.Time(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)))
	}
	for _, at := range []func(time.Time) any{Postgres.Time, Postgres.From, Postgres.After} {
		require.Equal(t, lastInstant, at(time.Date(300000, 1, 1, 0, 0, 0, 0, time.UTC)))
	}
}
