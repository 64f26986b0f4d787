package main

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/teg/tegbench"
)

// Each benchmark runs, tells what it measured, and proves its books itself. What it tells
// of speed is nothing that a test could hold.

// read is a file of the shell's directory.
func (s *shell) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	require.NoError(s.t, err)
	return string(text)
}

// measured runs a benchmark in a directory of its own, and leaves no database behind.
func measured(t *testing.T, url string, args ...string) (*shell, string) {
	s := newShell(t)
	code, stdout, stderr := s.run(append(append([]string{"bench"}, args...), "--database", url)...)
	require.Zero(t, code, stderr)
	left, err := filepath.Glob(filepath.Join(s.dir, "teg_bench_*"))
	require.NoError(t, err)
	require.Empty(t, left)
	return s, stdout
}

// kept counts the lines of a result in a file for benchstat.
func kept(text, name string) int { return strings.Count(text, "\nBenchmark"+name+"-") }

func TestBenchTransfers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, url string) {
		s, stdout := measured(t, url, "--ceiling", "--verify", "--transfers", "40", "--accounts", "4", "--clients", "4", "--runs", "2",
			"--output", "kept.txt", "--cpuprofile", "cpu.prof")
		require.Contains(t, stdout, "by hand, lone caller")
		text := s.read("kept.txt")
		for _, part := range []string{"engine", "by_hand", "of_ceiling", "lone"} {
			require.Equal(t, 2, kept(text, "Transfer/"+part+"/clients=4/zipf=0/batch=1"), part)
		}
		require.True(t, strings.HasPrefix(s.read("cpu.prof"), "\x1f\x8b"), "a profile is compressed")
	})
}

func TestBenchGrowth(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, url string) {
		s, stdout := measured(t, url, "growth", "--rows", "200,400", "--accounts", "5", "--transfers", "20", "--clients", "4", "--runs", "1", "--reads", "2",
			"--plot", "growth.svg", "-o", "growth.txt")
		require.Regexp(t, `(?m)^ *history_deep +\S+ \(1\.00\) +\S+ \(\d+\.\d\d\)$`, stdout)
		require.Equal(t, 1, kept(s.read("growth.txt"), "Growth/cycle/rows=400"))
		require.NoError(t, xml.Unmarshal([]byte(s.read("growth.svg")), new(struct{ XMLName xml.Name })))
	})
}

func TestBenchHTTP(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, url string) {
		s, stdout := measured(t, url, "http", "--duration", "50ms", "--accounts", "4", "--clients", "4", "--batch", "5", "--runs", "1",
			"--transfers", "600", "--depth", "300", "--reads", "1", "-o", "http.txt", "--server-cpuprofile", "server.prof")
		for _, goal := range []tegbench.Goal{goalSingle, goalBulk, goalPace, goalBalance, goalOffset, goalCursor, goalMemory} {
			require.Contains(t, stdout, goal.Name)
			require.Contains(t, stdout, goal.Wanted())
		}
		require.Equal(t, 7, strings.Count(stdout, "  met")+strings.Count(stdout, "  missed"))
		text := s.read("http.txt")
		for _, name := range []string{"single/server", "bulk/of_in_process", "half_rate/server", "balance/from_memory", "memory/transfers=600", "history/by_cursor"} {
			require.Equal(t, 1, kept(text, "HTTP/"+name), name)
		}
		require.True(t, strings.HasPrefix(s.read("server.prof"), "\x1f\x8b"), "a profile is compressed")
	})
}

// One round suffices where nothing is twice as slow as it may be, and none of it is held
// against the clock here: what fails is tested by TestJudge.
func TestBenchRatios(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t)
		code, stdout, stderr := s.run("bench", "ratios", "--database", url, "--duration", "20ms", "--accounts", "4", "--rounds", "1")
		require.Equal(t, 2, strings.Count(stdout, "  1        0."), stdout)
		if code != 0 { // a busy machine
			require.Contains(t, stderr, "less than half of a goal is reached")
		}
	})
}

// A ratio below half of its goal is an error that names it, and the others are not.
func TestJudge(t *testing.T) {
	var out bytes.Buffer
	good := judged{"sqlite", tegbench.Reading{Goal: goalCeiling, Values: []float64{0.1, 0.36}}}
	bad := judged{"postgres", tegbench.Reading{Goal: goalSingle, Values: []float64{0.24, 0.2}}}
	require.NoError(t, judge(&out, []judged{good}))
	require.EqualError(t, judge(&out, []judged{good, bad}),
		"less than half of a goal is reached: postgres: single transfers over HTTP, of callers in process, is 0.24")
	require.Regexp(t, `(?m)^sqlite +the engine, of the same rows by hand +0\.36 +2 +0\.35$`, out.String())
}

// Numbers are read from the line that has the name, and no other.
func TestNumberAfter(t *testing.T) {
	text := []byte("# HELP heap bytes\nVmRSS:\t  2048 kB\nheap_more 1\nheap 1.5e+07\n")
	for name, want := range map[string]float64{"VmRSS:": 2048, "heap": 1.5e7} {
		got, err := numberAfter(text, name)
		require.NoError(t, err)
		require.InDelta(t, want, got, 0)
	}
	_, err := numberAfter(text, "hea")
	require.Error(t, err)
}
