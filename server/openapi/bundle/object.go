package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// object is a map that keeps its order, as the document is for people too.
type object struct {
	keys   []string
	values map[string]any // of *object, []any, string, bool, int, float64 and nil
}

func newObject(pairs ...any) *object {
	o := &object{values: map[string]any{}}
	for i := 0; i < len(pairs); i += 2 {
		o.set(pairs[i].(string), pairs[i+1])
	}
	return o
}

func (o *object) set(key string, value any) {
	if _, known := o.values[key]; !known {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

func (o *object) has(key string) bool {
	_, known := o.values[key]
	return known
}

func (o *object) remove(key string) {
	delete(o.values, key)
	for i, each := range o.keys {
		if each == key {
			o.keys = append(o.keys[:i:i], o.keys[i+1:]...)
			return
		}
	}
}

// object is the object under a key, an empty one where there is none.
func (o *object) object(key string) *object {
	if found, ok := o.values[key].(*object); ok {
		return found
	}
	return newObject()
}

func (o *object) text(key string) string {
	text, _ := o.values[key].(string)
	return text
}

func (o *object) is(key string) bool { return o.values[key] == true }

// texts is the list of texts under a key.
func (o *object) texts(key string) []string {
	list, _ := o.values[key].([]any)
	texts := make([]string, len(list))
	for i := range list {
		texts[i], _ = list[i].(string)
	}
	return texts
}

// each calls a function for every value that is an object.
func (o *object) each(do func(key string, value *object) error) error {
	for _, key := range o.keys {
		value, ok := o.values[key].(*object)
		if !ok {
			return fmt.Errorf("%s: must be an object", key)
		}
		if err := do(key, value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

// read reads YAML into objects.
func read(text []byte) (*object, error) {
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return nil, err
	}
	if len(node.Content) != 1 {
		return nil, fmt.Errorf("must be one object")
	}
	value, err := valueOf(node.Content[0])
	if err != nil {
		return nil, err
	}
	found, ok := value.(*object)
	if !ok {
		return nil, fmt.Errorf("must be an object")
	}
	return found, nil
}

func valueOf(node *yaml.Node) (any, error) {
	switch node.Kind {
	case yaml.MappingNode:
		return mappingOf(node)
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, each := range node.Content {
			var err error
			if list[i], err = valueOf(each); err != nil {
				return nil, err
			}
		}
		return list, nil
	case yaml.ScalarNode:
		var value any
		err := node.Decode(&value)
		if node.Tag == "!!timestamp" { // a date is a text here
			return node.Value, nil
		}
		return value, err
	}
	return nil, fmt.Errorf("line %d: neither an object, a list nor a value", node.Line)
}

func mappingOf(node *yaml.Node) (any, error) {
	o := newObject()
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i].Value
		if o.has(key) {
			return nil, fmt.Errorf("line %d: %s stands twice", node.Content[i].Line, key)
		}
		value, err := valueOf(node.Content[i+1])
		if err != nil {
			return nil, err
		}
		o.set(key, value)
	}
	return o, nil
}

// MarshalJSON writes the object in its order.
func (o *object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, key := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := writeJSON(key)
		if err != nil {
			return nil, err
		}
		value, err := writeJSON(o.values[key])
		if err != nil {
			return nil, err
		}
		b.Write(append(name, ':'))
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// writeJSON writes a value as people would: without escapes for HTML.
func writeJSON(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// nodeOf makes the YAML of a value.
func nodeOf(value any) (*yaml.Node, error) {
	switch value := value.(type) {
	case *object:
		node := &yaml.Node{Kind: yaml.MappingNode}
		for _, key := range value.keys {
			name, err := nodeOf(key)
			if err != nil {
				return nil, err
			}
			content, err := nodeOf(value.values[key])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			node.Content = append(node.Content, name, content)
		}
		return node, nil
	case []any:
		node := &yaml.Node{Kind: yaml.SequenceNode}
		for _, each := range value {
			content, err := nodeOf(each)
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, content)
		}
		return node, nil
	}
	node := &yaml.Node{}
	if err := node.Encode(value); err != nil {
		return nil, err
	}
	if text, ok := value.(string); ok && strings.Contains(text, "\n") {
		node.Style = yaml.LiteralStyle
	}
	return node, nil
}

func writeYAML(o *object) ([]byte, error) {
	node, err := nodeOf(o)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(node); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}
