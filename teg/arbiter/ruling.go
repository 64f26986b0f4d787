package arbiter

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/agentvault/teg-layer/teg"
)

// rulingBody is the answer of a service that has decided. It may say more.
type rulingBody struct {
	Case       string             `json:"case_id"`
	Resolution *teg.DisputeStatus `json:"resolution_status"`
	Notes      string             `json:"resolution_notes"`
	Penalty    *string            `json:"token_penalty"`
	Hold       string             `json:"hold"`
}

// Ruling implements [teg.Arbitrator]. A ruling that makes no sense is an error.
func (s *Service) Ruling(ctx context.Context, d teg.DisputeID) (teg.Ruling, bool, error) {
	status, body, err := s.ask(ctx, http.MethodGet, "/cases/"+d.String()+"/ruling", "", nil)
	switch {
	case err != nil:
		return teg.Ruling{}, false, err
	case status == http.StatusNoContent, status == http.StatusAccepted:
		return teg.Ruling{}, false, nil
	case status != http.StatusOK:
		return teg.Ruling{}, false, s.refusedWith(status)
	}
	ruling, err := readRuling(body, d)
	return ruling, err == nil, err
}

// readRuling reads one JSON object and nothing after it. What was read is checked as
// what anybody else sends is. Where it names its case, that must be the one asked for.
func readRuling(body []byte, of teg.DisputeID) (teg.Ruling, error) {
	var in rulingBody
	decoder := json.NewDecoder(bytes.NewReader(body))
	if !utf8.Valid(body) || decoder.Decode(&in) != nil || in.Resolution == nil {
		return teg.Ruling{}, fmt.Errorf("%w: no ruling can be read from it", errAnswer)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return teg.Ruling{}, fmt.Errorf("%w: something follows the ruling", errAnswer)
	}
	if in.Case != "" && in.Case != of.String() {
		return teg.Ruling{}, fmt.Errorf("%w: the ruling is of another case", errAnswer)
	}
	ruling := teg.Ruling{Resolution: *in.Resolution, Notes: in.Notes, Hold: in.Hold}
	if in.Penalty != nil {
		sum, err := teg.ParseAmount(*in.Penalty)
		if err != nil {
			return teg.Ruling{}, fmt.Errorf("%w: the penalty is no amount", errAnswer)
		}
		ruling.Penalty = &sum
	}
	if err := ruling.Check(); err != nil {
		return teg.Ruling{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	return ruling, nil
}
