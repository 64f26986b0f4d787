package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/openapi"
)

// contract is the OpenAPI document, ready to hold requests and answers against. The
// schemas are compiled once, when they are needed first: kin-openapi reads the document,
// and would compile a schema anew for each body.
type contract struct {
	document   *openapi3.T
	operations []*operation
	byRoute    sync.Map // "GET /token/balance" -> *operation, of paths without variables

	mu       sync.Mutex
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema // by their place in the document
}

// operation is one of the document's, with how its paths look.
type operation struct {
	method, template string
	root             bool // not under the prefix
	path             *regexp.Regexp
	names            []string // of the path's variables
	*openapi3.Operation
}

var theContract = sync.OnceValue(func() *contract {
	text := openapi.JSON(prefix)
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		panic(err)
	}
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		panic(err)
	}
	c := &contract{document: document, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource("teg.json", raw); err != nil {
		panic(err)
	}
	for template, item := range document.Paths.Map() {
		for method, each := range item.Operations() {
			c.operations = append(c.operations, newOperation(method, template, len(item.Servers) > 0, each))
		}
	}
	return c
})

var variable = regexp.MustCompile(`\{([a-z_]+)\}`)

func newOperation(method, template string, root bool, from *openapi3.Operation) *operation {
	o := &operation{method: method, template: template, root: root, Operation: from}
	for _, found := range variable.FindAllStringSubmatch(template, -1) {
		o.names = append(o.names, found[1])
	}
	full := template
	if !root {
		full = prefix + template
	}
	o.path = regexp.MustCompile("^" + variable.ReplaceAllString(strings.ReplaceAll(regexp.QuoteMeta(full), `\`, ""), "([^/]+)") + "$")
	o.path = regexp.MustCompile(strings.NewReplacer("/tile/entries/([^/]+)", "/tile/entries/(.+)", "/tile/([^/]+)", "/tile/(.+)").Replace(o.path.String())) // what contains slashes
	return o
}

// find is the operation of a request, the one with the fewest variables where several fit.
func (c *contract) find(method, path string) *operation {
	if known, ok := c.byRoute.Load(method + " " + path); ok {
		return known.(*operation)
	}
	var found *operation
	for _, each := range c.operations {
		if each.method == method && each.path.MatchString(path) && (found == nil || len(each.names) < len(found.names) || len(each.names) == len(found.names) && len(each.template) > len(found.template)) {
			found = each
		}
	}
	if found != nil && len(found.names) == 0 {
		c.byRoute.Store(method+" "+path, found)
	}
	return found
}

// schema compiles the schema at a place in the document, such as
// /components/schemas/Hold.
func (c *contract) schema(t testing.TB, place string) *jsonschema.Schema {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.schemas[place]; known != nil {
		return known
	}
	compiled, err := c.compiler.Compile("teg.json#" + place)
	require.NoError(t, err, place)
	c.schemas[place] = compiled
	return compiled
}

// hold holds an answer, and a request that was taken, against the document.
func (c *contract) hold(t testing.TB, request *http.Request, sent []byte, answer *httptest.ResponseRecorder) {
	t.Helper()
	what := request.Method + " " + request.URL.Path + " " + strconv.Itoa(answer.Code)
	if request.Method == http.MethodHead || request.Method == http.MethodOptions && answer.Code < 300 {
		return
	}
	o := c.find(request.Method, request.URL.EscapedPath())
	var problem struct {
		Code string `json:"error_code"`
	}
	_ = json.Unmarshal(answer.Body.Bytes(), &problem) // not every answer is one
	if o == nil || problem.Code == "ROUTE_NOT_FOUND" {
		require.Contains(t, []string{"ROUTE_NOT_FOUND", "METHOD_NOT_ALLOWED", "SYS_UNAVAILABLE"}, problem.Code, "%s: the document does not have it", what)
		c.body(t, what, "/components/schemas/Problem", answer.Body.Bytes())
		return
	}
	response, place := o.response(answer.Code)
	require.NotNil(t, response, "%s %s: the document has no such status\n%s", what, problem.Code, answer.Body)
	c.headers(t, what, response, answer.Result().Header)
	if len(response.Content) == 0 {
		require.Zero(t, answer.Body.Len(), "%s: the document has no body", what)
		return
	}
	media := answer.Result().Header.Get("Content-Type")
	require.NotNil(t, response.Content.Get(media), "%s: the document has no %s", what, media)
	if strings.HasPrefix(media, "application/json") {
		c.body(t, what, place+"/content/application~1json/schema", answer.Body.Bytes())
	}
	if answer.Code < 300 {
		c.request(t, what, o, request, sent)
	}
}

// response is the answer of a status, and its place in the document.
func (o *operation) response(status int) (*openapi3.Response, string) {
	found := o.Responses.Status(status)
	if found == nil {
		return nil, ""
	}
	if found.Ref != "" {
		return found.Value, strings.TrimPrefix(found.Ref, "#")
	}
	return found.Value, o.place() + "/responses/" + strconv.Itoa(status)
}

func (o *operation) place() string {
	return "/paths/" + strings.ReplaceAll(o.template, "/", "~1") + "/" + strings.ToLower(o.method)
}

func (c *contract) body(t testing.TB, what, place string, text []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err, what)
	require.NoError(t, c.schema(t, url.PathEscape(place)).Validate(value), "%s\n%s", what, text)
}

// everywhere are headers that the document tells of once, for all answers.
var everywhere = []string{"Content-Type", "Content-Length", "Content-Encoding", "X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "Strict-Transport-Security",
	"Cache-Control", "X-Accel-Buffering", "Vary", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}

func (c *contract) headers(t testing.TB, what string, response *openapi3.Response, given http.Header) {
	t.Helper()
	for name, header := range response.Headers {
		values := given.Values(name)
		if header.Value.Required {
			require.Len(t, values, 1, "%s: the document has the header %s", what, name)
		}
		for _, value := range values {
			place := "/components/headers/" + strings.TrimPrefix(header.Ref, "#/components/headers/") + "/schema"
			c.text(t, what+": "+name, place, header.Value.Schema.Value, value)
		}
	}
	for name := range given {
		documented := response.Headers[name] != nil || slices.ContainsFunc(slices.Collect(keysOf(response.Headers)), func(each string) bool { return strings.EqualFold(each, name) })
		require.True(t, documented || slices.Contains(everywhere, name), "%s: the document does not have the header %s", what, name)
	}
}

func keysOf(headers openapi3.Headers) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range headers {
			if !yield(name) {
				return
			}
		}
	}
}

// text holds the text of a header or parameter against its schema.
func (c *contract) text(t testing.TB, what, place string, schema *openapi3.Schema, text string) {
	t.Helper()
	var value any = text
	if schema.Type.Is("integer") || schema.Type.Is("boolean") {
		require.NoError(t, json.Unmarshal([]byte(text), &value), "%s: %s", what, text)
	}
	require.NoError(t, c.schema(t, url.PathEscape(place)).Validate(value), "%s: %s", what, text)
}

// request holds a request that was taken against the document.
func (c *contract) request(t testing.TB, what string, o *operation, request *http.Request, sent []byte) {
	t.Helper()
	query := request.URL.Query()
	variables := o.path.FindStringSubmatch(request.URL.EscapedPath())
	for i, parameter := range o.Parameters {
		place := o.place() + "/parameters/" + strconv.Itoa(i) + "/schema"
		if parameter.Ref != "" {
			place = strings.TrimPrefix(parameter.Ref, "#") + "/schema"
		}
		p := parameter.Value
		var given []string
		switch p.In {
		case "query":
			given = query[p.Name]
			delete(query, p.Name)
		case "header":
			given = request.Header.Values(p.Name)
		case "path":
			decoded, err := url.PathUnescape(variables[1+slices.Index(o.names, p.Name)])
			require.NoError(t, err)
			given = []string{decoded}
		}
		require.False(t, p.Required && len(given) == 0, "%s: %s is required", what, p.Name)
		for _, each := range given {
			c.text(t, what+": "+p.Name, place, p.Schema.Value, each)
		}
	}
	require.Empty(t, query, "%s: parameters that the document does not have", what)
	if o.RequestBody != nil {
		c.taken(t, what, o.place()+"/requestBody/content/application~1json/schema", sent)
	}
}

// taken holds a body that was taken against its schema: null counts as absent.
func (c *contract) taken(t testing.TB, what, place string, sent []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(sent))
	require.NoError(t, err, what)
	withoutNull(value)
	require.NoError(t, c.schema(t, url.PathEscape(place)).Validate(value), "%s\n%s", what, sent)
}

func withoutNull(value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, each := range value {
			if each == nil {
				delete(value, key)
			}
			withoutNull(each)
		}
	case []any:
		for _, each := range value {
			withoutNull(each)
		}
	}
}
