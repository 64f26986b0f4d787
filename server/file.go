package server

import (
	"sync"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/server/docs"
	"github.com/agentvault/teg-layer/server/openapi"
)

// fileSet is what the server serves as files, made when it is asked for first.
type fileSet struct {
	json, yaml func() *document
	docs       func() (map[string]*document, error)
}

func newFileSet(prefix string) fileSet {
	return fileSet{
		json: sync.OnceValue(func() *document { return newFile("application/json", openapi.JSON(prefix), nil) }),
		yaml: sync.OnceValue(func() *document { return newFile("application/yaml", openapi.YAML(prefix), nil) }),
		docs: docsFiles,
	}
}

// docsFiles are the same for all servers.
var docsFiles = sync.OnceValues(func() (map[string]*document, error) {
	all, err := docs.Read()
	files := map[string]*document{}
	for name, each := range all {
		files[name] = newFile(each.Kind, each.Text, each.Zipped)
		files[name].policy = docs.Policy
	}
	return files, err
})

func getDocumentJSON(c *call) (answer, error) { return answer{page: c.server.files.json()}, nil }
func getDocumentYAML(c *call) (answer, error) { return answer{page: c.server.files.yaml()}, nil }

// getDocs answers the page, getDocsFile what it consists of.
func getDocs(c *call) (answer, error) { return c.docsFile(docs.Page) }

func getDocsFile(c *call) (answer, error) { return c.docsFile(c.vars["file"]) }

func (c *call) docsFile(name string) (answer, error) {
	files, err := c.server.files.docs()
	if err != nil {
		return answer{}, err
	}
	if found := files[name]; found != nil {
		return answer{page: found}, nil
	}
	return answer{}, ledger.Refuse(ledger.ErrNotFound, "the documentation has no such file")
}
