package client

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Call makes a call of any route below the prefix, and returns the body of its answer: for
// operations that a newer server has, or for tools that pass on what they are told. The path
// is escaped and may have a query: "/token/transactions?limit=1". A body is encoded as JSON;
// nil is none. What writes gets a key, and is not sent again where it could have been
// carried out, as it is not known whether the route takes one.
func (c *Client) Call(ctx context.Context, method, path string, body any, options ...CallOption) ([]byte, error) {
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "{}# ") {
		return nil, fmt.Errorf("client: the path %q must begin with / and be escaped", path)
	}
	made := call{
		name: method + " " + path, method: method, path: path, repeat: untouched, keyed: true, body: body,
		statuses: []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent},
	}
	if method == http.MethodGet {
		made.repeat, made.keyed = reading, false
	}
	return content(ctx, c, made, options)
}

// AccessToken is the token that a call would send now, for tools that call by themselves: with
// [WithLogin] the client logs in first where that is needed. Empty without a token.
func (c *Client) AccessToken(ctx context.Context) (string, error) { return c.identity.token(ctx) }
