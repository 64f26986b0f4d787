package config

import (
	"reflect"
	"slices"
	"strings"
)

// FileVariable names the configuration file. It is read from a flag or from
// the environment, and is no setting itself.
const FileVariable = "TEG_CONFIG"

// ClientVariables are read by the commands that ask a server, and are no settings of one:
// they may stand in its environment.
var ClientVariables = []string{
	"TEG_URL", "TEG_API_PREFIX", "TEG_SERVICE", "TEG_TOKEN", "TEG_TOKEN_FILE", "TEG_DID", "TEG_KEY_FILE",
}

// fileSuffix turns a name into that of the variable that names a file with the
// value.
const fileSuffix = "_FILE"

// Variable is a row of the table of settings.
type Variable struct {
	Name    string // of the environment variable
	Default string // "" for none
	Doc     string // one line that says what it does
	Secret  bool   // values are never shown
	Later   bool   // values are checked, and not used in this version

	group string       // the heading that begins with this variable; "" for that of the one before
	field string       // of Config
	kind  reflect.Type // of the field
}

// Flag returns the name of the flag, without dashes.
func (v Variable) Flag() string { return FlagName(v.Name) }

// FlagName returns the name of the flag for a variable: listen-addr for
// LISTEN_ADDR.
func FlagName(variable string) string {
	return strings.ToLower(strings.ReplaceAll(variable, "_", "-"))
}

// table is made once from the tags of Config.
var table = makeTable()

// Variables lists every setting in the order of the documentation.
func Variables() []Variable { return slices.Clone(table) }

func makeTable() []Variable {
	var rows []Variable
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		f := t.Field(i)
		name, doc, later := f.Tag.Get("env"), f.Tag.Get("doc"), f.Tag.Get("later") == "true"
		if name == "" {
			continue
		}
		if later {
			doc += " (not in this version)"
		}
		rows = append(rows, Variable{
			Name: name, Default: f.Tag.Get("envDefault"), Doc: doc, Secret: f.Tag.Get("secret") == "true", Later: later,
			group: f.Tag.Get("group"), field: f.Name, kind: f.Type,
		})
	}
	return rows
}

// find returns the row of a variable.
func find(name string) (Variable, bool) {
	i := slices.IndexFunc(table, func(v Variable) bool { return v.Name == name })
	if i < 0 {
		return Variable{}, false
	}
	return table[i], true
}
