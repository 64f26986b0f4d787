package console

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/server/auth"
)

// act is something that can be done: a form, and the call that it makes. It is asked for
// twice: the first time shows what the call is and what it would do, the second makes it,
// once, whatever is pressed how often.
type act struct {
	name   string // of its address, acts/NAME
	title  string
	about  string // what it does, for who is about to do it
	submit string // on the button that does it
	roles  auth.Roles
	method string
	path   string // below the prefix; {variables} are fields
	fields []field
	back   string // of what it is done to, below the base; {variables} are fields. Empty: the overview
	list   string // of one item, in which what the fields give is sent; empty: it is the body

	keyless bool // whether its call takes no key, so that the server does not know it again
}

// field is what is asked for. A name with dots is a field of an object: penalties.token_penalty.
type field struct {
	name, label, hint string
	kind              fieldKind
	choices           []string
	required          bool
	always            bool // whether an empty one is sent, too
}

// fieldKind says how a field is asked for and sent.
type fieldKind string

const (
	textField   fieldKind = ""
	longField   fieldKind = "long"
	amountField fieldKind = "amount"
	agentField  fieldKind = "agent"
	wholeField  fieldKind = "whole"
	choiceField fieldKind = "choice" // one of its choices, as any kind can have them
	fixedField  fieldKind = "fixed"  // which the page gives that leads here
	flagField   fieldKind = "flag"
	listField   fieldKind = "list" // one a line
	jsonField   fieldKind = "json"
)

// form is an act as its pages show it.
type form struct {
	Act, Title, About, Submit string
	By                        string // for whom the page is
	Fields                    []asked
	Problem                   string
	Faults                    map[string]string // by field
	Back                      string

	Asking  bool     // whether it is asked for the second time
	Doubt   bool     // whether it may have been done already
	Key     string   // under which it is done
	Command string   // that does the same
	Preview *preview // what the server says it would do; nil where it does not
	Answer  []fact   // what was done
}

// asked is a field with what was given for it.
type asked struct {
	field
	Value, Fault string
}

// The parts of a field that templates show.
func (a asked) Name() string      { return a.name }
func (a asked) Label() string     { return a.label }
func (a asked) Hint() string      { return a.hint }
func (a asked) Kind() string      { return string(a.kind) }
func (a asked) Choices() []string { return a.choices }
func (a asked) Required() bool    { return a.required }

// form shows the empty form of an act, with what the address gives for its fields.
func (c *Console) form(v *visit) error {
	a, err := v.act()
	if err != nil {
		return err
	}
	return v.show("form", a.title, v.formOf(a, v.r.URL.Query()))
}

// act is asked to do something: to show it first, and then to do it.
func (c *Console) act(v *visit) error {
	a, err := v.act()
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return v.refuse(v.formOf(a, nil), http.StatusBadRequest, "The form could not be read.")
	}
	if by := v.r.PostForm.Get("by"); by != "" && by != v.who.Agent.String() {
		f := v.formOf(a, nil)
		f.Back = v.console.config.Base
		return v.refuse(f, http.StatusConflict, "Nothing was done: that page was for "+by+", and you are "+f.By+" by now.")
	}
	f := v.formOf(a, v.r.PostForm)
	path, body, missing := a.call(v.r.PostForm)
	if missing != "" {
		f.fault(missing, "is needed")
		return v.refuse(f, http.StatusUnprocessableEntity, "")
	}
	f.Command = command(v.console.origin(v.r)+v.console.config.Prefix, a.method, path, body, "")
	if v.r.PostForm.Get("step") == "do" {
		if !stale(v.r.PostForm.Get("key"), time.Now()) {
			return v.do(a, f, path, body)
		}
		f.Problem = "That page is old. Look whether it was done from there, before you do it from here."
	}
	return v.ask(a, f, path, body)
}

// act is that of the address.
func (v *visit) act() (*act, error) {
	a := v.console.acts[v.r.PathValue("act")]
	switch {
	case a == nil:
		return nil, errNoPage
	case a.roles != 0 && !v.who.may(a.roles):
		return nil, errRole
	}
	return a, nil
}

func (v *visit) formOf(a *act, given url.Values) *form {
	f := &form{Act: a.name, Title: a.title, About: a.about, Submit: a.submit, By: v.who.Agent.String(), Back: v.console.config.Base + a.back}
	for _, each := range a.fields {
		value := each.given(given)
		f.Fields = append(f.Fields, asked{field: each, Value: value})
		f.Back = strings.ReplaceAll(f.Back, "{"+each.name+"}", url.PathEscape(value))
	}
	f.Back = strings.TrimSuffix(f.Back, "/") // to the list, where it is of nothing in particular yet
	return f
}

func (f *form) fault(name, message string) {
	for i := range f.Fields {
		if f.Fields[i].name == name {
			f.Fields[i].Fault = message
		}
	}
}

// refuse shows the form again, with what is wrong.
func (v *visit) refuse(f *form, status int, why string) error {
	v.status, f.Problem = status, why
	return v.show("form", f.Title, f)
}

// call is the call that a form asks for. Where a field is missing that is needed, it says which.
func (a *act) call(given url.Values) (path string, body any, missing string) {
	path = a.path
	object := map[string]any{}
	for _, each := range a.fields {
		text := strings.TrimSpace(each.given(given))
		variable := "{" + each.name + "}"
		switch {
		case text == "" && (each.required || strings.Contains(path, variable)):
			return "", nil, each.name
		case text == "" && !each.always:
		case strings.Contains(path, variable):
			path = strings.ReplaceAll(path, variable, url.PathEscape(text))
		default:
			set(object, strings.Split(each.name, "."), each.value(text))
		}
	}
	switch {
	case a.method == http.MethodDelete:
		return path, nil, ""
	case a.list != "":
		return path, map[string]any{a.list: []any{object}}, ""
	}
	return path, object, ""
}

// given is what was given for a field: its first value, as it is what is sent, and of a list,
// which may be given one by one, all.
func (f field) given(values url.Values) string {
	if f.kind == listField {
		return strings.Join(values[f.name], "\n")
	}
	return values.Get(f.name)
}

// value is what is sent for a text. What is no such value is sent as it is: the server says what
// is wrong with it.
func (f field) value(text string) any {
	switch f.kind {
	case wholeField, jsonField:
		if json.Valid([]byte(text)) {
			return json.RawMessage(text)
		}
	case flagField:
		return text == "true"
	case listField:
		return strings.Fields(text)
	}
	return text
}

// set puts a value into an object, by a path of names.
func set(object map[string]any, path []string, value any) {
	for ; len(path) > 1; path = path[1:] {
		inner, ok := object[path[0]].(map[string]any)
		if !ok {
			inner = map[string]any{}
			object[path[0]] = inner
		}
		object = inner
	}
	object[path[0]] = value
}

// command is a call as a line for a shell.
func command(api, method, path string, body any, key string) string {
	line := curl
	if method != http.MethodPost {
		line += " -X " + method
	}
	if key != "" {
		line += " -H " + quoted("Idempotency-Key: "+key)
	}
	if body != nil {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(body) // strings, numbers, and what was valid JSON
		line += " -H 'Content-Type: application/json' -d " + quoted(strings.TrimSpace(text.String()))
	}
	return line + " " + quoted(api+path)
}
