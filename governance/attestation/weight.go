package attestation

import (
	"errors"
	"fmt"
	"reflect"
	"regexp/syntax"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Bounds of the work that a schema makes. The library looks at a part as often as it is
// referred to, and can be stopped by nothing.
const (
	maxWeight = 10_000    // parts of a schema, with what it refers to written out
	maxWork   = 2_000_000 // parts times values of the data

	metaWeight = 100 // of what describes schemas, for each value
	textUnit   = 64  // bytes of a text that count as a value
	stepUnit   = 8   // steps of a pattern that count as a part
)

var (
	errRecursive = errors.New("cannot refer to what it stands in, nor use $dynamicRef or $recursiveRef")
	errHeavy     = fmt.Errorf("comes to more than %d parts when what it refers to is written out", maxWeight)
)

// scale weighs schemas: how many parts one has when what it refers to is written out.
type scale struct {
	known map[*jsonschema.Schema]int // zero: it is being weighed
}

// weigh returns the weight. A part that comes to stand in itself has none.
func (s *scale) weigh(schema *jsonschema.Schema) (int, error) {
	if isMetaschema(schema) {
		return metaWeight, nil // recursive, but never twice at the same place
	}
	weight, met := s.known[schema]
	switch {
	case met && weight == 0, schema.DynamicRef != nil, schema.RecursiveRef != nil:
		return 0, errRecursive
	case met:
		return weight, nil
	}
	s.known[schema] = 0
	weight = ownWeight(schema)
	for part := range partsOf(reflect.ValueOf(schema).Elem()) {
		w, err := s.weigh(part)
		if err != nil {
			return 0, err
		}
		if weight += w; weight > maxWeight {
			return 0, errHeavy
		}
	}
	s.known[schema] = weight
	return weight, nil
}

// ownWeight is that of a schema without its parts: values are compared with each of a
// list, and each byte of a text is held against the steps of a pattern.
func ownWeight(schema *jsonschema.Schema) int {
	weight := 1 + stepsOf(schema.Pattern)/stepUnit
	if schema.Enum != nil {
		weight += len(schema.Enum.Values)
	}
	for pattern := range schema.PatternProperties {
		weight += stepsOf(pattern) / stepUnit
	}
	return weight
}

// stepsOf counts the steps of the program that a pattern is compiled to.
func stepsOf(pattern jsonschema.Regexp) int {
	if pattern == nil {
		return 0
	}
	parsed, err := syntax.Parse(pattern.String(), syntax.Perl)
	if err != nil {
		return 0 // cannot be: it was compiled before
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 0 // cannot be, as above
	}
	return len(program.Inst)
}

func isMetaschema(schema *jsonschema.Schema) bool {
	return strings.HasPrefix(schema.Location, "https://json-schema.org/") || strings.HasPrefix(schema.Location, "http://json-schema.org/")
}

var schemaType = reflect.TypeFor[*jsonschema.Schema]()

// partsOf visits the schemas that stand in a value, or that it refers to. Every exported
// field is looked at, so that no keyword is forgotten.
func partsOf(v reflect.Value) func(yield func(*jsonschema.Schema) bool) {
	return func(yield func(*jsonschema.Schema) bool) { visitParts(v, true, yield) }
}

func visitParts(v reflect.Value, whole bool, yield func(*jsonschema.Schema) bool) bool {
	switch {
	case v.Type() == schemaType:
		return v.IsNil() || yield(v.Interface().(*jsonschema.Schema)) //nolint:forcetypeassert // its type was asked for
	case v.Kind() == reflect.Interface:
		return v.IsNil() || visitParts(v.Elem(), false, yield)
	case v.Kind() == reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if !visitParts(entries.Value(), false, yield) {
				return false
			}
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			if !visitParts(v.Index(i), false, yield) {
				return false
			}
		}
	case v.Kind() == reflect.Struct && whole:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !visitParts(v.Field(i), false, yield) {
				return false
			}
		}
	}
	return true
}

// valuesIn counts the values in data, with those that hold others. Long texts count as
// several, names too.
func valuesIn(document any) int {
	n := 1
	switch d := document.(type) {
	case string:
		n += len(d) / textUnit
	case map[string]any:
		for name, value := range d {
			n += len(name)/textUnit + valuesIn(value)
		}
	case []any:
		for _, value := range d {
			n += valuesIn(value)
		}
	}
	return n
}
