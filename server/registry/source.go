package registry

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/strictjson"
	"github.com/agentvault/teg-layer/teg/outside"
)

// Bounds of what a registry can say of an agent.
const (
	MaxMetadata = 16 << 10 // bytes
	maxKeys     = 20
	maxAnswer   = 64 << 10
	maxETag     = 256
)

// source is a registry that is asked about agents.
type source struct {
	Registry
	config  Config
	service *outside.Service
	path    string // with a place for the DID
	known   *lru.Cache[did.DID, entry]
	asking  singleflight.Group

	mu    sync.Mutex
	fault error     // of the last question
	until time.Time // it is left alone
}

// entry is what was said of an agent.
type entry struct {
	agent Agent
	known bool
	fault error // it was said in a way that cannot be read
	etag  string
	asked time.Time // with success
}

func newSource(r Registry, c Config) (*source, error) {
	base, path, err := r.metadataAddress()
	if err != nil {
		return nil, errors.New("registry: " + err.Error())
	}
	service, err := outside.New(outside.Config{Name: "registry", URL: base, Timeout: c.Timeout, MaxAnswer: maxAnswer, Transport: c.Transport})
	if err != nil {
		return nil, err
	}
	known, err := lru.New[did.DID, entry](c.Remembered)
	if err != nil {
		return nil, err
	}
	return &source{Registry: r, config: c, service: service, path: path, known: known}, nil
}

// agent tells of an agent: what is remembered while that counts, else what the registry
// says, which is asked once for all who want to know at the same time.
func (s *source) agent(ctx context.Context, agent did.DID) (Agent, error) {
	before, remembered := s.known.Get(agent)
	now := s.config.Now()
	if remembered && now.Before(before.asked.Add(s.ttl(&before))) {
		return before.answer()
	}
	if fault := s.resting(now); fault != nil {
		return s.stale(&before, now, fault)
	}
	asked := s.asking.DoChan(agent.String(), func() (any, error) {
		if last, there := s.known.Get(agent); there && last.asked.After(before.asked) {
			return last, nil // another's question was answered since this caller looked
		}
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.Timeout) // a caller who hangs up must not keep the others from it
		defer cancel()
		return s.ask(limited, agent, before)
	})
	select {
	case result := <-asked:
		if errors.Is(result.Err, outside.ErrAway) {
			return s.stale(&before, now, result.Err)
		}
		if result.Err != nil {
			return Agent{}, result.Err
		}
		after := result.Val.(entry)
		return after.answer()
	case <-ctx.Done():
		return Agent{}, ctx.Err()
	}
}

func (s *source) ttl(e *entry) time.Duration {
	if e.known {
		return s.config.TTL
	}
	return s.config.TTL / 10
}

// stale is what a registry said before, where that still counts though it does not answer.
func (s *source) stale(before *entry, now time.Time, fault error) (Agent, error) {
	if before.known && now.Before(before.asked.Add(s.config.MaxStale)) {
		return before.answer()
	}
	return Agent{}, fault
}

func (e *entry) answer() (Agent, error) {
	switch {
	case e.fault != nil:
		return Agent{}, e.fault
	case !e.known:
		return Agent{}, ErrUnknown
	}
	return e.agent, nil
}

// resting is why the registry is left alone; nil: it is not.
func (s *source) resting(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.until) {
		return s.fault
	}
	return nil
}

func (s *source) lastFault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// ask asks the registry, and remembers what it says.
func (s *source) ask(ctx context.Context, agent did.DID, before entry) (entry, error) {
	header := http.Header{}
	if before.etag != "" {
		header.Set("If-None-Match", before.etag)
	}
	path := strings.Replace(s.path, didPlace, url.PathEscape(agent.String()), 1)
	answer, err := s.service.Ask(ctx, outside.Request{Method: http.MethodGet, Path: path, Header: header})
	next := entry{asked: s.config.Now()}
	if err == nil {
		next, err = s.read(answer, agent, before, next)
	}
	s.note(err)
	if errors.Is(err, outside.ErrAway) {
		return entry{}, err
	}
	if err != nil { // of this agent it says what cannot be read, and soon will again
		next = entry{asked: s.config.Now(), fault: err}
	}
	s.known.Add(agent, next)
	return next, err
}

// note leaves the registry alone for a while that did not answer. That it answered badly
// about one agent says nothing of the others.
func (s *source) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = nil
	if errors.Is(err, outside.ErrAway) {
		s.fault, s.until = err, s.config.Now().Add(s.config.Rest)
	}
}

// read makes an entry of an answer.
func (s *source) read(answer outside.Answer, agent did.DID, before, next entry) (entry, error) {
	switch answer.Status {
	case http.StatusNotFound, http.StatusGone:
		return next, nil
	case http.StatusNotModified:
		if before.etag == "" {
			return entry{}, s.service.Wrong("it says that nothing has changed, and was not asked")
		}
		before.asked = next.asked
		return before, nil
	case http.StatusOK:
	default:
		return entry{}, s.service.Refused(answer.Status)
	}
	found, err := readAgent(answer.Body, agent)
	if err != nil {
		return entry{}, s.service.Wrong(err.Error())
	}
	next.agent, next.known = found, true
	if etag := answer.Header.Get("ETag"); len(etag) <= maxETag {
		next.etag = etag
	}
	return next, nil
}

// readAgent reads what a registry says of an agent. It may say more than is read.
func readAgent(text []byte, agent did.DID) (Agent, error) {
	var sound map[string]any
	var members map[string]json.RawMessage // a struct would take PUBLIC_KEYS for public_keys
	if strictjson.Decode(text, &sound) != nil || json.Unmarshal(text, &members) != nil {
		return Agent{}, errors.New("it is no JSON object that can be read in one way only")
	}
	var name string
	var keys []json.RawMessage
	metadata := members["metadata"]
	switch {
	case !readMember(members["agent_did"], &name) || !readMember(members["public_keys"], &keys) || !soundMetadata(metadata):
		return Agent{}, errors.New("agent_did, metadata or public_keys is not what it has to be")
	case name != agent.String():
		return Agent{}, errors.New("it speaks of another agent than the one asked about")
	case len(keys) > maxKeys:
		return Agent{}, errors.New("it names too many keys")
	}
	if string(metadata) == "null" {
		metadata = nil
	}
	return Agent{Metadata: metadata, Keys: keys}, nil
}

// readMember reads a member that may be missing.
func readMember(text json.RawMessage, into any) bool {
	return len(text) == 0 || json.Unmarshal(text, into) == nil
}

// soundMetadata wants an object of bounded size, or nothing.
func soundMetadata(text json.RawMessage) bool {
	var object map[string]any
	return len(text) == 0 || len(text) <= MaxMetadata && utf8.Valid(text) && json.Unmarshal(text, &object) == nil
}
