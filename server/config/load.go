package config

import (
	"errors"
	"log/slog"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/auth"
)

// Load returns the configuration that the sources give. The error joins every
// [*Fault] there is; [Faults] lists them.
func Load(s Sources) (*Config, error) {
	found := collect(s)
	config := &Config{}
	found.parse(config)
	found.check(config)
	if len(found.faults) > 0 {
		return nil, joined(found.faults)
	}
	config.settings = found.list()
	return config, nil
}

// parse reads the texts into the fields of the configuration.
func (c *collector) parse(into *Config) {
	texts := map[string]string{}
	for name, v := range c.values {
		texts[name] = v.text
	}
	err := env.ParseWithOptions(into, env.Options{
		Environment: texts,
		FuncMap: map[reflect.Type]env.ParserFunc{
			reflect.TypeFor[time.Duration](): func(s string) (any, error) { return ParseDuration(s) },
		},
	})
	var all env.AggregateError
	if !errors.As(err, &all) {
		return
	}
	for _, e := range all.Errors {
		c.unparsed(e)
	}
}

// unparsed notes a value that its field does not take.
func (c *collector) unparsed(err error) {
	var at env.ParseError
	if !errors.As(err, &at) {
		c.fail("configuration", "", "the table of settings is faulty: "+err.Error())
		return
	}
	i := slices.IndexFunc(table, func(v Variable) bool { return v.field == at.Name })
	v := table[i]
	c.wrong(v.Name, wanted(v.kind, at.Err))
}

// wrong notes what the value of a variable must be, and the value itself unless
// it is secret, or has an address with a user in it: people put passwords there.
func (c *collector) wrong(name, problem string) {
	found := c.values[name]
	if v, _ := find(name); !v.Secret && found.text != "" && !withUser.MatchString(found.text) {
		problem += ", not " + strconv.Quote(shortened(found.text))
	}
	c.fail(name, found.source, problem)
}

var withUser = regexp.MustCompile(`//[^/\s]*@`)

func shortened(text string) string {
	if runes := []rune(text); len(runes) > 64 {
		return string(runes[:64]) + "..."
	}
	return text
}

// wanted says what a value of a type must be. Only problems are repeated: the
// messages of other packages may hold the value.
func wanted(kind reflect.Type, err error) string {
	var p problem
	if errors.As(err, &p) {
		return string(p)
	}
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch kind {
	case reflect.TypeFor[bool]():
		return "must be true or false"
	case reflect.TypeFor[int](), reflect.TypeFor[int64]():
		return "must be a whole number"
	case reflect.TypeFor[slog.Level]():
		return "must be debug, info, warn or error"
	case reflect.TypeFor[auth.Algorithm]():
		return "must be HS256, RS256, ES256 or EdDSA"
	case reflect.TypeFor[amount.Amount]():
		return "must be an amount of AVT such as 0.001, with at most 18 decimals"
	case reflect.TypeFor[amount.Rate]():
		return "must be a fraction from 0 to 1 such as 0.05, with at most 6 decimals"
	case reflect.TypeFor[did.DID]():
		return "must be a DID such as did:web:example.com"
	}
	return "cannot be read"
}
