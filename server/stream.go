package server

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/teg"
)

var (
	errManyStreams = ledger.NewReason("SYS_UNAVAILABLE", "the server has as many streams of events open as it takes; come back later")
	errOwnStreams  = ledger.NewReason("RATE_LIMITED", "this agent has as many streams of events open as it may; end one of them")
)

// ownStreamsAgain is when to come back who has too many streams, in seconds.
const ownStreamsAgain = "5"

// Streams bounds the streams of events under /events. The zero value of every field works.
type Streams struct {
	// Max is how many may be open at the same time; one more is refused with
	// SYS_UNAVAILABLE. A tenth is for auditors and admins alone, so that agents, however many
	// they are, do not shut them out. They do not count for Config.MaxConcurrent. Default: 1000;
	// negative: there are none, and their routes answer 404.
	Max int
	// PerAgent is how many of them one agent may have; one more is refused with
	// RATE_LIMITED. Default: 10.
	PerAgent int
	// Beat is how often something is sent at least, so that both sides notice when the other
	// is gone. Default: 15 s.
	Beat time.Duration
	// Recheck is how often it is looked whether the caller may still see what it sees: for
	// so long at most a stream outlives its token, a session or a role. Default: 5 s.
	Recheck time.Duration
	// Patience is how long a client may take nothing of what is sent to it before its stream
	// is cut. Default: 30 s.
	Patience time.Duration
	// Upgrade makes WebSockets of requests for /events/ws: package server/websocket has one.
	// Default: nothing does, and the route answers 404.
	Upgrade Upgrade
}

// Upgrade makes a WebSocket of a request whose headers ask for one. Where it cannot, it
// has answered nothing.
type Upgrade func(http.ResponseWriter, *http.Request) (Socket, error)

// Socket is a WebSocket to which the server sends. Its methods may be called by one
// goroutine at a time.
type Socket interface {
	// Send sends a message of text.
	Send(ctx context.Context, text []byte) error
	// Ping waits for the other side to say that it is there.
	Ping(ctx context.Context) error
	// Gone ends when the other side has ended the connection, or sent what it may not.
	Gone() <-chan struct{}
	// Close ends the connection with one of the codes of RFC 6455, and waits a little for the
	// other side to agree. Cut ends it as it is.
	Close(code int, reason string)
	Cut()
}

func (s Streams) withDefaults() Streams {
	if s.Max == 0 {
		s.Max = 1000
	}
	if s.PerAgent == 0 {
		s.PerAgent = 10
	}
	for _, each := range []struct {
		value     *time.Duration
		otherwise time.Duration
	}{{&s.Beat, 15 * time.Second}, {&s.Recheck, 5 * time.Second}, {&s.Patience, 30 * time.Second}} {
		if *each.value == 0 {
			*each.value = each.otherwise
		}
	}
	return s
}

// streams are those that are open.
type streams struct {
	mu      sync.Mutex
	open    int
	agents  int // of these, those that do not see everything
	byAgent map[teg.DID]int
	idle    chan struct{} // closed when there are none any more; nil while there are none
	ending  chan struct{} // closed when they are to end
	end     sync.Once
}

func newStreams() *streams {
	return &streams{byAgent: map[teg.DID]int{}, ending: make(chan struct{})}
}

// enter counts one in, unless there are too many. Who entered leaves. Who sees everything
// has places that are kept for such.
func (s *streams) enter(agent teg.DID, all bool, most Streams) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended():
		return errDraining
	case s.byAgent[agent] >= most.PerAgent:
		return errOwnStreams
	case s.open >= most.Max, !all && s.agents >= most.Max-most.Max/10:
		return errManyStreams
	}
	if !all {
		s.agents++
	}
	if s.open++; s.open == 1 {
		s.idle = make(chan struct{})
	}
	s.byAgent[agent]++
	return nil
}

func (s *streams) leave(agent teg.DID, all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !all {
		s.agents--
	}
	if s.byAgent[agent]--; s.byAgent[agent] == 0 {
		delete(s.byAgent, agent)
	}
	if s.open--; s.open == 0 {
		close(s.idle)
	}
}

func (s *streams) ended() bool {
	select {
	case <-s.ending:
		return true
	default:
		return false
	}
}

// WaitForStreams waits until the streams have ended that [Server.Drain] has told to, or the
// context ends: [http.Server.Shutdown] does not wait for those that are WebSockets.
func (s *Server) WaitForStreams(ctx context.Context) error {
	s.streams.mu.Lock()
	idle := s.streams.idle
	if s.streams.open == 0 {
		idle = nil
	}
	s.streams.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// OpenStreams tells how many streams of events are open.
func (s *Server) OpenStreams() int {
	s.streams.mu.Lock()
	defer s.streams.mu.Unlock()
	return s.streams.open
}

// StreamMetrics is told of streams of events. It is for Config.Metrics that wants to know:
// what of [Metrics] holds for its methods holds for these.
type StreamMetrics interface {
	// StreamBegan reports a stream that was opened. StreamEnded follows.
	StreamBegan()
	// EventsSent reports events that were sent on one.
	EventsSent(events int)
	// StreamEnded reports the end of one, and whether it was cut because its client was too
	// slow.
	StreamEnded(slow bool)
}

// unheard is told where nobody wants to know.
type unheard struct{}

func (unheard) StreamBegan()     {}
func (unheard) EventsSent(int)   {}
func (unheard) StreamEnded(bool) {}

func (s *Server) streamMetrics() StreamMetrics {
	if told, wants := s.config.Metrics.(StreamMetrics); wants {
		return told
	}
	return unheard{}
}
