package server

import (
	"net/http"

	"github.com/agentvault/teg-layer/ledger"
)

var errBusy = ledger.NewReason("SYS_UNAVAILABLE", "the server is busy with as many requests as it takes; nothing was done, try again")

// alwaysLetIn are the paths that answer however busy the server is, for those who watch
// over it.
var alwaysLetIn = map[string]bool{"/health": true, "/health/live": true, "/health/ready": true, "/metrics": true}

// enter counts a request in, unless the server has as many as it takes. Who entered
// leaves.
func (s *Server) enter(r *http.Request) (entered, refused bool) {
	most := s.config.MaxConcurrent
	if most < 0 || alwaysLetIn[r.URL.Path] {
		return false, false
	}
	if s.under.Add(1) > int64(most) {
		s.under.Add(-1)
		s.refused.Add(1)
		return false, true
	}
	return true, false
}

// Load tells how many requests are under way, and how many were refused since the
// start, because there were [Config.MaxConcurrent] already. Those for /health and
// /metrics are not counted.
func (s *Server) Load() (underWay, refused int64) { return s.under.Load(), s.refused.Load() }
