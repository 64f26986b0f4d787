package attestation_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/governance/attestation"
	"github.com/agentvault/teg-layer/ledger"
)

const schema = `{
	"type": "object", "required": ["order", "price"], "additionalProperties": false,
	"properties": {
		"order": {"type": "string", "pattern": "^[a-z]+$"},
		"price": {"type": "integer", "minimum": 1, "multipleOf": 5},
		"items": {"type": "array", "items": {"$ref": "#/$defs/item"}}
	},
	"$defs": {"item": {"type": "object", "properties": {"n": {"enum": [1, 2]}}}}
}`

func TestSchema(t *testing.T) {
	compiled, err := attestation.CompileSchema([]byte(schema))
	require.NoError(t, err)
	require.NoError(t, compiled.Check(`{"items":[{"n":1},{}],"order":"a","price":10}`))
	for data, fields := range map[string][]string{
		`{}`:                               {"attestation_data"},
		`{"order":"A","price":0}`:          {"attestation_data.order", "attestation_data.price"},
		`{"order":"a","price":7}`:          {"attestation_data.price"},
		`{"order":"a","price":5,"more":1}`: {"attestation_data"},
		`{"items":[{},{"n":3}],"order":"a","price":5}`: {"attestation_data.items[1].n"},
	} {
		err := compiled.Check(data)
		require.ErrorIs(t, err, ledger.ErrInvalidInput)
		var refused *attestation.DataError
		require.True(t, errors.As(err, &refused), data)
		var got []string
		for _, fault := range refused.Faults {
			got = append(got, fault.Field)
			require.NotEmpty(t, fault.Message)
		}
		require.Equal(t, fields, got, data)
	}
}

// doubling is a schema in which each part is looked through twice by the next one.
func doubling(levels int) string {
	parts := []string{`"p0":{}`}
	for i := range levels {
		parts = append(parts, fmt.Sprintf(`"p%d":{"allOf":[{"$ref":"#/$defs/p%d"},{"$ref":"#/$defs/p%d"}]}`, i+1, i, i))
	}
	return fmt.Sprintf(`{"allOf":[{"$ref":"#/$defs/p%d"}],"$defs":{%s}}`, levels, strings.Join(parts, ","))
}

// A schema is no way to other places, to much work, or to a long answer.
func TestSchemaIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"a file": `{"$ref": "file:///etc/passwd"}`, "a page": `{"$ref": "http://127.0.0.1/x.json"}`, "another draft": `{"$schema": "https://example.com/own"}`,
		"a huge number": `{"multipleOf": 1e999999999}`, "a name twice": `{"type": "object", "type": "string"}`, "no schema": `{"type": "thing"}`,
		"a list": `[]`, "a bad pattern": `{"pattern": "("}`, "too long": `{"description": "` + strings.Repeat("x", attestation.MaxSchema) + `"}`,
		"a part that is not there": `{"$ref": "#/$defs/none"}`, "parts without end": doubling(17),
	} {
		_, err := attestation.CompileSchema([]byte(text))
		require.Error(t, err, name)
	}
	many, err := attestation.CompileSchema([]byte(doubling(10)))
	require.NoError(t, err)
	require.NoError(t, many.Check(`{}`), "which is about the most that there can be")
	many, err = attestation.CompileSchema([]byte(`{"additionalProperties": {"type": "string", "const": "x"}}`))
	require.NoError(t, err)
	var members []string
	for i := range 3000 {
		members = append(members, fmt.Sprintf(`"%s%d":1`, strings.Repeat("n", 10), i))
	}
	err = many.Check("{" + strings.Join(members, ",") + "}")
	var refused *attestation.DataError
	require.True(t, errors.As(err, &refused))
	require.LessOrEqual(t, len(refused.Faults), 20)
	long, err := attestation.CompileSchema([]byte(`{"properties": {"a": {"pattern": "^b$"}}}`))
	require.NoError(t, err)
	require.True(t, errors.As(long.Check(`{"a":"`+strings.Repeat("é", 5000)+`"}`), &refused))
	require.Less(t, len(refused.Faults[0].Message), 300)
}

// A few lines of a schema can ask for more work than there is time, and nobody could
// stop it.
func TestSchemaMakesNoEndlessWork(t *testing.T) {
	for name, text := range map[string]string{
		"itself":              `{"$ref": "#"}`,
		"twice per level":     `{"additionalProperties": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}`,
		"doubled forty times": doubling(40),
		"in any place":        `{"items": {"not": {"prefixItems": [{"dependentSchemas": {"a": {"$ref": "#"}}}]}}}`,
		"by an anchor":        `{"$anchor": "a", "if": {"$ref": "#a"}}`,
		"by a dynamic anchor": `{"$dynamicAnchor": "a", "propertyNames": {"$dynamicRef": "#a"}}`,
		"of an older draft":   `{"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {"a": {"items": [{"$ref": "#"}]}}}`,
		"of 2019":             `{"$schema": "https://json-schema.org/draft/2019-09/schema", "contains": {"$recursiveRef": "#"}}`,
	} {
		_, err := attestation.CompileSchema([]byte(text))
		require.Error(t, err, name)
	}
	shared, err := attestation.CompileSchema([]byte(`{"properties": {"a": {"$ref": "#/$defs/x"}, "b": {"$ref": "#/$defs/x"}, "c": {"$ref": "https://json-schema.org/draft/2020-12/schema"}},
		"$defs": {"x": {"type": "integer"}}}`))
	require.NoError(t, err, "the same part may be used in two places")
	require.NoError(t, shared.Check(`{"a":1,"b":2,"c":{"not":{"type":"string"}}}`))
	require.Error(t, shared.Check(`{"a":1,"b":2,"c":{"not":{"type":"x"}}}`))
	heavy, err := attestation.CompileSchema([]byte(`{"properties": {"a": {"items": {"anyOf": [` + strings.Repeat(`{"const": 0},`, 900) + `{}]}}}}`))
	require.NoError(t, err)
	require.NoError(t, heavy.Check(`{"a":[1,2,3]}`))
	require.ErrorIs(t, heavy.Check(`{"a":[`+strings.Repeat("1,", 20_000)+`1]}`), ledger.ErrInvalidInput)
}

// What stands in one part can be much to look at, too: a long list of values, or a
// pattern for a long text.
func TestSchemaWeighsListsAndPatterns(t *testing.T) {
	pattern := `{"pattern":"^((ab?){0,30}c){0,30}$"}`
	many := strings.TrimSuffix(strings.Repeat(pattern+`,`, 8), ",")
	for name, c := range map[string][2]string{
		"a list":         {`{"properties":{"a":{"items":{"enum":[` + strings.Repeat("0,", 2000) + `2]}}}}`, `{"a":[` + strings.Repeat("1,", 20_000) + `1]}`},
		"patterns":       {`{"properties":{"a":{"allOf":[` + many + `]}}}`, `{"a":"` + strings.Repeat("a", 60_000) + `"}`},
		"names":          {`{"propertyNames":{"allOf":[` + many + `]}}`, `{"` + strings.Repeat("a", 60_000) + `":1}`},
		"the metaschema": {`{"items":{"allOf":[` + strings.Repeat(`{"$ref":"https://json-schema.org/draft/2020-12/schema"},`, 90) + `{}]}}`, `{"a":[` + strings.Repeat("{},", 10_000) + `1]}`},
	} {
		compiled, err := attestation.CompileSchema([]byte(c[0]))
		require.NoError(t, err, name)
		require.ErrorContains(t, compiled.Check(c[1]), "too much", name)
	}
	plain, err := attestation.CompileSchema([]byte(`{"properties":{"a":{"pattern":"^[a-z]{1,40}$","enum":["x","` + strings.Repeat("a", 30) + `"]},"b":{"maxLength":60000}}}`))
	require.NoError(t, err)
	require.NoError(t, plain.Check(`{"a":"`+strings.Repeat("a", 30)+`","b":"`+strings.Repeat("b", 60_000)+`"}`), "what is long and plain is little")
}
