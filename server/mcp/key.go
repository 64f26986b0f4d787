package mcp

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/agentvault/teg-layer/server/client"
)

// A model that got no answer, or forgot that it got one, calls a tool again with the same
// arguments. Such a call gets the same key as the first, by which the server knows it: keys
// are made of the arguments and the hour. In the first quarter of an hour it is looked
// whether the one before has seen the call, so that a repetition within a quarter of an
// hour is always known.
const (
	keyWindow = time.Hour
	keyGrace  = 15 * time.Minute
)

// refusalsTried is how many refusals under a key that was made here are passed over: what
// was refused before may pass now.
const refusalsTried = 8

// once does something under a key: the one that was given, or one that a repetition has
// too. It returns the key under which it was done, or refused for the last time.
func (c *calling) once(tool string, in any, given string, do func(key string) error) (string, error) {
	if given != "" || c.dry != nil {
		return given, do(given)
	}
	base, err := c.commonKey(tool, in)
	if err != nil {
		return "", err
	}
	key := base
	for next := 2; ; next++ {
		err = do(key)
		var refused *client.Error
		if next > refusalsTried || !errors.As(err, &refused) || !refused.Replayed {
			return key, err
		}
		key = base + "-" + strconv.Itoa(next)
	}
}

// commonKey is the key of a call that has none of its own.
func (c *calling) commonKey(tool string, in any) (string, error) {
	now := c.wallet.now().UTC()
	begun := now.Truncate(keyWindow)
	if now.Sub(begun) < keyGrace {
		before := keyOf(tool, in, begun.Add(-keyWindow))
		switch _, err := c.GetOperation(c.ctx, before); {
		case err == nil:
			return before, nil
		case !errors.Is(err, client.ErrEntityNotFound):
			return "", fmt.Errorf("nothing was done: whether it was done before is not known: %w", err)
		}
	}
	return keyOf(tool, in, begun), nil
}

func keyOf(tool string, in any, window time.Time) string {
	text, _ := json.Marshal(in) // plain strings
	sum := sha256.Sum256(append([]byte(tool+"\x00"), text...))
	return "mcp-" + window.Format("2006010215") + "-" + hex.EncodeToString(sum[:12])
}

// repeated reports whether an answer is that of a call of an earlier time. One that was
// sent more than once was made by this call.
func repeated(came *client.Answer) bool { return came.Replayed && came.Tries == 1 }
