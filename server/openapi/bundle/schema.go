package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const schemaRef = "#/components/schemas/"

// keywords are those of JSON Schema that the files use, beside the short forms.
var keywords = []string{
	"$ref", "type", "format", "description", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "enum", "const", "default",
	"items", "minItems", "maxItems", "uniqueItems", "properties", "required", "additionalProperties", "not", "go", "goname", "client", "secret",
}

// schemas makes the schemas of the document.
func (s *source) expandSchemas() (*object, error) {
	all := newObject()
	err := s.schemas.each(func(name string, written *object) error {
		schema, err := s.expandNamed(name, written)
		all.set(name, schema)
		return err
	})
	return all, err
}

func (s *source) expandNamed(name string, written *object) (*object, error) {
	switch {
	case written.has("id"):
		return newObject("type", "string", "description", "The id of "+written.text("of")+".", "pattern", "^"+written.text("id")+"_[0-9a-f]{32}$"), nil
	case written.is("codes"):
		codes := make([]any, 0, len(s.head.object("codes").keys))
		for _, code := range s.head.object("codes").keys {
			codes = append(codes, code)
		}
		return newObject("type", "string", "description", written.text("description"), "enum", codes), nil
	case written.has("fields") || written.has("page") || written.has("include"):
		return s.expandObject(name)
	}
	return s.expandSchema(written)
}

// expandObject makes the schema of an object: what it includes, its page, its fields.
func (s *source) expandObject(name string) (*object, error) {
	properties, required, err := s.properties(name)
	if err != nil {
		return nil, err
	}
	schema := newObject("type", "object", "description", s.schemas.object(name).text("description"), "properties", properties)
	if len(required) > 0 {
		schema.set("required", required)
	}
	schema.set("additionalProperties", false)
	return schema, nil
}

func (s *source) properties(name string) (*object, []any, error) {
	written := s.schemas.object(name)
	properties, required := newObject(), []any{}
	take := func(other string) error {
		more, needed, err := s.properties(other)
		for _, key := range more.keys {
			properties.set(key, more.values[key])
		}
		required = append(required, needed...)
		return err
	}
	for _, other := range written.texts("include") {
		if err := take(other); err != nil {
			return nil, nil, err
		}
	}
	fields := s.fieldsOf(written)
	for _, key := range fields.keys {
		schema, err := s.expandField(fields.values[key])
		if err != nil {
			return nil, nil, fmt.Errorf("%s.%s: %w", name, key, err)
		}
		properties.set(key, schema)
		if !optional(written, key) {
			required = append(required, key)
		}
	}
	if written.has("page") {
		return properties, required, take("Page")
	}
	return properties, required, nil
}

// fieldsOf are the fields that are the schema's own, the list of a page first.
func (s *source) fieldsOf(written *object) *object {
	fields := newObject()
	for _, list := range written.object("page").keys {
		fields.set(list, "[]"+written.object("page").text(list)+" The items of the page.")
	}
	for _, key := range written.object("fields").keys {
		fields.set(key, written.object("fields").values[key])
	}
	return fields
}

func optional(written *object, key string) bool {
	return written.text("optional") == "all" || slices.Contains(written.texts("optional"), key)
}

var shortField = regexp.MustCompile(`^(\[\])?([A-Z][A-Za-z]*)(\?)? (\S.*\.)$`)

func (s *source) expandField(written any) (*object, error) {
	switch written := written.(type) {
	case *object:
		if !written.has("description") {
			return nil, fmt.Errorf("must have a description")
		}
		return s.expandSchema(written)
	case string:
		parts := shortField.FindStringSubmatch(written)
		if parts == nil {
			return nil, fmt.Errorf("%q must be the name of a schema and a sentence", written)
		}
		if !s.schemas.has(parts[2]) {
			return nil, fmt.Errorf("there is no schema %s", parts[2])
		}
		ref := newObject("$ref", schemaRef+parts[2])
		switch {
		case parts[1] != "":
			return newObject("type", "array", "description", parts[4], "items", ref), nil
		case parts[3] != "":
			return newObject("description", parts[4], "anyOf", []any{ref, newObject("type", "null")}), nil
		}
		ref.set("description", parts[4])
		return ref, nil
	}
	return nil, fmt.Errorf("must be a schema, or a text")
}

// expandSchema takes a schema as it is written, refuses what is no keyword, and completes
// its references.
func (s *source) expandSchema(written *object) (*object, error) {
	schema := newObject()
	for _, key := range written.keys {
		value := written.values[key]
		if !slices.Contains(keywords, key) {
			return nil, fmt.Errorf("%q is no keyword that is used here; is a comma not quoted?", key)
		}
		switch key {
		case "go", "goname", "client", "secret":
			continue
		case "$ref":
			if !s.schemas.has(written.text(key)) {
				return nil, fmt.Errorf("there is no schema %v", value)
			}
			value = schemaRef + written.text(key)
		}
		expanded, err := s.expandWithin(key, value)
		if err != nil {
			return nil, err
		}
		schema.set(key, expanded)
	}
	if isInteger(schema) && !schema.has("format") {
		schema.set("format", "int64")
	}
	return split(schema), nil
}

// split makes a choice between schemas of one that allows texts and numbers, which many
// generators of clients do not take otherwise.
func split(schema *object) *object {
	types := schema.texts("type")
	if len(types) != 2 || slices.Contains(types, "null") {
		return schema
	}
	whole, branches := newObject(), map[bool]*object{true: newObject("type", types[0]), false: newObject("type", types[1])}
	for _, key := range schema.keys {
		switch key {
		case "type":
		case "description":
			whole.set(key, schema.values[key])
		default:
			ofText := slices.Contains([]string{"pattern", "minLength", "maxLength", "not"}, key)
			branches[ofText == (types[0] == "string")].set(key, schema.values[key])
		}
	}
	whole.set("oneOf", []any{branches[true], branches[false]})
	return whole
}

// isInteger reports whether a schema is for whole numbers, or null beside them.
func isInteger(schema *object) bool {
	return schema.text("type") == "integer" || slices.Contains(schema.texts("type"), "integer") && !slices.Contains(schema.texts("type"), "string")
}

// expandWithin completes the schemas within a keyword.
func (s *source) expandWithin(key string, value any) (any, error) {
	inner, isObject := value.(*object)
	switch {
	case isObject && key == "properties":
		properties := newObject()
		err := inner.each(func(name string, written *object) error {
			schema, err := s.expandSchema(written)
			properties.set(name, schema)
			return err
		})
		return properties, err
	case isObject && slices.Contains([]string{"items", "additionalProperties", "not"}, key):
		return s.expandSchema(inner)
	case isObject && key != "default":
		return nil, fmt.Errorf("%s cannot be an object here", key)
	}
	return value, nil
}

// sentence makes a text one that ends like one.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text != "" && !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
