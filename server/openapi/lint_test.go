package openapi_test

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/openapi"
)

// node is an object of the document.
type node = map[string]any

func document(t *testing.T) node {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(openapi.JSON(openapi.DefaultPrefix)))
	require.NoError(t, err)
	return value.(node)
}

// in walks into the document by names.
func in(from any, names ...string) node {
	found, _ := from.(node)
	for _, name := range names {
		found, _ = found[name].(node)
	}
	return found
}

// operations calls a function for each operation.
func operations(d node, do func(what string, operation node)) {
	for path, item := range in(d, "paths") {
		for method, each := range item.(node) {
			if method != "servers" {
				do(strings.ToUpper(method)+" "+path, each.(node))
			}
		}
	}
}

var (
	operationID = regexp.MustCompile(`^[a-z][A-Za-z0-9]+$`)
	statusForm  = regexp.MustCompile(`^[1-5][0-9][0-9]$`)
)

// Each operation has a name of its own, says what it does, belongs to a tag that there is,
// and tells of its errors.
func TestOperationsAreDescribed(t *testing.T) {
	d, seen := document(t), map[string]string{}
	var tags []string
	for _, tag := range d["tags"].([]any) {
		tags = append(tags, tag.(node)["name"].(string))
		require.NotEmpty(t, tag.(node)["description"])
	}
	operations(d, func(what string, o node) {
		id := o["operationId"].(string)
		require.Regexp(t, operationID, id, what)
		require.Empty(t, seen[id], "%s and %s are both called %s", what, seen[id], id)
		seen[id] = what
		require.NotEmpty(t, o["summary"], what)
		require.False(t, strings.HasSuffix(o["summary"].(string), "."), "%s: a summary is no sentence", what)
		require.True(t, strings.HasSuffix(o["description"].(string), "."), "%s: a description is a sentence", what)
		require.Len(t, o["tags"], 1, what)
		require.Contains(t, tags, o["tags"].([]any)[0], what)
		require.NotNil(t, o["security"], what)
		responses := in(o, "responses")
		for status := range responses {
			require.Regexp(t, statusForm, status, what)
		}
		for _, status := range []string{"401", "422", "500"} {
			require.Contains(t, responses, status, what)
		}
	})
}

// Everything that can be said of a field is: what it is, whether there can be others, and
// what it looks like.
func TestSchemasAreDescribed(t *testing.T) {
	for name, schema := range in(document(t), "components", "schemas") {
		s := schema.(node)
		require.NotEmpty(t, s["description"], name)
		if s["type"] == "object" {
			require.Contains(t, s, "additionalProperties", name)
		}
		for field, property := range in(s, "properties") {
			p, what := property.(node), name+"."+field
			require.NotEmpty(t, p["description"], what)
			require.True(t, strings.HasSuffix(p["description"].(string), "."), "%s: a description is a sentence", what)
			require.True(t, p["type"] != nil || p["$ref"] != nil || p["anyOf"] != nil || p["oneOf"] != nil, "%s has no type", what)
			if p["type"] == "array" {
				require.NotNil(t, p["items"], what)
			}
			for _, banned := range []string{"nullable", "example"} {
				require.NotContains(t, p, banned, "%s: not in OpenAPI 3.1", what)
			}
		}
		for _, each := range orNone(s["required"]) {
			require.Contains(t, in(s, "properties"), each, name)
		}
	}
}

func orNone(list any) []any {
	found, _ := list.([]any)
	return found
}

// Nothing is kept that nothing refers to.
func TestComponentsAreUsed(t *testing.T) {
	text := string(openapi.JSON(openapi.DefaultPrefix))
	for kind, components := range in(document(t), "components") {
		for name := range components.(node) {
			if kind != "securitySchemes" {
				require.Contains(t, text, fmt.Sprintf(`"$ref":"#/components/%s/%s"`, kind, name), "nothing refers to it")
			}
		}
	}
}

// examples is a compiler of the document's schemas.
type examples struct {
	t        *testing.T
	compiler *jsonschema.Compiler
}

// hold holds an example against the schema at a place in the document.
func (e *examples) hold(what string, place []string, example any) {
	e.t.Helper()
	for i := range place {
		place[i] = url.PathEscape(strings.ReplaceAll(strings.ReplaceAll(place[i], "~", "~0"), "/", "~1"))
	}
	schema, err := e.compiler.Compile("teg.json#/" + strings.Join(place, "/"))
	require.NoError(e.t, err, what)
	require.NoError(e.t, schema.Validate(example), what)
}

// media holds all examples of a body, of which there must be one.
func (e *examples) media(what string, place []string, content node) {
	e.t.Helper()
	for kind, each := range content {
		body := each.(node)
		if kind != "application/json" || in(body, "schema")["$ref"] == nil && body["examples"] == nil {
			continue // a file
		}
		at := append(slices.Clone(place), "content", kind, "schema")
		given := 0
		if example, ok := body["example"]; ok {
			given++
			e.hold(what, slices.Clone(at), example)
		}
		for name, example := range in(body, "examples") {
			given++
			e.hold(what+" "+name, slices.Clone(at), example.(node)["value"])
		}
		require.NotZero(e.t, given, "%s has no example", what)
	}
}

// Every request, every answer, every parameter and every header has an example, and it is
// what its schema says.
func TestExamples(t *testing.T) {
	d := document(t)
	e := &examples{t: t, compiler: jsonschema.NewCompiler()}
	e.compiler.DefaultDraft(jsonschema.Draft2020)
	e.compiler.AssertFormat()
	require.NoError(t, e.compiler.AddResource("teg.json", d))
	operations(d, func(what string, o node) {
		method, path, _ := strings.Cut(what, " ")
		at := []string{"paths", path, strings.ToLower(method)}
		e.media(what, append(slices.Clone(at), "requestBody"), in(o, "requestBody", "content"))
		for status, response := range in(o, "responses") {
			e.media(what+" "+status, append(slices.Clone(at), "responses", status), in(response, "content"))
		}
		for i, parameter := range orNone(o["parameters"]) {
			if p := parameter.(node); p["$ref"] == nil {
				e.hold(what, append(slices.Clone(at), "parameters", fmt.Sprint(i), "schema"), p["example"])
			}
		}
	})
	for name, response := range in(d, "components", "responses") {
		e.media(name, []string{"components", "responses", name}, in(response, "content"))
	}
	for _, kind := range []string{"parameters", "headers"} {
		for name, each := range in(d, "components", kind) {
			e.hold(name, []string{"components", kind, name, "schema"}, each.(node)["example"])
		}
	}
}
