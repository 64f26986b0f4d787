package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A database that cannot be dropped keeps no other one, and is dropped the next time.
func TestWhatCannotBeDroppedIsRemembered(t *testing.T) {
	var dropped []string
	stuck := errors.New("somebody is there")
	e := ended{batch: 3, discard: func(name string) error {
		if name == "b" && stuck != nil {
			return stuck
		}
		dropped = append(dropped, name)
		return nil
	}}
	require.NoError(t, e.end("a"))
	require.NoError(t, e.end("b"))
	require.Empty(t, dropped, "they are few")
	require.ErrorIs(t, e.end("c"), stuck)
	require.Equal(t, []string{"a", "c"}, dropped)
	stuck = nil
	require.NoError(t, e.drop(1))
	require.Equal(t, []string{"a", "c", "b"}, dropped)
	require.NoError(t, e.drop(1))
	require.Len(t, dropped, 3)
}

// Only what was made long ago by a run like this is nobody's.
func TestWhichDatabasesAreLeftBehind(t *testing.T) {
	now := time.Now()
	require.True(t, outlived(scratchName(now.Add(-8*24*time.Hour)), now))
	for _, name := range []string{
		scratchName(now), scratchName(now.Add(-6 * 24 * time.Hour)), "teg_test_0a50fd16d5ce4898", "teg_test_1_0a50fd16d5ce4898x",
		"teg_test_1_0a50fd16d5ce489;", "teg", "postgres", "teg_test_1", "teg_test__0a50fd16d5ce4898", "my_teg_test_1_0a50fd16d5ce4898",
	} {
		require.False(t, outlived(name, now), name)
	}
}

// A database of a killed run is gone once another run looks, and no other is.
func TestLeftBehind(t *testing.T) {
	NeedPostgres(t)
	old, young := scratchName(time.Unix(1, 0)), scratchName(time.Now())
	for _, name := range []string{old, young} {
		require.NoError(t, administer(`CREATE DATABASE `+name))
	}
	leftBehind()
	require.ErrorContains(t, administer(`DROP DATABASE `+old), "does not exist")
	require.NoError(t, administer(`DROP DATABASE `+young))
}
