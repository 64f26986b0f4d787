package server

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/teg"
)

var (
	errNoStreams    = ledger.NewReason("ROUTE_NOT_FOUND", "this server has no such streams of events")
	errOthersEvents = ledger.NewReason("AUTH_FORBIDDEN", "only auditors and admins see what is about other agents")
	errForeignPage  = ledger.NewReason("AUTH_FORBIDDEN", "pages of this origin may not call; see CORS_ALLOWED_ORIGINS")
)

// lastEventID is the header in which a client that comes again says what it has seen.
const lastEventID = "Last-Event-ID"

// eventsWanted is what a client asked for.
type eventsWanted struct {
	from   int64
	filter teg.EventFilter
}

// readEvents reads the parameters of a stream.
func (c *call) readEvents() eventsWanted {
	w := eventsWanted{from: teg.FromNow}
	if list := c.query.filter("types", 4096); list != "" {
		w.filter.Actions = strings.Split(list, ",")
	}
	for _, action := range w.filter.Actions {
		if !slices.Contains(teg.EventActions(), action) {
			c.query.fault("types", fmt.Sprintf("must be types of events with commas between them; %q is none", action))
			break
		}
	}
	w.filter.Agent = c.query.agent("agent_id")
	if follow := c.query.flag("follow"); c.query.given("follow") && !follow {
		w.filter.ToEnd, w.from = true, 0
	}
	if after := c.query.number("after", -1, math.MaxInt64-1, -1); c.query.given("after") {
		w.from = after + 1
	}
	return w
}

// behindLast has a client that comes again go on behind what it saw last, whatever the
// address says that it once began with.
func (c *call) behindLast(w *eventsWanted) {
	last := c.request.Header.Get(lastEventID)
	if last == "" {
		return
	}
	number, seal, sealed := strings.Cut(last, ".")
	position, err := strconv.ParseInt(number, 10, 64)
	if err != nil || position < -1 || position == math.MaxInt64 || sealed && (position < 0 || !sealLike(seal)) {
		c.faults.add(lastEventID, "must be the id of an event that came on this stream", &last)
		return
	}
	w.from, w.filter.Behind = position+1, seal
}

// sealLike reports whether a text looks like [teg.EventSeal].
func sealLike(text string) bool {
	return len(text) == 8 && strings.Trim(text, "0123456789abcdef") == ""
}

// getEvents opens a stream of Server-Sent Events.
func getEvents(c *call) (func() (answer, error), error) {
	wanted := c.readEvents()
	c.behindLast(&wanted)
	return func() (answer, error) {
		v, err := c.openEvents(wanted)
		if err != nil {
			return answer{}, err
		}
		return answer{page: eventPage{v}}, nil
	}, nil
}

// getEventSocket opens a stream of the same events on a WebSocket.
func getEventSocket(c *call) (func() (answer, error), error) {
	wanted := c.readEvents()
	if c.server.config.Streams.Upgrade != nil {
		c.checkUpgrade()
	}
	return func() (answer, error) {
		if c.server.config.Streams.Upgrade == nil {
			return answer{}, errNoStreams
		}
		if c.foreignPage() {
			return answer{}, errForeignPage
		}
		v, err := c.openEvents(wanted)
		if err != nil {
			return answer{}, err
		}
		socket, err := c.server.config.Streams.Upgrade(&c.w, c.request)
		if err != nil {
			v.close(false)
			return answer{}, ledger.Invalid("Upgrade", "this connection cannot become a WebSocket")
		}
		c.w.status = http.StatusSwitchingProtocols
		return answer{page: eventSocket{v, socket}}, nil
	}, nil
}

// checkUpgrade notes what a request lacks to become a WebSocket.
func (c *call) checkUpgrade() {
	has := func(header, token string) bool {
		return slices.ContainsFunc(strings.Split(strings.Join(c.request.Header.Values(header), ","), ","), func(s string) bool {
			return strings.EqualFold(strings.TrimSpace(s), token)
		})
	}
	switch {
	case c.request.Method != http.MethodGet || c.request.ProtoMajor != 1:
		c.faults.add("Upgrade", "a WebSocket begins with GET, over HTTP/1.1", nil)
	case !has("Connection", "Upgrade") || !has("Upgrade", "websocket"):
		c.faults.add("Upgrade", "this route is a WebSocket; ask for it with Connection: Upgrade and Upgrade: websocket", nil)
	case c.request.Header.Get("Sec-WebSocket-Version") != "13":
		c.faults.add("Sec-WebSocket-Version", "must be 13", nil)
	case len(c.request.Header.Get("Sec-WebSocket-Key")) != 24:
		c.faults.add("Sec-WebSocket-Key", "must be 16 bytes in base64", nil)
	}
}

// foreignPage reports whether a page of an origin calls that may not: browsers ask nobody
// before they open a WebSocket.
func (c *call) foreignPage() bool {
	origin := c.request.Header.Get("Origin")
	if origin == "" || c.w.Header()["Access-Control-Allow-Origin"] != nil {
		return false
	}
	_, host, _ := strings.Cut(origin, "://")
	return !strings.EqualFold(host, c.request.Host)
}

// openEvents opens a stream for the caller, who sees everything as an auditor or an admin
// and otherwise what it is a party to.
func (c *call) openEvents(wanted eventsWanted) (*viewing, error) {
	if c.server.config.Streams.Max < 0 {
		return nil, errNoStreams
	}
	viewer, err := c.viewer(auditors.roles)
	if err != nil {
		return nil, err
	}
	if wanted.filter.Viewer = viewer; !viewer.IsZero() && !wanted.filter.Agent.IsZero() && wanted.filter.Agent != viewer {
		return nil, errOthersEvents
	}
	if err := c.server.streams.enter(c.caller.Agent, viewer.IsZero(), c.server.config.Streams); err != nil {
		if errors.Is(err, errOwnStreams) {
			c.w.Header().Set("Retry-After", ownStreamsAgain)
		}
		return nil, err
	}
	stream, err := c.engine().EventStream(c.ctx, wanted.from, wanted.filter)
	if err != nil {
		c.server.streams.leave(c.caller.Agent, viewer.IsZero())
		return nil, goneEvents(err)
	}
	c.leave()
	c.opened = time.Since(c.began)
	v := &viewing{call: c, stream: stream, all: viewer.IsZero(), told: c.server.streamMetrics()}
	v.told.StreamBegan()
	return v, nil
}

// goneEvents tells of events that were archived where a client can go on.
func goneEvents(err error) error {
	var gone *teg.ArchivedError
	if !errors.As(err, &gone) {
		return err
	}
	return ledger.Refuse(teg.ErrExpired, "the events before position %d were archived and are no longer here; what they tell of is in lists and balances: read those, and go on with after=%d",
		gone.Tail, gone.Tail-1)
}

// stillMay is [errNotAnyMore] where the caller may not go on seeing what it sees: its token or
// its connection is not good any more, or it sees everything and is none of those who do.
// That it cannot be told is another error, for the stream ends by that, too.
func (v *viewing) stillMay() error {
	c := v.call
	by := c.credentials()
	switch {
	case by.given:
		if id, err := c.server.config.Verifier.Verify(v.ctx, by.token); err != nil || id.Agent != c.caller.Agent {
			return errNotAnyMore
		}
	case !by.peer:
		return errNotAnyMore
	}
	if !v.all {
		return nil
	}
	in, err := c.engine().RolesInForce(v.ctx, c.caller.Agent, c.caller.Roles)
	if err == nil && in.Roles.Only(auditors.roles) == 0 {
		err = errNotAnyMore
	}
	return err
}
