// Command bundle makes the OpenAPI document of the server out of the files in ../source,
// which people write. What is mechanical is not written there but added here, so that no
// operation can forget it: the answers of errors with their codes, the headers, the
// parameters of pages, which roles a route asks for.
//
// make generate runs it, in server/openapi; tests hold what is checked in against the files.
//
// # The files
//
// head.yaml has what all share. Every other file is a tag, and has paths, schemas and
// requests. A schema is a schema of OpenAPI, in which a $ref names a schema alone, or
//
//	fields:    its properties, all of them required, in order
//	optional:  those that are not, or all
//	include:   schemas whose properties it has too
//	page:      list: Item, for a page of such items
//	id:        the prefix of an id
//	codes:     true for the list of all error codes
//	go:        the type of the server for it, goname the name of a generated one
//	client:    the type of the client for it: one that is written by hand, or the name of an enum
//	secret:    true for a field whose value is never repeated
//
// A field is a schema, or a text: []Item a list, Item? one that may be null, then what it
// says. A schema with properties takes no others.
//
// An operation has id, summary, description and
//
//	access:   public, agent, auditor, arbitrator or admin
//	keyed:    true where it takes an Idempotency-Key; replays where it needs none for that
//	reads:    true for one that changes nothing, though its method is POST
//	body:     the schema of its body
//	page:     true for the parameters of a page; all names the client's iterator where it would be no good
//	query:    more parameters, by name
//	answers:  schemas by status
//	file:     the media type of a file that is answered, and can be kept; raw of any other answer that is no JSON
//	stream:   the media type of events that come until somebody ends it, or websocket; the client's method is written by hand
//	secret:   true where its answer is for nobody else, and stands in no error of the client
//	errors:   codes that it can answer beside those that all of its kind can
//
// A path with root: true does not lie under the prefix. Examples are in examples.yaml.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func main() {
	types := flag.String("types", "", "write the document of which the types of server/api are made to this file, and nothing else")
	client := flag.String("client", "", "write the generated files of server/client into this folder, and nothing else")
	flag.Parse()
	if err := run(*types, *client); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(types, client string) error {
	if types != "" {
		text, err := Types(os.DirFS("source"))
		if err != nil {
			return err
		}
		return os.WriteFile(types, text, 0o644)
	}
	if client != "" {
		return write(client, Client)
	}
	return write(".", Bundle)
}

// write writes the files that are made of the sources into a folder.
func write(folder string, makeAll func(fs.FS) (map[string][]byte, error)) error {
	files, err := makeAll(os.DirFS("source"))
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
