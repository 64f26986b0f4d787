package main

import "fmt"

// addArguments adds what stands in the path, and then the parameters that are required.
func (t *clientTypes) addArguments(made *clientOperation, o *operation) error {
	add := func(name string, written *object, inPath bool) error {
		kind, err := t.schemaType(written.object("schema"), true)
		field := clientField{Name: argument(name), Type: kind}
		if !inPath {
			field.Tag = name
		} else {
			made.Variables = append(made.Variables, textOf(field))
		}
		made.Arguments = append(made.Arguments, field)
		return err
	}
	parameters := o.source.head.object("components").object("parameters")
	for _, found := range variable.FindAllStringSubmatch(o.path, -1) {
		if err := add(found[1], parameters.object(found[1]), true); err != nil {
			return err
		}
	}
	return o.written.object("query").each(func(name string, written *object) error {
		if !written.is("required") {
			return nil
		}
		return add(name, written, false)
	})
}

// textOf is an expression for the text of an argument.
func textOf(field clientField) string {
	switch field.Type {
	case "string":
		return field.Name
	case "did.DID", "amount.Amount":
		return field.Name + ".String()"
	}
	return "string(" + field.Name + ")"
}

// addQuery adds the parameters that may be left out.
func (t *clientTypes) addQuery(made *clientOperation, o *operation) error {
	query := &clientStruct{Name: made.Name + "Query", Comment: made.Name + "Query has the parameters of [Client." + made.Name + "]. What is zero is left out."}
	add := func(name string, written *object) error {
		kind, err := t.schemaType(written.object("schema"), true)
		query.Fields = append(query.Fields, clientField{exported(name), kind, name, written.text("description")})
		return err
	}
	err := o.written.object("query").each(func(name string, written *object) error {
		if written.is("required") {
			return nil
		}
		return add(name, written)
	})
	if err != nil {
		return err
	}
	if o.written.is("page") {
		for _, name := range []string{"limit", "offset", "cursor", "include_total"} {
			if err := add(name, o.source.head.object("components").object("parameters").object(name)); err != nil {
				return err
			}
		}
	}
	if len(query.Fields) > 0 {
		made.Query = query
	}
	return nil
}

func (t *clientTypes) addBody(made *clientOperation, o *operation) error {
	body := o.written.text("body")
	if body == "" {
		return nil
	}
	if made.NoBody = t.source.emptyBody(body); made.NoBody {
		return nil
	}
	made.Body = body
	written := t.source.schemas.object(body)
	fields := written.object("fields")
	for _, key := range fields.keys {
		schema := fields.object(key)
		if schema.text("type") != "array" || schema.has("minItems") || optional(written, key) {
			continue
		}
		kind, err := t.schemaType(schema, true)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		made.Filled = append(made.Filled, clientField{Name: exported(key), Type: kind})
	}
	return nil
}
