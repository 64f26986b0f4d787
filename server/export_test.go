package server

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

// ToldOf is the code and the message that a client gets of an error.
func ToldOf(err error) (code, message string) {
	p := newProblem(err)
	return p.Code, p.Message
}

// ClassOf is the class of a route's limit.
var ClassOf = limitClass
