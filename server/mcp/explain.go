package mcp

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/agentvault/teg-layer/server/client"
)

type explainIn struct {
	Tool      string         `json:"tool" jsonschema:"the tool that would be called: pay, hold, settle, attest or dispute"`
	Arguments map[string]any `json:"arguments" jsonschema:"the arguments that it would be called with"`
}

type explained struct {
	Allowed bool   `json:"allowed" jsonschema:"whether it would be done"`
	Why     string `json:"why,omitempty" jsonschema:"why it would be refused, and what would pass"`
}

// addExplain adds the tool that says what would come of another.
func (w *wallet) addExplain() {
	add(w, tool{name: "explain", title: "What would come of a call",
		description: "Whether a call would be done or refused, by which rule and what would pass. Does nothing."},
		func(c *calling, in explainIn) (explained, error) {
			ask, known := w.foresee[in.Tool]
			if !known {
				return explained{}, &inputError{"tool", "must be one that does something: " + strings.Join(slices.Sorted(maps.Keys(w.foresee)), ", ")}
			}
			arguments, err := json.Marshal(in.Arguments)
			if err != nil {
				return explained{}, err
			}
			c.dry = new(client.Explanation)
			if err = ask(c, arguments); err == nil {
				return explained{Allowed: true}, nil
			}
			var bound *boundError
			var input *inputError
			if c.dry.Reason == nil && !errors.As(err, &bound) && !errors.As(err, &input) { // it is not known
				return explained{}, err
			}
			return explained{Why: refusalOf(err, c.dry).Error()}, nil
		})
}
