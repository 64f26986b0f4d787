package main

import (
	"context"
	"fmt"
	"os"

	"github.com/agentvault/teg-layer/server/config"
	"github.com/agentvault/teg-layer/teg"
	"github.com/agentvault/teg-layer/teg/decider/opa"
)

// policies are who is asked before every act.
type policies struct {
	teg.Decider
	check   func(context.Context) error // nil: they are in the process
	reload  func(context.Context) error // nil: they are elsewhere
	hangups chan os.Signal              // each asks for a reload
	close   func()
}

// openPolicies is who the configuration has asked before every act; nil for nobody. An
// Open Policy Agent is not asked yet: a server starts without it, and refuses every act.
func openPolicies(ctx context.Context, c *config.Config) (*policies, error) {
	switch {
	case c.OPAPolicyDir != "":
		return openRego(ctx, c)
	case c.OPAURL == "":
		return nil, nil
	}
	agent, err := opa.New(opa.Config{URL: c.OPAURL, Token: string(c.OPAToken.Reveal()), Timeout: c.OPATimeout})
	if err != nil {
		return nil, fmt.Errorf("the Open Policy Agent cannot be asked: %w", err)
	}
	return &policies{Decider: agent, check: agent.Check, close: agent.Close}, nil
}

// unasked is the configuration for who works on the books himself: an operator who
// verifies or imports asks no policy.
func unasked(c *config.Config) *config.Config {
	free := *c
	free.OPAURL, free.OPAPolicyDir = "", ""
	return &free
}
