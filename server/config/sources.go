package config

import (
	"maps"
	"os"
	"slices"
	"strings"
)

// Sources are the places that settings come from. [FromProcess] gives those of
// the running program; tests make their own.
type Sources struct {
	// Flags are the values of the flags that were given, by the names of their
	// variables; TEG_CONFIG may be among them.
	Flags map[string]string
	// Environ is the environment, "NAME=value" each, as os.Environ has it.
	Environ []string
	// Defaults are a command's own, under everything else, by variable.
	Defaults map[string]string
	// WithoutTokens is for commands that neither check nor mint tokens: a key
	// that is missing is no fault then.
	WithoutTokens bool
	// ReadFile reads the files that are named; os.ReadFile when it is nil.
	ReadFile func(path string) ([]byte, error)
}

// FromProcess returns the sources of the running program, with the flags that
// were given.
func FromProcess(flags map[string]string) Sources {
	return Sources{Flags: flags, Environ: os.Environ()}
}

// value is a setting that was found.
type value struct {
	text   string
	source string // for people: "flag --listen-addr", "environment", "default"
}

// byDefault begins the source of what nobody gave.
const byDefault = "default"

// collector looks through the sources, from the weakest to the strongest.
type collector struct {
	Sources
	values map[string]value
	faults []*Fault
}

// collect returns the text of every setting that has one, with the defaults.
func collect(s Sources) *collector {
	if s.ReadFile == nil {
		s.ReadFile = os.ReadFile
	}
	c := &collector{Sources: s, values: map[string]value{}}
	for _, v := range table {
		c.set(v.Name, v.Default, byDefault)
	}
	for name, text := range s.Defaults {
		c.set(name, text, byDefault+" of the command")
	}
	environ := split(s.Environ)
	if path := s.Flags[FileVariable]; path != "" {
		c.addFile(path)
	} else if path := environ[FileVariable]; path != "" {
		c.addFile(path)
	}
	c.addLayer(environ, "environment")
	c.refuseUnknown(environ)
	for name, text := range s.Flags {
		if name != FileVariable {
			c.set(name, text, "flag --"+FlagName(name))
		}
	}
	c.derive()
	return c
}

// set replaces a setting by one of a stronger source. An empty text is none.
func (c *collector) set(name, text, source string) {
	if _, ok := find(name); !ok && text != "" {
		c.fail(name, source, "is not a setting; `teg config check` lists those there are")
	} else if text != "" {
		c.values[name] = value{text, source}
	}
}

func (c *collector) fail(name, source, problem string) {
	c.faults = append(c.faults, &Fault{Variable: name, Source: source, Problem: problem})
}

// addLayer takes the known variables of one source, by themselves or by _FILE.
func (c *collector) addLayer(layer map[string]string, source string) {
	for _, v := range table {
		text, path := layer[v.Name], layer[v.Name+fileSuffix]
		switch {
		case text != "" && path != "":
			c.fail(v.Name, source, "is given together with "+v.Name+fileSuffix+"; keep one of them")
		case path != "":
			c.set(v.Name, c.contents(v.Name, path), source+" "+v.Name+fileSuffix)
		default:
			c.set(v.Name, text, source)
		}
	}
}

// refuseUnknown refuses variables that look like settings and are none.
func (c *collector) refuseUnknown(environ map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		if !strings.HasPrefix(name, "TEG_") || name == FileVariable || isSetting(name) || slices.Contains(ClientVariables, name) {
			continue
		}
		c.fail(name, "environment", "is not a setting; unset it or correct its name, `teg config check` lists those there are")
	}
}

func isSetting(name string) bool {
	_, ok := find(strings.TrimSuffix(name, fileSuffix))
	return ok
}

// derived are the settings that are true in development and false in production unless they
// are given.
var derived = []string{"AUTO_PROVISION_SELF", "CONSOLE_ENABLED"}

// derive sets the defaults that depend on other settings.
func (c *collector) derive() {
	text := "true"
	if c.values["ENVIRONMENT"].text == Production.String() {
		text = "false"
	}
	for _, name := range derived {
		if _, given := c.values[name]; !given {
			c.values[name] = value{text, byDefault}
		}
	}
}

// split makes a map of an environment; of two equal names the last holds.
func split(environ []string) map[string]string {
	m := make(map[string]string, len(environ))
	for _, entry := range environ {
		if name, text, ok := strings.Cut(entry, "="); ok && name != "" {
			m[name] = text
		}
	}
	return m
}
