package main

import (
	"io/fs"
	"strings"
)

const engine = "github.com/agentvault/teg-layer/teg"

// Types makes the document of which the types of server/api are made: the schemas alone,
// with the types that the engine has for them, and with what a schema includes by
// reference, which becomes an embedded struct.
func Types(files fs.FS) ([]byte, error) {
	s, err := load(files)
	if err != nil {
		return nil, err
	}
	if _, err := s.document(); err != nil { // refuses what is not right
		return nil, err
	}
	schemas := newObject()
	for _, name := range s.schemas.keys {
		schemas.set(name, s.typeOf(name))
	}
	return writeYAML(newObject(
		"openapi", s.head.values["openapi"], "info", newObject("title", "types", "version", "1"), "paths", newObject(), "components", newObject("schemas", schemas),
	))
}

func (s *source) typeOf(name string) *object {
	written := s.schemas.object(name)
	switch {
	case written.has("id"):
		return goType(newObject("type", "string", "description", name+" is the id of "+written.text("of")+"."), "teg."+name)
	case written.is("codes"):
		return newObject("type", "string", "description", written.text("description"), "enum", s.codeNames())
	case written.has("fields") || written.has("page") || written.has("include"):
		return s.structOf(name)
	}
	return s.typeSchema(written, s.requests[name])
}

func (s *source) codeNames() []any {
	var list []any
	for _, code := range s.head.object("codes").keys {
		list = append(list, code)
	}
	return list
}

func (s *source) structOf(name string) *object {
	written := s.schemas.object(name)
	properties, required := newObject(), []any{}
	fields := s.fieldsOf(written)
	for i, key := range fields.keys {
		may := optional(written, key)
		property := s.typeField(fields.values[key], s.requests[name], may)
		property.set("x-order", i)
		properties.set(key, property)
		if !may {
			required = append(required, key)
		}
	}
	own := newObject("type", "object", "description", written.text("description"), "properties", properties, "required", required)
	if len(fields.keys) == 0 {
		return goType(own, "struct{}")
	}
	included := written.texts("include")
	if written.has("page") {
		included = append(included, "Page")
	}
	if len(included) == 0 {
		return own
	}
	parts := []any{}
	for _, other := range included {
		parts = append(parts, newObject("$ref", schemaRef+other))
	}
	own.remove("description")
	return newObject("description", written.text("description"), "allOf", append(parts, own))
}

func (s *source) typeField(written any, request, optional bool) *object {
	short, isShort := written.(string)
	if !isShort {
		return s.skipPointer(s.typeSchema(written.(*object), request), optional)
	}
	parts := shortField.FindStringSubmatch(short)
	ref := s.typeRef(parts[2], request)
	switch {
	case parts[1] != "":
		return newObject("type", "array", "description", parts[4], "items", ref)
	case parts[3] != "":
		return newObject("description", parts[4], "anyOf", []any{ref, newObject("type", "null")})
	}
	ref.set("description", parts[4])
	return ref
}

// typeRef refers to a schema. Ids in requests are texts, which are read in their turn.
func (s *source) typeRef(name string, request bool) *object {
	if request && s.schemas.object(name).has("id") {
		return newObject("type", "string")
	}
	return newObject("$ref", schemaRef+name)
}

// typeSchema keeps of a schema what makes a type.
func (s *source) typeSchema(written *object, request bool) *object {
	schema := newObject()
	for _, key := range written.keys {
		switch value := written.values[key]; key {
		case "type", "format", "description", "enum":
			schema.set(key, value)
		case "$ref":
			ref := s.typeRef(written.text(key), request)
			schema.set(ref.keys[0], ref.values[ref.keys[0]])
		case "items":
			schema.set(key, s.typeSchema(written.object(key), request))
		case "additionalProperties":
			if inner, ok := value.(*object); ok {
				value = s.typeSchema(inner, request)
			}
			schema.set(key, value)
		}
	}
	if isInteger(schema) && !schema.has("format") {
		schema.set("format", "int64")
	}
	return named(schema, written)
}

// named gives a schema the type that it is written to have.
func named(schema, written *object) *object {
	if name := written.text("goname"); name != "" && name != "string" {
		schema.set("x-go-type-name", name)
	} else if name == "string" {
		schema.set("x-go-type", name)
		schema.remove("enum")
	}
	if written.is("secret") { // its value is never repeated
		schema.set("x-oapi-codegen-extra-tags", newObject("strict", "secret"))
	}
	if name := written.text("go"); name != "" {
		schema.remove("enum")
		return goType(schema, name)
	}
	return schema
}

func goType(schema *object, name string) *object {
	schema.set("x-go-type", name)
	if strings.HasPrefix(name, "teg.") {
		schema.set("x-go-type-import", newObject("path", engine))
	}
	return schema
}

// skipPointer leaves out the pointer of an optional field that can be nil without one.
func (s *source) skipPointer(schema *object, optional bool) *object {
	name := schema.text("x-go-type")
	list := schema.text("type") == "array" || name == "json.RawMessage" || strings.HasPrefix(name, "map[")
	if optional && list {
		schema.set("x-go-type-skip-optional-pointer", true)
	}
	return schema
}
