package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/agentvault/teg-layer/server/client"
)

// tool is what a model is told of one.
type tool struct {
	name, title, description string
	acts                     bool // it does something that cannot be taken back
}

// foresight asks what would come of a tool with these arguments.
type foresight func(c *calling, arguments json.RawMessage) error

// add makes a tool of what is done for its arguments. What it fails with is told to the
// model as a refusal, with the reason where the server gives one.
func add[In, Out any](w *wallet, t tool, run func(*calling, In) (Out, error)) {
	if t.acts {
		w.foresee[t.name] = func(c *calling, arguments json.RawMessage) error {
			var in In
			if err := json.Unmarshal(arguments, &in); err != nil {
				return &inputError{"arguments", "must be those of the tool " + t.name + ": " + err.Error()}
			}
			_, err := run(c, in)
			return err
		}
	}
	described := t.described()
	described.InputSchema, described.OutputSchema = schemaOf[In](), schemaOf[Out]()
	sdk.AddTool(w.server, described, func(ctx context.Context, request *sdk.CallToolRequest, in In) (_ *sdk.CallToolResult, out Out, err error) {
		defer func() { // the library calls this in goroutines of its own
			if fault := recover(); fault != nil {
				err = fmt.Errorf("%w (%v)", errFault, fault)
			}
		}()
		c, err := w.connect(request)
		if err != nil {
			return nil, out, err
		}
		call := &calling{Client: c, ctx: ctx, wallet: w}
		if out, err = run(call, in); err == nil {
			return nil, out, nil
		}
		if t.acts {
			call.explain(err, func(c *calling) { _, _ = run(c, in) })
		}
		return nil, out, refusalOf(err, call.dry)
	})
}

// explain asks why something was refused that was not done.
func (c *calling) explain(err error, again func(*calling)) {
	var refused *client.Error
	if !errors.As(err, &refused) || refused.InDoubt || refused.Status == http.StatusUnauthorized || refused.Status >= http.StatusTooManyRequests {
		return
	}
	c.dry = new(client.Explanation)
	again(c)
}

// described is a tool as the protocol shows it.
func (t tool) described() *sdk.Tool {
	closed := false
	return &sdk.Tool{
		Name: t.name, Title: t.title, Description: t.description,
		Annotations: &sdk.ToolAnnotations{
			Title: t.title, ReadOnlyHint: !t.acts, DestructiveHint: &t.acts, IdempotentHint: true, OpenWorldHint: &closed,
		},
	}
}
