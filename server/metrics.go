package server

import (
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/limit"
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
	Route  string        // the template of its path, "none" where there is no such route
	Method string        // "other" for one that the client made up
	Status int           // 0 where the connection was dropped without an answer
	Code   string        // of the error; "" for none
	Took   time.Duration // of a stream of events, until it began
	Bytes  int           // of the answer's body, as they were sent; a HEAD has none

	// Limit is the class of requests of which the caller had sent too many, so that this
	// one was refused, and Wait how long it was told to wait; "" for none.
	Limit string
	Wait  time.Duration
	// Session is what became of a session: opened, refreshed, ended by its owner, or
	// reused, which is ended because a refresh token came twice; "" for nothing.
	Session string
}

// The values of Exchange.Session.
const (
	SessionOpened    = "opened"
	SessionRefreshed = "refreshed"
	SessionEnded     = "ended"
	SessionReused    = "reused"
)

// exchange is the call as it is told to Metrics.
func (c *call) exchange() Exchange {
	x := Exchange{
		Route: c.template(), Method: c.method(), Status: c.w.status, Code: c.code, Took: c.took, Bytes: c.w.bytes, Session: c.session,
	}
	if c.opened > 0 {
		x.Took = c.opened
	}
	if c.limit != limit.None {
		x.Limit, x.Wait = c.limit.String(), c.wait
	}
	return x
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
