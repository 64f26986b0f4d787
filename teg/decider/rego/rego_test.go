package rego_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/agentvault/teg-layer/store"
	"github.com/agentvault/teg-layer/store/storetest"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/decider/rego"
	"github.com/agentvault/teg-layer/teg/tegtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// write makes a directory of policies.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	return dir
}

func open(dir string) (*rego.Decider, error) {
	return rego.Open(context.Background(), rego.Config{Dir: dir})
}

var payment = []teg.Intent{{Verb: store.VerbTransfer, By: teg.Agent("did:example:alice"), Amount: teg.AVT("10")}}

// Whatever a policy has to say, by one rule or several, in one file or several.
func TestDecide(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]teg.Verdict{
		`decision := true`:  {Allow: true},
		`decision := false`: {},
		`decision := {"allow": false, "reason": "late"}`:                         {Reason: "late"},
		`decision := [{"allow": true} | some a in input.acts; a.amount == "10"]`: {Allow: true},
		`decision if input.acts[0].by == "did:example:bob"`:                      {Reason: "no policy says anything about it"},
		`decision if to_number(input.acts[0].amount) > 9.999999999999999999`:     {Allow: true},
		`decision if to_number(input.acts[0].amount) > 10.000000000000000001`:    {Reason: "no policy says anything about it"},
		`decision if time.now_ns() > 0`:                                          {Allow: true},
	} {
		d, err := open(write(t, map[string]string{"p.rego": "package teg\n" + text}))
		require.NoError(t, err, text)
		got, err := d.Decide(context.Background(), payment)
		require.NoError(t, err, text)
		require.Equal(t, []teg.Verdict{want}, got, text)
	}
	d, err := open(write(t, map[string]string{
		"p.rego": "package teg\ndecision := data.teg.limits.ok", "deep/limits.rego": "package teg.limits\nok := true", "p_test.rego": "not even Rego", "README.md": "x",
	}))
	require.NoError(t, err)
	got, err := d.Decide(context.Background(), payment)
	require.NoError(t, err)
	require.Equal(t, []teg.Verdict{{Allow: true}}, got)
}

// Policies that cannot be used are told at the start, and those in force stay in force
// where they are replaced by such.
func TestOpenAndReload(t *testing.T) {
	t.Parallel()
	for what, files := range map[string]map[string]string{
		"no policy":          {"README.md": "x"},
		"has the rule":       {"p.rego": "package other\ndecision := true"},
		"cannot be used":     {"p.rego": "package teg\ndecision := "},
		"http.send":          {"p.rego": `package teg` + "\n" + `decision := http.send({"method": "get", "url": "http://127.0.0.1:1"}).body`},
		"net.lookup_ip_addr": {"p.rego": `package teg` + "\n" + `decision if count(net.lookup_ip_addr("localhost")) > 0`},
		"json.match_schema":  {"p.rego": `package teg` + "\n" + `decision := json.match_schema({}, {"$ref": "file:///etc/hostname"})[0]`},
		"json.verify_schema": {"p.rego": `package teg` + "\n" + `decision := json.verify_schema({"$ref": "file:///etc/hostname"})[0]`},
		"opa.runtime":        {"p.rego": `package teg` + "\n" + `decision := opa.runtime().env.HOME`},
		"unused":             {"p.rego": "package teg\ndecision if { x := 1; true }"},
		"conflict":           {"p.rego": "package teg\ndecision := true", "q.rego": "package teg.decision\nx := 1"},
		"bytes of policies":  {"p.rego": "package teg\ndecision := true\n#" + strings.Repeat("x", 4<<20)},
		"no such file":       nil,
	} {
		dir := write(t, files)
		if files == nil {
			dir = filepath.Join(dir, "nowhere")
		}
		_, err := open(dir)
		require.ErrorContains(t, err, what)
	}
	dir := write(t, map[string]string{"p.rego": "package teg\ndecision := true"})
	d, err := open(dir)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "p.rego"), []byte("package teg\ndecision := "), 0o600))
	require.Error(t, d.Reload(context.Background()))
	got, err := d.Decide(context.Background(), payment)
	require.NoError(t, err)
	require.True(t, got[0].Allow)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "p.rego"), []byte("package teg\ndecision := false"), 0o600))
	require.NoError(t, d.Reload(context.Background()))
	got, err = d.Decide(context.Background(), payment)
	require.NoError(t, err)
	require.False(t, got[0].Allow)
	_, err = rego.Open(context.Background(), rego.Config{Dir: dir, Rule: "input.acts"})
	require.ErrorContains(t, err, "is no rule")
}

// A volume of Kubernetes has each file twice: in a hidden directory, and as a link to
// there. It is one policy, and a change of the link changes it.
func TestMountedVolumes(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"..1/p.rego": "package teg\ndefault decision := false\ndecision if input.acts[0].amount == \"10\"", "..2/p.rego": "package teg\ndefault decision := false",
		".hidden.rego": "not even Rego",
	})
	require.NoError(t, os.Symlink("..1", filepath.Join(dir, "..data")))
	require.NoError(t, os.Symlink(filepath.Join("..data", "p.rego"), filepath.Join(dir, "p.rego")))
	d, err := open(dir)
	require.NoError(t, err)
	for _, allowed := range []bool{true, false} {
		got, err := d.Decide(context.Background(), payment)
		require.NoError(t, err)
		require.Equal(t, allowed, got[0].Allow)
		require.NoError(t, os.Remove(filepath.Join(dir, "..data")))
		require.NoError(t, os.Symlink("..2", filepath.Join(dir, "..data")))
		require.NoError(t, d.Reload(context.Background()))
	}
}

// A policy that has no answer to give, or never ends, keeps an act from happening.
func TestPoliciesFailClosed(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a fault":     `decision if to_number(input.acts[0].by) > 1`,
		"two answers": `decision := true if not input.acts[0].all` + "\n" + `decision := false if input.acts[0].by`,
		"no verdict":  `decision := "yes"`,
		"for ever":    `decision if { some a in numbers.range(1, 100000); some b in numbers.range(1, 100000); a * b == 0 - 1 }`,
	} {
		d, err := open(write(t, map[string]string{"p.rego": "package teg\n" + text}))
		require.NoError(t, err, name)
		st := storetest.OpenSQLite(t)
		eng := tegtest.Over(t, st)
		alice := tegtest.Fund(t, eng, "did:example:alice", "10")
		watched, err := teg.New(context.Background(), st, teg.Config{Decider: d, DeciderTimeout: 300 * time.Millisecond})
		require.NoError(t, err)
		_, err = watched.TransferToSystem(context.Background(), teg.SystemTransferParams{From: alice, Amount: teg.AVT("1")})
		require.ErrorIs(t, err, teg.ErrUndecided, name)
		require.NoError(t, watched.Close())
		require.Equal(t, "10", tegtest.Available(t, eng, alice))
	}
}
