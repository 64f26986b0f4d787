package console_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/console"
	"github.com/agentvault/teg-layer/server/openapi"
)

// schema is what of one is looked at.
type schema struct {
	Ref        string `json:"$ref"`
	Required   []string
	Properties map[string]schema
	AllOf      []schema
	AnyOf      []schema
	OneOf      []schema
	Items      *schema
}

// document is what of the API's document is looked at.
type document struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct{ Schemas map[string]schema }
}

// operation is what of one is looked at.
type operation struct {
	Parameters  []schema
	RequestBody struct {
		Content map[string]struct{ Schema schema }
	}
}

// fields are the names of all that an object may have, by dots, and whether each is required.
func (d *document) fields(s schema, within string, into map[string]bool) {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = d.Components.Schemas[name]
	}
	for _, list := range [][]schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, part := range list {
			d.fields(part, within, into)
		}
	}
	if s.Items != nil {
		d.fields(*s.Items, within, into)
	}
	for name, property := range s.Properties {
		into[within+name] = false
		d.fields(property, within+name+".", into)
	}
	for _, name := range s.Required {
		into[within+name] = true
	}
}

// Each act is an operation of the API, with fields that it has, and all that it requires.
func TestActsAreOperations(t *testing.T) {
	var d document
	require.NoError(t, json.Unmarshal(openapi.JSON("/api/v1"), &d))
	variable := regexp.MustCompile(`\{([a-z_]+)\}`)
	for _, a := range console.Acts() {
		text, ok := d.Paths[a.Path][strings.ToLower(a.Method)]
		require.True(t, ok, "%s: there is no %s %s", a.Name, a.Method, a.Path)
		var o operation
		require.NoError(t, json.Unmarshal(text, &o))
		require.Equal(t, slices.ContainsFunc(o.Parameters, func(p schema) bool { return strings.HasSuffix(p.Ref, "/Idempotency-Key") }), a.Keyed, a.Name)
		allowed := map[string]bool{}
		d.fields(o.RequestBody.Content["application/json"].Schema, "", allowed)
		for _, match := range variable.FindAllStringSubmatch(a.Path, -1) {
			require.Contains(t, a.Fields, match[1], a.Name)
			allowed[match[1]] = true
		}
		for name := range a.Fields {
			require.Contains(t, allowed, name, a.Name)
		}
		for name, required := range allowed {
			if required && !strings.Contains(name, ".") {
				require.True(t, a.Fields[name], "%s: %s is required", a.Name, name)
			}
		}
	}
}
