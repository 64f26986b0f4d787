package attestation

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/agentvault/teg-layer/ledger"
)

// MaxSchema is how long a JSON Schema may be, in bytes.
const MaxSchema = 16 << 10

// Bounds of what is said about data.
const (
	maxFaults      = 20
	maxFaultLength = 200 // bytes of a message
)

// DataField is what the data is called in faults.
const DataField = "attestation_data"

// Fault is what is wrong with a part of the data.
type Fault struct {
	Field   string // its path, such as attestation_data.items[2].price
	Message string
}

// DataError lists what a schema says against data, at most twenty things. It wraps
// [ledger.ErrInvalidInput].
type DataError struct{ Faults []Fault } // at least one, sorted by field

// Error says the first of them.
func (e *DataError) Error() string { return e.Faults[0].Field + ": " + e.Faults[0].Message }

// Unwrap gives the sentinel.
func (e *DataError) Unwrap() error { return ledger.ErrInvalidInput }

// Schema is a compiled JSON Schema (2020-12, where it names no other draft). Formats are
// annotations, as the standard has them. It is safe for concurrent use.
type Schema struct {
	compiled *jsonschema.Schema
	weight   int // how many parts it has, with what it refers to written out
}

// nowhere loads nothing: a schema can refer to its own parts and to the metaschemas.
type nowhere struct{}

// Load implements [jsonschema.URLLoader].
func (nowhere) Load(url string) (any, error) {
	return nil, fmt.Errorf("a schema can refer to its own parts only, not to %s", url)
}

const schemaAddress = "urn:attestation:data"

// CompileSchema reads a JSON Schema. It loads nothing: what is not in the text and no
// metaschema cannot be referred to.
func CompileSchema(text []byte) (*Schema, error) {
	if len(text) > MaxSchema {
		return nil, fmt.Errorf("must have at most %d bytes", MaxSchema)
	}
	if err := scan(text); err != nil { // numbers too: the library would write out 1e999999999
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.UseLoader(nowhere{})
	if err := compiler.AddResource(schemaAddress, document); err != nil {
		return nil, err
	}
	compiled, err := compiler.Compile(schemaAddress)
	if err != nil {
		return nil, fmt.Errorf("is no JSON Schema: %s", brief(err.Error()))
	}
	weights := scale{map[*jsonschema.Schema]int{}}
	weight, err := weights.weigh(compiled)
	if err != nil {
		return nil, err
	}
	return &Schema{compiled, weight}, nil
}

// Check holds data in its canonical form against the schema. What does not fit is a
// [*DataError].
func (s *Schema) Check(data string) error {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(data))
	if err != nil {
		return &DataError{[]Fault{{DataField, "must be a JSON object"}}}
	}
	if values := valuesIn(document); values > maxWork/s.weight {
		return &DataError{[]Fault{{DataField, fmt.Sprintf("has %d values, which is too much to hold against this policy's data_schema", values)}}}
	}
	err = s.compiled.Validate(document)
	var refused *jsonschema.ValidationError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &refused):
		return &DataError{[]Fault{{DataField, brief(err.Error())}}}
	}
	var faults []Fault
	gather(refused, &faults)
	slices.SortFunc(faults, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Message, b.Message)) })
	faults = slices.Compact(faults)
	return &DataError{faults[:min(len(faults), maxFaults)]}
}

// english writes what the library has to say.
var english = message.NewPrinter(language.English)

// maxGathered bounds the work on an answer of which little is shown.
const maxGathered = 1000

// gather lists the leaves of what was refused: what stands above them only says that
// something below did not fit.
func gather(e *jsonschema.ValidationError, faults *[]Fault) {
	if len(*faults) >= maxGathered {
		return
	}
	if len(e.Causes) == 0 {
		*faults = append(*faults, Fault{pathOf(e.InstanceLocation), brief(e.ErrorKind.LocalizedString(english))})
	}
	for _, cause := range e.Causes {
		gather(cause, faults)
	}
}

// pathOf writes a place as the HTTP API does.
func pathOf(location []string) string {
	var b strings.Builder
	b.WriteString(DataField)
	for _, name := range location {
		if isIndex(name) {
			b.WriteString("[" + name + "]")
		} else {
			b.WriteString("." + name)
		}
	}
	return brief(b.String())
}

func isIndex(name string) bool {
	return name != "" && strings.Trim(name, "0123456789") == ""
}

// brief cuts a text at a length, between characters.
func brief(text string) string {
	if len(text) <= maxFaultLength {
		return text
	}
	return strings.ToValidUTF8(text[:maxFaultLength], "") + " …"
}
