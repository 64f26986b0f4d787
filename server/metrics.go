package server

import (
	"net/http"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// Metrics is told what the server does. Its methods are called while a client waits:
// they must be quick, safe for concurrent use, and not panic. Package server/metrics has
// one for Prometheus.
type Metrics interface {
	// Began reports a request that has come in. Answered follows, whatever becomes of it.
	Began()
	// Answered reports what was answered.
	Answered(Exchange)
	// BooksChecked reports a check of the books in the background: what all accounts
	// together hold beyond the supply, or why that could not be found out.
	BooksChecked(difference amount.Signed, err error)
	// ServiceChecked reports whether a service of Config.Integrations answers.
	ServiceChecked(name string, answers bool)
}

// Exchange is a request and its answer, in words of which there are few: none of them
// comes from the client.
type Exchange struct {
	Route  string // the template of its path, "none" where there is no such route
	Method string // "other" for one that the client made up
	Status int    // 0 where the connection was dropped without an answer
	Code   string // of the error; "" for none
	Took   time.Duration
}

// exchange is the call as it is told to Metrics.
func (c *call) exchange() Exchange {
	return Exchange{Route: c.template(), Method: c.method(), Status: c.status, Code: c.code, Took: c.took}
}

// begin notes that the call has come in.
func (c *call) begin() {
	if told := c.server.config.Metrics; told != nil {
		told.Began()
	}
}

// end notes what became of the call.
func (c *call) end() {
	c.took = time.Since(c.began)
	if told := c.server.config.Metrics; told != nil {
		told.Answered(c.exchange())
	}
	c.log()
}

// getMetricsPage lets the page of Config.MetricsPage answer.
func getMetricsPage(c *call) (answer, error) {
	return answer{page: c.server.config.MetricsPage}, nil
}

// show has a page answer that is no JSON.
func (c *call) show(page http.Handler) {
	w := &counted{ResponseWriter: c.w}
	page.ServeHTTP(w, c.request)
	c.status, c.bytes = w.status, w.bytes
}

// counted notes what is written through it.
type counted struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (w *counted) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *counted) Write(text []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(text)
	w.bytes += n
	return n, err
}
