package server

import (
	"errors"
	"strings"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/server/strictjson"
	"github.com/agentvault/teg-layer/teg"
)

// reason is why the call is refused.
func (c *call) reason(err error) *api.RefusalReason {
	x := c.explanation(err)
	r := &api.RefusalReason{Rule: x.Rule, See: x.See(), Figures: make([]api.Figure, len(x.Figures)), WouldPass: make([]api.Way, len(x.WouldPass))}
	if x.Index >= 0 {
		index := int64(x.Index)
		r.Index = &index
	}
	for i, f := range x.Figures {
		r.Figures[i] = api.Figure{Name: f.Name, Value: f.Value, Unit: string(f.Unit)}
	}
	for i, way := range x.WouldPass {
		r.WouldPass[i] = api.Way{
			Field: orNull(way.Field), Bound: orNull(string(way.Bound)), Value: orNull(way.Value), Unit: orNull(string(way.Unit)), Do: way.Do,
		}
	}
	return r
}

// explanation adds to the engine's what this face refuses by itself.
func (c *call) explanation(err error) teg.Explanation {
	x := teg.Explain(err)
	var ruled *teg.Refusal
	var input *strictjson.InputError
	var malformed *strictjson.MalformedError
	switch {
	case errors.As(err, &ruled) && ruled.Rule != "":
	case errors.Is(err, errRole):
		roles := ledger.Word("roles", strings.Join(c.route.access.roles.Names(), " or "))
		x.Rule, x.Figures = "caller.role", []teg.Figure{roles, ledger.Word("has", strings.Join(c.caller.Roles.Names(), ", "))}
		x.WouldPass = []teg.Way{roles.Needs("roles", teg.Is, "Have it asked for by one who has the role "+roles.Value+", and was not stripped of it.")}
	case errors.As(err, &malformed):
		x.Rule, x.WouldPass = "input.json", []teg.Way{ledger.Do("Send a body that is one JSON object.")}
	case errors.As(err, &input):
		x.Rule, x.Figures, x.WouldPass = "input.valid", nil, nil
		for _, each := range input.Fields {
			x.Figures = append(x.Figures, ledger.Word("field", each.Field))
			x.WouldPass = append(x.WouldPass, teg.Way{Field: each.Field, Do: "Change " + each.Field + ": " + each.Message + "."})
		}
	}
	return x
}
