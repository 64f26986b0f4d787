package ipfstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
)

// PinningService is a stand-in of a Pinning Service: it answers as the specification
// of the IPFS Pinning Service API (1.0) wants it, and keeps nothing. A pin stays where
// a test puts it.
type PinningService struct {
	// URL is the address of the service.
	URL string

	token string
	mu    sync.Mutex
	next  string // status of the next pin
	fault int    // status that everything is answered with; 0: none
	pins  []*Pin
}

// Pin is what the service was asked to keep.
type Pin struct {
	RequestID string            `json:"requestid"`
	Status    string            `json:"status"`
	Created   time.Time         `json:"created"`
	Pin       PinBody           `json:"pin"`
	Delegates []string          `json:"delegates"`
	Info      map[string]string `json:"info,omitempty"`
}

// PinBody is what was asked.
type PinBody struct {
	CID     string            `json:"cid"`
	Name    string            `json:"name,omitempty"`
	Origins []string          `json:"origins,omitempty"`
	Meta    map[string]string `json:"meta,omitempty"`
}

// StartPinningService starts the stand-in, which takes one token. It ends with the
// test.
func StartPinningService(t testing.TB, token string) *PinningService {
	t.Helper()
	s := &PinningService{token: token, next: "queued"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /psa/pins", s.guarded(s.list))
	mux.HandleFunc("POST /psa/pins", s.guarded(s.add))
	mux.HandleFunc("POST /psa/pins/{requestid}", s.guarded(s.replace))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.URL = server.URL + "/psa"
	return s
}

// Answer makes the service take the next pins with a status: queued, pinning, pinned
// or failed.
func (s *PinningService) Answer(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = status
}

// Fail makes the service answer everything with a status of HTTP; 0 ends that.
func (s *PinningService) Fail(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = status
}

// Move sets the status of all pins.
func (s *PinningService) Move(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pins {
		p.Status = status
	}
}

// Pins lists what the service was asked to keep.
func (s *PinningService) Pins() []Pin {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Pin
	for _, p := range s.pins {
		list = append(list, *p)
	}
	return list
}

// failure is an error as the specification has it.
type failure struct {
	status          int
	reason, details string
}

func (s *PinningService) guarded(answer func(*http.Request) (int, any, *failure)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		status, body, fault := http.StatusOK, any(nil), (*failure)(nil)
		switch {
		case s.fault != 0:
			fault = &failure{s.fault, "PLAYED", "the test wants it so"}
		case r.Header.Get("Authorization") != "Bearer "+s.token:
			fault = &failure{http.StatusUnauthorized, "UNAUTHORIZED", "Access token is missing or invalid"}
		default:
			status, body, fault = answer(r)
		}
		if fault != nil {
			status, body = fault.status, map[string]any{"error": map[string]string{"reason": fault.reason, "details": fault.details}}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(body) //nolint:errcheck // who asked has gone
	}
}

// list answers by cid and status, which is pinned where none is given.
func (s *PinningService) list(r *http.Request) (int, any, *failure) {
	query := r.URL.Query()
	limit, err := strconv.Atoi(named(query, "limit", "10"))
	if err != nil || limit < 1 || limit > 1000 {
		return 0, nil, &failure{http.StatusBadRequest, "BAD_REQUEST", "limit"}
	}
	statuses := strings.Split(named(query, "status", "pinned"), ",")
	found := []Pin{}
	for _, p := range s.pins {
		if slices.Contains(statuses, p.Status) && (!query.Has("cid") || slices.Contains(strings.Split(query.Get("cid"), ","), p.Pin.CID)) {
			found = append(found, *p)
		}
	}
	return http.StatusOK, map[string]any{"count": len(found), "results": found[:min(limit, len(found))]}, nil
}

func (s *PinningService) add(r *http.Request) (int, any, *failure) {
	var body PinBody
	strict := json.NewDecoder(r.Body)
	strict.DisallowUnknownFields()
	if err := strict.Decode(&body); err != nil || r.Header.Get("Content-Type") != "application/json" {
		return 0, nil, &failure{http.StatusBadRequest, "BAD_REQUEST", "body"}
	}
	if _, err := cid.Decode(body.CID); err != nil || len(body.Name) > 255 || len(body.Origins) > 20 {
		return 0, nil, &failure{http.StatusBadRequest, "BAD_REQUEST", "pin"}
	}
	p := &Pin{
		RequestID: fmt.Sprintf("request %d/a", len(s.pins)+1), Status: s.next, Created: time.Unix(0, 0).UTC(), Pin: body,
		Delegates: []string{"/ip4/203.0.113.1/tcp/4001/p2p/QmServicePeerId"},
	}
	if s.next == "failed" {
		p.Info = map[string]string{"status_details": "no peer has it"}
	}
	s.pins = append(s.pins, p)
	return http.StatusAccepted, *p, nil
}

func (s *PinningService) replace(r *http.Request) (int, any, *failure) {
	i := slices.IndexFunc(s.pins, func(p *Pin) bool { return p.RequestID == r.PathValue("requestid") })
	if i < 0 {
		return 0, nil, &failure{http.StatusNotFound, "NOT_FOUND", "The specified resource was not found"}
	}
	status, answer, fault := s.add(r)
	if fault == nil {
		s.pins = slices.Delete(s.pins, i, i+1)
	}
	return status, answer, fault
}
