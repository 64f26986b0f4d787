package teglayer_test

import (
	"go/version"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
	"gopkg.in/yaml.v3"

	"github.com/agentvault/teg-layer/server/config"
)

// The files that packages and services are made of.
const (
	dockerfile = "Dockerfile"
	composed   = "compose.yaml"
	unit       = "deploy/systemd/teg.service"
	settings   = "deploy/teg.env.example"
	releases   = ".goreleaser.yaml"
)

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(content)
}

// notSettings are variables that others read.
var notSettings = []string{"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE", "CGO_ENABLED", "TARGETOS", "TARGETARCH", "VERSION", "GO_VERSION"}

// Whatever the packaging sets is a setting.
func TestPackagingSetsWhatThereIs(t *testing.T) {
	var known []string
	for _, v := range config.Variables() {
		known = append(known, v.Name, v.Name+"_FILE")
	}
	assigned := regexp.MustCompile(`(?m)(?:^|[ =#"])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=|: )`)
	for _, name := range []string{dockerfile, composed, unit, settings} {
		found := 0
		for _, match := range assigned.FindAllStringSubmatch(read(t, name), -1) {
			if slices.Contains(notSettings, match[1]) {
				continue
			}
			require.Contains(t, known, match[1], name)
			found++
		}
		require.Positive(t, found, name)
	}
}

// The example of settings is good for production as it is, but for the secrets.
func TestExampleSettingsAreGood(t *testing.T) {
	c, err := config.Load(config.Sources{Environ: []string{"TEG_CONFIG=" + settings, "JWT_SECRET_KEY=pZ0x7Qm3vK9tW2sR5yB8nD1fH4jL6gC0aE7u"}})
	require.NoError(t, err)
	require.Equal(t, config.Production, c.Environment)
}

type service struct {
	Environment map[string]string
	Secrets     []string
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	Command     []string
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
}

// The services of the compose file have their secrets as files, migrate before they serve,
// and can write nothing.
func TestComposeFile(t *testing.T) {
	var file struct {
		Services map[string]service
		Secrets  map[string]struct{ File string }
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, composed)), &file))
	script := read(t, "deploy/secrets.sh")
	for name, secret := range file.Secrets {
		require.Equal(t, "./deploy/secrets/"+name, secret.File)
		require.Contains(t, script, "keep "+name)
	}
	for name, s := range file.Services {
		for variable, value := range s.Environment {
			if path, ok := strings.CutPrefix(value, "/run/secrets/"); ok {
				require.True(t, strings.HasSuffix(variable, "_FILE"), variable)
				require.Contains(t, s.Secrets, path, name)
			}
			require.NotRegexp(t, `PASSWORD$|SECRET_KEY$`, variable, "secrets are files")
		}
		if name != "database" {
			require.True(t, s.ReadOnly, name)
			require.Equal(t, []string{"ALL"}, s.CapDrop, name)
		}
	}
	require.Equal(t, []string{"migrate", "up"}, file.Services["migrate"].Command)
	require.Equal(t, "service_completed_successfully", file.Services["server"].DependsOn["migrate"].Condition)
}

// The image and the releases are built alike, without cgo, with everything, and so that
// the same source gives the same binary.
func TestReleasesAndImageAreBuiltAlike(t *testing.T) {
	var file struct {
		Builds []struct{ Env, Flags, Tags, Ldflags []string }
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, releases)), &file))
	require.Len(t, file.Builds, 1)
	built, image := file.Builds[0], read(t, dockerfile)
	require.Equal(t, []string{"CGO_ENABLED=0"}, built.Env)
	require.Equal(t, []string{"full"}, built.Tags)
	for _, part := range slices.Concat(built.Env, built.Flags, []string{"-tags full", "-s -w -buildid= -X main.version="}) {
		require.Contains(t, image, part)
	}
	with := regexp.MustCompile(`(?m)^ARG GO_VERSION=(1\.\d+\.\d+)$`).FindStringSubmatch(image)
	require.NotNil(t, with, "the image is built with one version of Go")
	least := regexp.MustCompile(`build with Go (1\.\d+\.\d+) or later`).FindStringSubmatch(read(t, "SECURITY.md"))
	require.NotNil(t, least)
	require.GreaterOrEqual(t, version.Compare("go"+with[1], "go"+least[1]), 0, "SECURITY.md wants a later Go than the image has")
	require.Contains(t, built.Ldflags[0], "-s -w -buildid= -X main.version=")
	require.Regexp(t, `(?m)^USER 65532:65532$`, image)
	require.Regexp(t, `(?m)^HEALTHCHECK .* CMD \["/teg", "health"\]$`, image)
}

// CONTRIBUTING.md has each direct dependency in one row of its tables, and no others.
func TestDependenciesHaveReasons(t *testing.T) {
	file, err := modfile.Parse("go.mod", []byte(read(t, "go.mod")), nil)
	require.NoError(t, err)
	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]+`) \\| ([^|]+) \\|").FindAllStringSubmatch(read(t, "CONTRIBUTING.md"), -1) {
		require.NotEmpty(t, strings.TrimSpace(row[2]), "%s is for nothing", row[1])
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			require.NotContains(t, told, name[1], "it has two rows")
			told = append(told, name[1])
		}
	}
	used := map[string]bool{}
	for _, r := range file.Require {
		if r.Indirect {
			continue
		}
		path := strings.TrimPrefix(r.Mod.Path, "github.com/")
		i := slices.IndexFunc(told, func(name string) bool { return name == path || strings.HasPrefix(path, name+"/") })
		require.GreaterOrEqual(t, i, 0, "%s is not in CONTRIBUTING.md: say what it is for, and why this one", path)
		used[told[i]] = true
	}
	for _, name := range told {
		require.True(t, used[name], "%s is in CONTRIBUTING.md, and go.mod does not have it", name)
	}
}
