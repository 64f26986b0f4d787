package config

import "strings"

// Setting is a setting in force, as it may be shown to people.
type Setting struct {
	Variable
	Value  string // masked where it is secret; "" for none
	Source string // "flag --debug", "environment", "file /etc/teg.conf", "default", ...
}

// Effective lists every setting in force, in the order of the documentation.
func (c *Config) Effective() []Setting { return append([]Setting(nil), c.settings...) }

// Unused lists the settings that somebody gave and this version does not use.
func (c *Config) Unused() []Setting {
	var unused []Setting
	for _, s := range c.settings {
		if s.Later && s.Source != "" && !strings.HasPrefix(s.Source, byDefault) {
			unused = append(unused, s)
		}
	}
	return unused
}

// mask stands for a secret, whatever its length.
const mask = "********"

func (c *collector) list() []Setting {
	settings := make([]Setting, len(table))
	for i, v := range table {
		found := c.values[v.Name]
		text := found.text
		switch {
		case v.Name == "DATABASE_URL":
			database, _ := ParseDatabaseURL(text) // which Load has accepted
			text = database.String()
		case v.Secret && text != "":
			text = mask
		}
		settings[i] = Setting{Variable: v, Value: strings.ToValidUTF8(text, "?"), Source: found.source}
	}
	return settings
}
