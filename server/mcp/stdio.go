package mcp

import (
	"context"
	"errors"
	"io"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/agentvault/teg-layer/server/client"
)

// ServeStdio serves the tools of the agent that a client calls as to whoever writes to in
// and reads from out, until in or the context ends.
func ServeStdio(ctx context.Context, c *client.Client, config Config, in io.Reader, out io.Writer) error {
	err := New(c, config).Run(ctx, &sdk.IOTransport{Reader: io.NopCloser(in), Writer: kept{out}})
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// kept is a writer that is not closed with the connection.
type kept struct{ io.Writer }

// Close closes nothing.
func (kept) Close() error { return nil }
