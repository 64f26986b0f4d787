package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// clientOperation is an operation on its way to a method of the client.
type clientOperation struct {
	ID, Name, Comment string
	Method, Path      string
	Root, Anonymous   bool
	Keyed             bool
	Secret            bool              // whether its answer stands in no error
	Repeat            string            // the constant of the client that says when it may be sent again
	Arguments         []clientField     // Name, Type; Tag is the name in a query
	Variables         []string          // expressions for what stands in the path
	Query             *clientStruct     // nil without
	Body              string            // its type; empty without
	Filled            []clientField     // lists in it that are sent even if empty
	NoBody            bool              // whether an empty one is sent
	Answer            string            // its type; "bytes" for a file, "" for nothing
	Statuses          []string          // under which it comes
	Page              *clientPagination // nil where it has no pages
}

// clientPagination is what an iterator over pages needs.
type clientPagination struct{ Name, Field, Item string }

func (s *source) clientOperations() ([]clientOperation, error) {
	var list []clientOperation
	t := &clientTypes{source: s}
	err := s.eachOperation(func(o *operation) error {
		if o.written.has("stream") {
			return nil
		}
		made, err := t.operation(o)
		list = append(list, made)
		return err
	})
	return list, err
}

// eachOperation calls a function for every operation, as it is written.
func (s *source) eachOperation(do func(o *operation) error) error {
	for _, tag := range s.tags {
		err := s.paths[tag].each(func(path string, item *object) error {
			for _, method := range item.keys {
				if method == "root" {
					continue
				}
				o := &operation{source: s, path: path, method: method, tag: tag, root: item.is("root"), written: item.object(method)}
				if err := do(o); err != nil {
					return fmt.Errorf("%s: %w", method, err)
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s: %w", tag, err)
		}
	}
	return nil
}

func (t *clientTypes) operation(o *operation) (clientOperation, error) {
	id := o.written.text("id")
	made := clientOperation{
		ID: id, Name: capital(id), Method: methodName(o.method), Path: o.path, Root: o.root,
		Anonymous: o.root || o.tag == "Authentication", Keyed: o.written.is("keyed"), Secret: o.written.is("secret"), Repeat: o.repeat(),
	}
	made.Comment = o.clientComment(made.Name)
	if err := t.addArguments(&made, o); err != nil {
		return made, err
	}
	if err := t.addQuery(&made, o); err != nil {
		return made, err
	}
	if err := t.addBody(&made, o); err != nil {
		return made, err
	}
	made.addAnswer(o)
	return made, t.addPage(&made, o)
}

func methodName(method string) string {
	return map[string]string{"get": "MethodGet", "post": "MethodPost", "put": "MethodPut", "delete": "MethodDelete"}[method]
}

// repeat says when a request may be sent again of which nobody knows what became.
func (o *operation) repeat() string {
	switch id := o.written.text("id"); {
	case strings.HasPrefix(o.path, "/health"), id == "refresh":
		return "never" // who asks wants to know at once; a refresh token is good once
	case id == "challenge", id == "logout":
		return "always" // nothing is stored; what has ended ends again
	case !o.writes():
		return "reading"
	case o.written.is("keyed") || o.written.is("replays"):
		return "always"
	}
	return "untouched"
}

func (o *operation) clientComment(name string) string {
	where := strings.ToUpper(o.method) + " " + o.path
	text := name + " is " + where + ": " + uncapital(o.description())
	var more []string
	if o.written.is("keyed") {
		more = append(more, "It is sent under a key, see [Key].")
	}
	if codes := o.written.texts("errors"); len(codes) > 0 {
		names := make([]string, len(codes))
		for i, code := range codes {
			names[i] = "[" + codeName(code) + "]"
		}
		more = append(more, "Errors of its own: "+strings.Join(names, ", ")+".")
	}
	if len(more) == 0 {
		return text
	}
	return text + "\n\n" + strings.Join(more, " ")
}

func (made *clientOperation) addAnswer(o *operation) {
	if o.written.has("file") || o.written.has("raw") {
		made.Answer, made.Statuses = "bytes", []string{"200"}
		return
	}
	answers := o.written.object("answers")
	made.Statuses = slices.Sorted(maps.Keys(answers.values))
	made.Answer = answers.text(made.Statuses[0])
	if made.Answer == "none" {
		made.Answer = ""
	}
}

func (t *clientTypes) addPage(made *clientOperation, o *operation) error {
	if !o.written.is("page") {
		return nil
	}
	list := t.source.schemas.object(made.Answer).object("page")
	if len(list.keys) != 1 {
		return fmt.Errorf("%s is no page", made.Answer)
	}
	name := o.written.text("all")
	if name == "" {
		name = "All" + strings.TrimPrefix(made.Name, "List")
	}
	made.Page = &clientPagination{Name: name, Field: exported(list.keys[0]), Item: list.text(list.keys[0])}
	return nil
}

// Success reports whether the only answer is 200.
func (made clientOperation) Success() bool {
	return slices.Equal(made.Statuses, []string{strconv.Itoa(http.StatusOK)})
}

// Names are the names of the arguments, to be handed on.
func (made clientOperation) Names() string {
	var b strings.Builder
	for _, a := range made.Arguments {
		b.WriteString(a.Name + ", ")
	}
	return b.String()
}

// Given is the expression for the parameters of the query; empty without any.
func (made clientOperation) Given() string {
	given := ""
	if made.Query != nil {
		given = "query.values()"
	}
	for _, a := range made.Arguments {
		if a.Tag == "" {
			continue
		}
		if given == "" {
			given = "url.Values{}"
		}
		given = fmt.Sprintf("with(%s, %q, %s)", given, a.Tag, textOf(a))
	}
	return given
}
