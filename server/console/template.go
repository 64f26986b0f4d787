package console

import (
	"embed"
	"fmt"
	"html/template"
	"math/big"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/auth"
)

//go:embed templates/*.html
var templates embed.FS

// parse reads the templates: each page with the frame and the parts that all have.
func (c *Console) parse() (map[string]*template.Template, error) {
	shared, err := template.New("").Funcs(c.functions()).ParseFS(templates, "templates/frame.html", "templates/parts.html")
	if err != nil {
		return nil, err
	}
	entries, err := templates.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	parsed := map[string]*template.Template{}
	for _, entry := range entries {
		own, err := shared.Clone()
		if err != nil {
			return nil, err
		}
		if own, err = own.ParseFS(templates, path.Join("templates", entry.Name())); err != nil {
			return nil, err
		}
		parsed[strings.TrimSuffix(entry.Name(), ".html")] = own
	}
	for _, p := range c.pages {
		if parsed[p.name] == nil {
			return nil, fmt.Errorf("console: the page %s has no template", p.name)
		}
	}
	return parsed, nil
}

// functions are what templates may use.
func (c *Console) functions() template.FuncMap {
	return template.FuncMap{
		"base": func() string { return c.config.Base },
		"href": func(parts ...any) string { return c.href(texts(parts)...) },
		"asset": func(name string) (string, error) {
			found := c.assets[name]
			if found == nil {
				return "", fmt.Errorf("there is no file %s", name)
			}
			return c.config.Base + "/static/" + name + "?v=" + found.version, nil
		},
		"place": func(value any) string { return c.place(text(value)) },
		"short": func(value any) string { return shorten(text(value)) },
		"score": func(places int, score *float64) string { return strconv.FormatFloat(*score, 'f', places, 64) },
		"money": func(value any) string { return grouped(text(value)) },
		"text":  text,
		"when":  func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
		"stamp": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"words": func(value any) string { return strings.ReplaceAll(strings.ToLower(text(value)), "_", " ") },
		"roles": func(roles auth.Roles) string { return strings.Join(roles.Names(), ", ") },
		"list":  func(items ...any) []any { return items },
	}
}

// text is what a value reads as; of a pointer what it points to.
func text(value any) string {
	if at := reflect.ValueOf(value); at.Kind() == reflect.Pointer && !at.IsNil() {
		return fmt.Sprint(at.Elem().Interface())
	}
	return fmt.Sprint(value)
}

func texts(values []any) []string {
	list := make([]string, len(values))
	for i, value := range values {
		list[i] = text(value)
	}
	return list
}

// longest is how many characters of a name are shown; the rest is in its title.
const longest = 32

// shorten leaves out the middle of a long name, as beginning and end tell names apart.
func shorten(text string) string {
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	runes := []rune(text)
	return string(runes[:18]) + "…" + string(runes[len(runes)-10:])
}

// grouped sets the digits before the point of an amount in threes.
func grouped(text string) string {
	sign, number := "", text
	if strings.HasPrefix(number, "-") {
		sign, number = "−", number[1:]
	}
	whole, fraction, pointed := strings.Cut(number, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if pointed {
		whole += "." + fraction
	}
	return sign + whole
}

// share is which part of a whole an amount is, from 0 to 1, for pictures alone.
func share(part, whole amount.Amount) float64 {
	if whole.IsZero() {
		return 0
	}
	ratio, _ := new(big.Rat).SetFrac(part.Big(), whole.Big()).Float64()
	return ratio
}

// places are the pages of what has an id, by how the id begins.
var places = []struct{ prefix, path string }{
	{"did:", "agents"}, {"tx_", "transactions"}, {"flag_", "flags"}, {"disp_", "disputes"}, {"pol_", "policies"}, {"evt_", "audit-log"}, {"wh_", "webhooks"},
}

// systemNames are those that the economy itself has unless it is given others. They are no agents,
// and have no page.
var systemNames = []string{"did:agentvault:treasury", "did:agentvault:issuance", "did:agentvault:rewards", "did:agentvault:arbitrator"}

// place is the page of an id or a DID; empty where there is none.
func (c *Console) place(value string) string {
	if slices.Contains(systemNames, value) {
		return ""
	}
	for _, each := range places {
		if strings.HasPrefix(value, each.prefix) && c.hasPage("/"+each.path+"/{id}") {
			return c.href(each.path, value)
		}
	}
	return ""
}

func (c *Console) hasPage(path string) bool {
	for i := range c.pages {
		if c.pages[i].path == path {
			return true
		}
	}
	return false
}
