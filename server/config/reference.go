package config

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// Form says how a value of the variable is written, in a word or two.
func (v Variable) Form() string {
	kind := v.kind
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch kind {
	case reflect.TypeFor[Secret]():
		return "secret"
	case reflect.TypeFor[Database]():
		return "URL"
	case reflect.TypeFor[time.Duration]():
		return "duration"
	case reflect.TypeFor[amount.Amount]():
		return "amount"
	case reflect.TypeFor[amount.Rate]():
		return "fraction"
	case reflect.TypeFor[Percent]():
		return "percent"
	case reflect.TypeFor[did.DID]():
		return "DID"
	case reflect.TypeFor[slog.Level]():
		return "level"
	}
	switch kind.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "whole number"
	}
	return "text"
}

const introduction = `# Configuration

This page is written by ` + "`teg config docs`" + ` from the table in ` + "`server/config`" + `; change that, and run
` + "`make docs`" + `.

A setting has one name, that of its environment variable. The first place that has it decides:

1. the flag: ` + "`--listen-addr`" + ` for ` + "`LISTEN_ADDR`" + `. A command takes the flags that it needs, and no
   secrets: everybody on a machine can read a process's flags;
2. the environment;
3. the file that ` + "`--config`" + ` or ` + "`TEG_CONFIG`" + ` names: a line ` + "`NAME=value`" + ` each; one that begins with
   ` + "`#`" + ` is a comment, and a ` + "`#`" + ` behind a value belongs to it;
4. the default.

In the environment and in the file every name may end in ` + "`_FILE`" + `: the value is then what stands in the
file that is named, without the line break at its end. Use that for secrets. An empty value counts as none.

` + "`teg config check`" + ` prints the settings in force and where each comes from, secrets masked. All that is
wrong is listed at once, one line each, before the database is opened; so is a variable that begins with
` + "`TEG_`" + ` and is no setting, unless it is one of those of the client commands ([cli.md](cli.md)).

A duration is written ` + "`72h`, `2s`, `1h30m`, `30d`" + `; an amount in AVT with at most 18 decimals; a percentage
from 0 to 100 with at most 4 decimals; a fraction from 0 to 1 with at most 6.
`

// Reference is the documentation of all settings, in Markdown.
func Reference() string {
	var page strings.Builder
	page.WriteString(introduction)
	for _, v := range table {
		if v.group != "" {
			fmt.Fprintf(&page, "\n## %s\n\n| variable | written as | default | meaning |\n| --- | --- | --- | --- |\n", v.group)
		}
		standard := "none"
		if v.Default != "" {
			standard = "`" + v.Default + "`"
		}
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", v.Name, v.Form(), strings.ReplaceAll(standard, "|", `\|`), strings.ReplaceAll(v.Doc, "|", `\|`))
	}
	page.WriteString("\n## What production refuses\n\nWith `ENVIRONMENT=production` every command refuses what is unsafe, with these sentences:\n\n| variable | |\n| --- | --- |\n")
	for _, rule := range production {
		fmt.Fprintf(&page, "| `%s` | %s |\n", rule.variable, rule.problem)
	}
	page.WriteString("\nIn production `AUTO_PROVISION_SELF` is false unless it is set. Whoever sets it lets anybody in who can make a\nkey, which an open economy may want. `CONSOLE_ENABLED` is false there, too: who wants the console says so.\n")
	return page.String()
}
