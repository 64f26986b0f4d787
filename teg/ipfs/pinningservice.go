package ipfs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/ipfs/go-cid"
)

const (
	maxOrigins = 20   // as the API has it
	maxRequest = 1000 // bytes of a service's name for a request
	pinName    = "teg evidence"
)

// PinStatus is where a service is with a pin.
type PinStatus string

// The states of a pin, as the API names them.
const (
	PinQueued  PinStatus = "queued"  // taken, and not begun
	PinPinning PinStatus = "pinning" // being fetched
	PinPinned  PinStatus = "pinned"  // kept
	PinFailed  PinStatus = "failed"  // given up
)

// PinningService is a service that keeps content for others, and speaks the IPFS
// Pinning Service API. It is safe for concurrent use.
type PinningService struct {
	caller *caller
}

// NewPinningService speaks to the service at an address, with the token it gave out.
func NewPinningService(address, token string) (*PinningService, error) {
	c, err := newCaller("the Pinning Service", address, token)
	if err != nil {
		return nil, err
	}
	return &PinningService{caller: c}, nil
}

// pinBody is a Pin of the API.
type pinBody struct {
	CID     string   `json:"cid"`
	Name    string   `json:"name,omitempty"`
	Origins []string `json:"origins,omitempty"`
}

// pinState is a PinStatus of the API.
type pinState struct {
	RequestID string            `json:"requestid"`
	Status    PinStatus         `json:"status"`
	Pin       pinBody           `json:"pin"`
	Info      map[string]string `json:"info"`
}

// Pin asks the service to keep what a CID names, with all that it links to. What it
// has or is about to have is not asked for again; what it gave up is. Origins are
// addresses of nodes that have the content. A service that gives up at once is
// teg.ErrUnavailable.
func (s *PinningService) Pin(ctx context.Context, c cid.Cid, origins []string) (PinStatus, error) {
	known, err := s.Status(ctx, c)
	if err != nil {
		return "", err
	}
	path := "pins"
	switch known.Status {
	case PinQueued, PinPinning, PinPinned:
		return known.Status, nil
	case PinFailed: // in place of the one that failed
		if known.RequestID == "." || known.RequestID == ".." || len(known.RequestID) > maxRequest {
			return "", s.caller.unavailable(errors.New("its name for a request cannot stand in an address"))
		}
		path = "pins/" + url.PathEscape(known.RequestID)
	}
	body, err := json.Marshal(pinBody{CID: c.String(), Name: pinName, Origins: origins})
	if err != nil {
		return "", err // cannot be: plain strings
	}
	var state pinState
	if err := s.call(ctx, http.MethodPost, path, nil, body, http.StatusAccepted, &state); err != nil {
		return "", err
	}
	return state.Status, s.taken(state, c)
}

// taken refuses an answer that does not say that the content will be kept.
func (s *PinningService) taken(state pinState, c cid.Cid) error {
	about, err := cid.Decode(state.Pin.CID)
	switch {
	case err != nil || !sameContent(about, c):
		return s.caller.unavailable(errors.New("it answered about another CID than it was asked to keep"))
	case state.Status == PinFailed:
		return s.caller.unavailable(fmt.Errorf("it gave up on %s: %s", c, state.Info["status_details"]))
	case state.Status != PinQueued && state.Status != PinPinning && state.Status != PinPinned:
		return s.caller.unavailable(fmt.Errorf("it answered with the unknown status %q", state.Status))
	}
	return nil
}

// PinRequest is one request that a service has for a CID.
type PinRequest struct {
	RequestID string    // the service's name for it; empty where it has none
	Status    PinStatus // empty where it has none
}

// Status tells what the service has for a CID: of several requests the one that is
// furthest, and nothing where it has none.
func (s *PinningService) Status(ctx context.Context, c cid.Cid) (PinRequest, error) {
	query := url.Values{"cid": {c.String()}, "status": {"queued,pinning,pinned,failed"}}
	var page struct {
		Results []pinState `json:"results"`
	}
	if err := s.call(ctx, http.MethodGet, "pins", query, nil, http.StatusOK, &page); err != nil {
		return PinRequest{}, err
	}
	rank := map[PinStatus]int{PinFailed: 1, PinQueued: 2, PinPinning: 3, PinPinned: 4}
	var best PinRequest
	for _, state := range page.Results {
		about, err := cid.Decode(state.Pin.CID)
		if err == nil && sameContent(about, c) && state.RequestID != "" && rank[state.Status] > rank[best.Status] {
			best = PinRequest{RequestID: state.RequestID, Status: state.Status}
		}
	}
	return best, nil
}

// sameContent takes versions 0 and 1 of a CID for the same: services store either.
func sameContent(a, b cid.Cid) bool {
	return a.Type() == b.Type() && string(a.Hash()) == string(b.Hash())
}

// Check asks the service for one pin, to see that it answers and takes the token.
func (s *PinningService) Check(ctx context.Context) error {
	var page struct {
		Count *int `json:"count"`
	}
	err := s.call(ctx, http.MethodGet, "pins", url.Values{"limit": {"1"}}, nil, http.StatusOK, &page)
	if err == nil && page.Count == nil {
		return s.caller.unavailable(errors.New("this is not a Pinning Service"))
	}
	return err
}

// call asks the service, and reads what it answers where the status is the one that
// is wanted.
func (s *PinningService) call(ctx context.Context, method, path string, query url.Values, body []byte, want int, into any) error {
	status, answer, err := s.caller.ask(ctx, method, path, query, body, maxAnswer)
	switch {
	case errors.Is(err, errLonger):
		return s.caller.unavailable(err)
	case err != nil:
		return err
	case status != want:
		return s.caller.refused(status, reasonOf(answer))
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return s.caller.unavailable(fmt.Errorf("its answer cannot be read: %w", err))
	}
	return nil
}

// reasonOf is what a Failure of the API says.
func reasonOf(answer []byte) string {
	var failure struct {
		Error struct{ Reason, Details string } `json:"error"`
	}
	if json.Unmarshal(answer, &failure) != nil || failure.Error.Reason == "" {
		return string(answer)
	}
	return failure.Error.Reason + " " + failure.Error.Details
}
