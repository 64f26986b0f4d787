package teglayer_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// mutant is the program with one fault in it, and the tests that must find that.
type mutant struct {
	Name, File, Find, Put string
	Package, Run          string
}

func mutants(t *testing.T) []mutant {
	var list []mutant
	decoder := yaml.NewDecoder(strings.NewReader(read(t, "testdata/mutants.yaml")))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&list))
	require.NotEmpty(t, list)
	return list
}

// The tests are tested: each fault of the list makes those fail that are named with it, and
// without it they pass. That takes a build for each, so that it is asked for: make mutants
// sets TEG_TEST_MUTANTS to "all", or to a part of a name. Otherwise only the list is held
// against the source, in which each fault has its place.
func TestMutants(t *testing.T) {
	asked := os.Getenv("TEG_TEST_MUTANTS")
	passes := map[string]bool{} // tests that were seen to pass without any fault
	tried := 0
	for _, m := range mutants(t) {
		require.Equal(t, 1, strings.Count(read(t, m.File), m.Find), "%s: its place in %s", m.Name, m.File)
		if asked == "" || asked != "all" && !strings.Contains(m.Name, asked) {
			continue
		}
		tried++
		t.Run(m.Name, func(t *testing.T) {
			sound := m.Package + " " + m.Run
			if !passes[sound] {
				output, err := m.test("")
				require.NoError(t, err, "without the fault: %s", output)
				require.NotContains(t, output, "no tests to run")
				passes[sound] = true
			}
			output, err := m.test(m.overlay(t))
			require.NotContains(t, output, "[build failed]")
			require.NotContains(t, output, "[setup failed]")
			require.Error(t, err, "%s survives: %s", m.Name, output)
			require.Contains(t, output, "FAIL")
		})
	}
	require.True(t, asked == "" || tried > 0, "no fault is called %s", asked)
}

// overlay names a file that tells go what to read in place of the source.
func (m *mutant) overlay(t *testing.T) string {
	file, err := filepath.Abs(m.File)
	require.NoError(t, err)
	changed := filepath.Join(t.TempDir(), filepath.Base(m.File))
	require.NoError(t, os.WriteFile(changed, []byte(strings.Replace(read(t, m.File), m.Find, m.Put, 1)), 0o600))
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
	require.NoError(t, err)
	list := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(list, text, 0o600))
	return list
}

func (m *mutant) test(overlay string) (output string, err error) {
	args := []string{"test", "-count=1", "-failfast", "-timeout=5m", "-run=" + m.Run}
	if overlay != "" {
		args = append(args, "-overlay="+overlay)
	}
	text, err := exec.Command("go", append(args, m.Package)...).CombinedOutput()
	return string(text), err
}
