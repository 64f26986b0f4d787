package main

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"io/fs"
	"text/template"
)

//go:embed *.tmpl
var templates embed.FS

// Client makes the part of package server/client that follows the document, by the names
// of its files: the types of bodies, a method for each operation, the codes of errors.
//
// The text is written here and not by oapi-codegen, which makes the types of server/api:
// of its templates none would be left, since ids, fields that may be left out, enums,
// methods, pages and codes are all to look otherwise for those who call than for those who
// answer.
func Client(files fs.FS) (map[string][]byte, error) {
	s, err := load(files)
	if err != nil {
		return nil, err
	}
	if _, err := s.document(); err != nil { // refuses what is not right
		return nil, err
	}
	types, err := s.clientTypes()
	if err != nil {
		return nil, err
	}
	operations, err := s.clientOperations()
	if err != nil {
		return nil, err
	}
	all := template.New("").Funcs(template.FuncMap{"comment": comment})
	if _, err := all.ParseFS(templates, "*.tmpl"); err != nil {
		return nil, err
	}
	made := map[string][]byte{}
	for name, data := range map[string]any{"types": types, "operations": operations, "codes": s.clientCodes()} {
		if made[name+".gen.go"], err = fill(all, name+".tmpl", data); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return made, nil
}

func fill(all *template.Template, name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := all.ExecuteTemplate(&b, name, data); err != nil {
		return nil, err
	}
	text, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("what the template makes is no Go: %w", err)
	}
	return text, nil
}

// clientCode is a code of an error, and the constant for it.
type clientCode struct {
	Name, Value, Comment string
}

func (s *source) clientCodes() []clientCode {
	var list []clientCode
	codes := s.head.object("codes")
	for _, code := range codes.keys {
		status, _ := codes.object(code).values["status"].(int)
		list = append(list, clientCode{codeName(code), code, fmt.Sprintf("%s comes with status %d, such as %q.", codeName(code), status, codes.object(code).text("message"))})
	}
	return list
}
