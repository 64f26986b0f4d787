package client

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// decode reads an answer. Fields that are not known are left out, as a newer server may
// have more; one that is missing is an error, since what has not been said would look like
// an amount of zero, or like an id that is none.
func decode(text []byte, out any) error {
	var names map[string]json.RawMessage
	if err := json.Unmarshal(text, &names); err != nil {
		return err
	}
	if missing := missingOf(reflect.TypeOf(out).Elem(), names); missing != "" {
		return fmt.Errorf("%q is missing", missing)
	}
	return json.Unmarshal(text, out)
}

// missingOf is the first field of a struct, embedded ones included, that an object lacks
// and has to have; empty without any.
func missingOf(kind reflect.Type, names map[string]json.RawMessage) string {
	for field := range kind.Fields() {
		tag, embedded := field.Tag.Get("json"), field.Anonymous && field.Type.Kind() == reflect.Struct
		if embedded && tag == "" {
			if missing := missingOf(field.Type, names); missing != "" {
				return missing
			}
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if _, given := names[name]; !given && options == "" {
			return name
		}
	}
	return ""
}
