package console

import (
	"encoding/json"
	"net/http"

	"github.com/agentvault/teg-layer/server/client"
)

// preview is what the server says would come of a call.
type preview struct {
	Allowed bool
	Facts   []fact // it would be answered with these

	Message string // why it would be refused
	Rule    string
	Faults  []client.FieldError
	Figures []fact   // what the rule looked at
	Ways    []string // what would pass
}

// explanation is the answer of POST /explain, as far as it is shown.
type explanation struct {
	Allowed bool            `json:"allowed"`
	Answer  json.RawMessage `json:"answer"`
	Error   struct {
		Message string              `json:"message"`
		Fields  []client.FieldError `json:"validation_errors"`
	} `json:"error"`
	Reason struct {
		Rule    string `json:"rule"`
		Figures []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
			Unit  string `json:"unit"`
		} `json:"figures"`
		Ways []struct {
			Do string `json:"do"`
		} `json:"would_pass"`
	} `json:"reason"`
}

// foresee asks the server what a call would do. Nil without an error: it does not tell.
func (v *visit) foresee(method, path string, body any) (*explanation, error) {
	call := map[string]any{"method": method, "path": path}
	if body != nil {
		call["body"] = body
	}
	answer, err := v.api.Call(v.r.Context(), http.MethodPost, "/explain", call)
	if code := client.CodeOf(err); code == client.ErrRouteNotFound || code == client.ErrInvalidInput {
		return nil, nil // an older server, or a call that cannot be explained
	}
	if err != nil {
		return nil, err
	}
	told := new(explanation)
	return told, json.Unmarshal(answer, told)
}

// explain asks the server what a call would do, for people.
func (v *visit) explain(method, path string, body any) (*preview, error) {
	told, err := v.foresee(method, path, body)
	if told == nil || err != nil {
		return nil, err
	}
	p := &preview{Allowed: told.Allowed, Message: told.Error.Message, Rule: told.Reason.Rule, Faults: told.Error.Fields, Facts: facts(told.Answer)}
	for _, figure := range told.Reason.Figures {
		p.Figures = append(p.Figures, fact{figure.Name, measured(figure.Value, figure.Unit)})
	}
	for _, way := range told.Reason.Ways {
		p.Ways = append(p.Ways, way.Do)
	}
	return p, nil
}

// measured is a value with its unit, where that says something.
func measured(value, unit string) string {
	if unit == "AVT" || unit == "seconds" {
		return value + " " + unit
	}
	return value
}
