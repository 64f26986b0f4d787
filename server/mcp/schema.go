package mcp

import (
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
)

// schemaOf is the schema of a Go type in which nothing is null. What may be missing is left
// out, and lists are there: some models' providers take no other schemas.
func schemaOf[T any]() *jsonschema.Schema {
	schema, err := jsonschema.For[T](nil)
	if err != nil { // of types that are written here
		panic(err)
	}
	withoutNull(schema)
	return schema
}

func withoutNull(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if rest := slices.DeleteFunc(slices.Clone(s.Types), func(name string) bool { return name == "null" }); len(rest) == 1 {
		s.Type, s.Types = rest[0], nil
	}
	for _, property := range s.Properties {
		withoutNull(property)
	}
	withoutNull(s.Items)
}
