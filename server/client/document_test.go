package client_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/openapi"
)

// node is an object of the document.
type node = map[string]any

// operation is one of the document's.
type operation struct {
	id, method, path string
	root             bool
	parameters       []node
	request          any         // the example of its body; nil without
	answers          map[int]any // the examples of what is no error; nil for one without a body, and for files
	file             bool
}

// document is the OpenAPI document, read without any of the client's own code.
type document struct {
	raw      node
	compiler *jsonschema.Compiler
}

func readDocument(t *testing.T) *document {
	t.Helper()
	text := openapi.JSON(openapi.DefaultPrefix)
	d := &document{compiler: jsonschema.NewCompiler()}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	schemas, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	require.NoError(t, d.compiler.AddResource("teg.json", schemas))
	require.NoError(t, json.Unmarshal(text, &d.raw))
	return d
}

// in walks into an object by names.
func in(from any, names ...string) node {
	found, _ := from.(node)
	for _, name := range names {
		found, _ = found[name].(node)
	}
	return found
}

// resolve follows a reference.
func (d *document) resolve(value any) node {
	found, _ := value.(node)
	if ref, is := found["$ref"].(string); is {
		return in(d.raw, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return found
}

func (d *document) operations() []operation {
	var list []operation
	paths := in(d.raw, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := in(paths, path)
		for _, method := range slices.Sorted(maps.Keys(item)) {
			if method == "servers" {
				continue
			}
			if strings.HasPrefix(path, "/events") {
				continue // streams, which are read by hand
			}
			list = append(list, d.operation(path, method, item))
		}
	}
	return list
}

func (d *document) operation(path, method string, item node) operation {
	written := in(item, method)
	o := operation{id: written["operationId"].(string), method: strings.ToUpper(method), path: path, root: item["servers"] != nil, answers: map[int]any{}}
	for _, each := range written["parameters"].([]any) {
		o.parameters = append(o.parameters, d.resolve(each))
	}
	o.request = in(written, "requestBody", "content", "application/json")["example"]
	for status, response := range in(written, "responses") {
		code, _ := strconv.Atoi(status)
		full := d.resolve(response)
		example, given := in(full, "content", "application/json")["example"]
		switch {
		case given || code == 204:
			o.answers[code] = example
		case code == 200:
			o.answers[code], o.file = nil, true
		}
	}
	return o
}

// examples are those of parameters that stand in the path or in the query, by name.
func (o operation) examples(where string) map[string]string {
	found := map[string]string{}
	for _, p := range o.parameters {
		if p["in"] == where {
			text, _ := json.Marshal(p["example"])
			found[p["name"].(string)] = strings.Trim(string(text), `"`)
		}
	}
	return found
}

var variables = regexp.MustCompile(`\{([a-z_]+)\}`)

// arguments are the examples of what a method takes by itself: what stands in the path,
// and parameters that are required.
func (o operation) arguments() []string {
	var list []string
	path := o.examples("path")
	for _, found := range variables.FindAllStringSubmatch(o.path, -1) {
		list = append(list, path[found[1]])
	}
	query := o.examples("query")
	for _, p := range o.parameters {
		if p["in"] == "query" && p["required"] == true {
			list = append(list, query[p["name"].(string)])
		}
	}
	return list
}

// where is the path of a request with these examples.
func (o operation) where() string {
	path := o.examples("path")
	full := variables.ReplaceAllStringFunc(o.path, func(name string) string { return path[strings.Trim(name, "{}")] })
	if o.root {
		return full
	}
	return openapi.DefaultPrefix + full
}

// holds requires a body to be what the document says.
func (d *document) holds(t *testing.T, o operation, body []byte) {
	t.Helper()
	place := "teg.json#/paths/" + strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(o.path, "/", "~1"), "{", "%7B"), "}", "%7D")
	schema, err := d.compiler.Compile(place + "/" + strings.ToLower(o.method) + "/requestBody/content/application~1json/schema")
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(value), "%s: %s", o.id, body)
}
