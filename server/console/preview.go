package console

import (
	"encoding/json"
	"net/http"

	"github.com/agentvault/teg-layer/server/client"
)

// preview is what the server says of a call before it is made.
type preview struct {
	Allowed bool
	Answer  []fact // that it would give
	Message string // with which it would refuse
	Rule    string // that would refuse it
	Figures []figure
	Ways    []string // in which it would pass
}

// figure is something that a rule looks at.
type figure struct{ Name, Value, Unit string }

// explain asks the server what a call would do. A server that does not tell is no fault.
func (v *visit) explain(a *act, path string, body any) (*preview, error) {
	asked := map[string]any{"method": a.method, "path": path}
	if body != nil {
		asked["body"] = body
	}
	answer, err := v.api.Call(v.r.Context(), http.MethodPost, "/explain", asked)
	if code := client.CodeOf(err); code == client.ErrRouteNotFound || code == client.ErrInvalidInput {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return newPreview(answer)
}

// newPreview reads what the server told.
func newPreview(answer []byte) (*preview, error) {
	var told struct {
		Allowed bool            `json:"allowed"`
		Answer  json.RawMessage `json:"answer"`
		Error   struct {
			Message string `json:"message"`
		} `json:"error"`
		Reason struct {
			Rule      string   `json:"rule"`
			Figures   []figure `json:"figures"`
			WouldPass []struct {
				Do string `json:"do"`
			} `json:"would_pass"`
		} `json:"reason"`
	}
	if err := json.Unmarshal(answer, &told); err != nil {
		return nil, err
	}
	p := &preview{Allowed: told.Allowed, Answer: facts(told.Answer), Message: told.Error.Message, Rule: told.Reason.Rule, Figures: told.Reason.Figures}
	for _, way := range told.Reason.WouldPass {
		p.Ways = append(p.Ways, way.Do)
	}
	return p, nil
}
