package main

import (
	"fmt"
	"slices"
	"strings"
)

// clientTypes are the types of the client, in the order of the files.
type clientTypes struct {
	IDs     []clientType
	Enums   []*clientEnum
	Structs []clientStruct
	source  *source
}

type clientType struct{ Name, Comment string }

// clientEnum is a text of which the document knows some values.
type clientEnum struct {
	Name, Comment string
	Values        []clientCode
}

type clientStruct struct {
	Name, Comment string
	Embedded      []string
	Fields        []clientField
}

type clientField struct{ Name, Type, Tag, Comment string }

func (s *source) clientTypes() (*clientTypes, error) {
	t := &clientTypes{source: s}
	for _, name := range s.schemas.keys {
		written := s.schemas.object(name)
		switch {
		case written.has("id"):
			t.IDs = append(t.IDs, clientType{name, name + " is the id of " + written.text("of") + "."})
		case written.is("codes"), written.has("client"):
		case written.has("enum"):
			t.addEnum(name, written)
		case written.has("fields") || written.has("page") || written.has("include"):
			if err := t.addStruct(name, written); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	err := t.addQueryEnums()
	return t, err
}

// addEnum adds a text and its values, or more values of one that is known.
func (t *clientTypes) addEnum(name string, written *object) {
	at := slices.IndexFunc(t.Enums, func(e *clientEnum) bool { return e.Name == name })
	if at < 0 {
		at = len(t.Enums)
		t.Enums = append(t.Enums, &clientEnum{Name: name, Comment: name + " has one of the values below."})
		if description := written.text("description"); description != "" {
			t.Enums[at].Comment = name + ": " + uncapital(sentence(description))
		}
	}
	enum := t.Enums[at]
	for _, value := range written.texts("enum") {
		known := slices.ContainsFunc(enum.Values, func(c clientCode) bool { return c.Value == value })
		if value != "" && !known { // null is listed too, and is nil
			enum.Values = append(enum.Values, clientCode{Name: name + exported(value), Value: value})
		}
	}
}

func (t *clientTypes) addStruct(name string, written *object) error {
	if t.source.emptyBody(name) {
		return nil
	}
	made := clientStruct{Name: name, Comment: name + ": " + uncapital(sentence(written.text("description"))), Embedded: written.texts("include")}
	if written.has("page") {
		made.Embedded = append(made.Embedded, "Page")
	}
	fields := t.source.fieldsOf(written)
	for _, key := range fields.keys {
		field, err := t.field(key, fields.values[key], t.source.requests[name], optional(written, key))
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		made.Fields = append(made.Fields, field)
	}
	t.Structs = append(t.Structs, made)
	return nil
}

// emptyBody reports whether a schema is that of a body in which nothing is said.
func (s *source) emptyBody(name string) bool {
	written := s.schemas.object(name)
	return written.has("fields") && len(s.fieldsOf(written).keys) == 0 && !written.has("include")
}

func (t *clientTypes) field(key string, written any, request, optional bool) (clientField, error) {
	kind, description, err := t.fieldType(written, request)
	tag := key
	if optional {
		kind = t.optionalType(kind, written, request)
		tag += ",omitzero"
		if strings.HasPrefix(kind, "*") { // omitzero would leave out a pointer to an amount of zero
			tag = key + ",omitempty"
		}
	}
	return clientField{exported(key), kind, tag, description}, err
}

func (t *clientTypes) fieldType(written any, request bool) (kind, description string, err error) {
	if schema, ok := written.(*object); ok {
		kind, err = t.schemaType(schema, request)
		return kind, schema.text("description"), err
	}
	short, _ := written.(string)
	parts := shortField.FindStringSubmatch(short)
	kind, err = t.named(parts[2], request)
	switch {
	case parts[1] != "":
		kind = "[]" + kind
	case parts[3] != "":
		kind = "*" + kind
	}
	return kind, parts[4], err
}

// optionalType is the type of a field that may be left out. In a request a number, a
// choice without a default, and an object can be told from being left out: to take an
// amount of zero for none, and so for all, would cost money.
func (t *clientTypes) optionalType(kind string, written any, request bool) string {
	schema, _ := written.(*object)
	isStruct := slices.ContainsFunc(t.source.schemas.keys, func(name string) bool {
		return name == kind && t.source.schemas.object(name).has("fields")
	})
	number := slices.Contains([]string{"int", "int64", "float64", "amount.Amount", "Percent"}, kind)
	choice := kind == "bool" && schema != nil && !schema.has("default")
	if isStruct || request && (number || choice) {
		return "*" + kind
	}
	return kind
}

// named is the type of a schema that has a name.
func (t *clientTypes) named(name string, request bool) (string, error) {
	written := t.source.schemas.object(name)
	switch {
	case written.has("client"):
		return written.text("client"), nil
	case written.has("id"), written.is("codes"), written.has("enum"), written.has("fields"), written.has("page"), written.has("include"):
		return name, nil
	}
	return t.schemaType(written, request)
}

// schemaType is the type of a schema that stands where it is used.
func (t *clientTypes) schemaType(written *object, request bool) (string, error) {
	kind, null, err := t.simpleType(written, request)
	if null && err == nil && !strings.HasPrefix(kind, "*") {
		kind = "*" + kind
	}
	return kind, err
}

func (t *clientTypes) simpleType(written *object, request bool) (kind string, null bool, err error) {
	types := written.texts("type")
	if len(types) == 0 {
		types = []string{written.text("type")}
	}
	null = slices.Contains(types, "null")
	name := written.text("goname")
	if written.has("client") {
		name = written.text("client")
	}
	switch {
	case written.has("$ref"):
		kind, err = t.named(written.text("$ref"), request)
	case written.has("enum") && types[0] == "string":
		if name == "" || name == "string" {
			return "", null, fmt.Errorf("say by client what the type of the enum is called")
		}
		t.addEnum(name, written)
		kind = name
	case written.has("client"):
		kind = name
	default:
		kind, err = t.plainType(types[0], written, request)
	}
	return kind, null, err
}

func (t *clientTypes) plainType(name string, written *object, request bool) (string, error) {
	switch name {
	case "string":
		return "string", nil
	case "boolean":
		return "bool", nil
	case "number":
		return "float64", nil
	case "integer":
		if written.text("go") == "int" {
			return "int", nil
		}
		return "int64", nil
	case "array":
		items, err := t.schemaType(written.object("items"), request)
		return "[]" + items, err
	case "object":
		if inner := written.object("additionalProperties"); len(inner.keys) > 0 {
			value, err := t.schemaType(inner, request)
			return "map[string]" + value, err
		}
		if request {
			return "any", nil
		}
		return "json.RawMessage", nil
	}
	return "", fmt.Errorf("the type %q needs a type of the client: say it by client", name)
}

// addQueryEnums adds those that stand in parameters alone.
func (t *clientTypes) addQueryEnums() error {
	return t.source.eachOperation(func(o *operation) error {
		return o.written.object("query").each(func(_ string, parameter *object) error {
			described := newObject("description", parameter.text("description"))
			schema := parameter.object("schema")
			for _, key := range schema.keys {
				described.set(key, schema.values[key])
			}
			_, err := t.schemaType(described, true)
			return err
		})
	})
}

// uncapital begins a text with a small letter, unless its first word has more capitals.
func uncapital(text string) string {
	if len(text) < 2 || strings.ToUpper(text[:2]) == text[:2] && text[1] != ' ' {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}
