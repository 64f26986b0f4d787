package client

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// decode reads an answer. Fields that are not known are left out, as a newer server may
// have more; one that is missing, or null where the contract has no null, is an error
// wherever it stands, since what has not been said would look like an amount of zero, like
// an id that is none, or like the end of a list.
func decode(text []byte, out any) error {
	if err := complete(reflect.TypeOf(out).Elem(), text); err != nil {
		return err
	}
	return json.Unmarshal(text, out)
}

var (
	readsItself = reflect.TypeFor[json.Unmarshaler]()
	anything    = reflect.TypeFor[json.RawMessage]()
)

// complete has an error for a text that lacks something that a type has to have.
func complete(kind reflect.Type, text json.RawMessage) error {
	null := string(text) == "null"
	switch {
	case kind.Kind() == reflect.Pointer:
		if null {
			return nil
		}
		return complete(kind.Elem(), text)
	case kind == anything:
		return nil
	case null:
		return fmt.Errorf("null is no %s", kind)
	case reflect.PointerTo(kind).Implements(readsItself):
		return nil
	}
	switch kind.Kind() {
	case reflect.Struct:
		return completeFields(kind, text)
	case reflect.Slice:
		return completeItems(kind.Elem(), text)
	case reflect.Map:
		return completeValues(kind.Elem(), text)
	}
	return nil
}

func completeFields(kind reflect.Type, text json.RawMessage) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	for field := range kind.Fields() {
		if err := completeField(field, given, text); err != nil {
			return err
		}
	}
	return nil
}

// completeField looks at one field; those of an embedded struct stand in the same text.
func completeField(field reflect.StructField, given map[string]json.RawMessage, text json.RawMessage) error {
	tag := field.Tag.Get("json")
	if field.Anonymous && tag == "" {
		return complete(field.Type, text)
	}
	name, options, _ := strings.Cut(tag, ",")
	value, is := given[name]
	switch {
	case !is && options == "":
		return fmt.Errorf("%q is missing", name)
	case !is || options != "" && string(value) == "null":
		return nil
	}
	return within(name, complete(field.Type, value))
}

func completeItems(kind reflect.Type, text json.RawMessage) error {
	var given []json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	for i, value := range given {
		if err := complete(kind, value); err != nil {
			return within(strconv.Itoa(i), err)
		}
	}
	return nil
}

func completeValues(kind reflect.Type, text json.RawMessage) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	for name, value := range given {
		if err := complete(kind, value); err != nil {
			return within(name, err)
		}
	}
	return nil
}

// within says where an error lies.
func within(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}
