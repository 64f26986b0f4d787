package main

import (
	"fmt"
	"net/http"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/server/mcp"
)

// mcpPath is where the tools for language models are served.
const mcpPath = "/mcp"

// withMCP serves the tools of MCP beside the API, where that is wanted.
func withMCP(api http.Handler, c *config.Config) (http.Handler, error) {
	if !c.MCPEnabled {
		return api, nil
	}
	tools, err := mcp.NewHandler(mcp.HandlerConfig{
		API: api, Prefix: c.APIPrefix, Origins: c.CORSOrigins, MaxBody: c.MaxBodyBytes, Wallet: mcp.Config{Version: programVersion()},
	})
	if err != nil {
		return nil, fmt.Errorf("the tools of MCP cannot be served: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == mcpPath {
			tools.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	}), nil
}
