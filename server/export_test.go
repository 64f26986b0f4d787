package server

import "github.com/agentvault/teg-layer/server/auth"

// Statuses is the table from codes to statuses.
var Statuses = statuses

// Table lists the routes, as method and path.
func (s *Server) Table() []string {
	var table []string
	for _, r := range s.routes() {
		table = append(table, r.method+" "+r.path)
	}
	return table
}

// TableRow is a route as the table has it.
type TableRow struct {
	Method, Path  string
	Public, Keyed bool
	Roles         auth.Roles
	Scores        bool
}

// Rows lists the routes with who may call them.
func (s *Server) Rows() []TableRow {
	var rows []TableRow
	for _, r := range s.routes() {
		rows = append(rows, TableRow{r.method, r.path, r.access.public, r.keyed, r.access.roles, mayScore(s.config.Prefix, r.method, r.path)})
	}
	return rows
}

// ToldOf is the code and the message that a client gets of an error.
func ToldOf(err error) (code, message string) {
	p := newProblem(err)
	return string(p.ErrorCode), p.Message
}

// ClassOf is the class of a route's limit.
var ClassOf = limitClass

// ScoreActions are the events that may tell of a score that changed, and MayScore the
// routes that may change one.
var (
	ScoreActions = scoreActions
	MayScore     = mayScore
)
