package auth

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger/did"
	"github.com/agentvault/teg-layer/server/strictjson"
)

// claims are the members of a token's payload.
type claims map[string]any

// identify returns the identity that a signed payload gives at a time, or why
// it gives none.
func (c Config) identify(payload []byte, by *issuer, now time.Time) (Identity, error) {
	var members map[string]any
	if strictjson.Decode(payload, &members) != nil {
		return Identity{}, refusedClaims
	}
	var id Identity
	for _, read := range []func(claims, *issuer, *Identity) error{
		c.readSubject, readIssuer, c.readAudience, readRoles, readTokenID, readSession,
	} {
		if err := read(members, by, &id); err != nil {
			return Identity{}, err
		}
	}
	if err := c.readTimes(members, &id, now); err != nil {
		return Identity{}, err
	}
	return id, nil
}

func (c Config) readSubject(m claims, by *issuer, id *Identity) error {
	sub, _ := m["sub"].(string)
	agent, err := did.Parse(sub)
	if err != nil || slices.Contains(c.Reserved, agent) {
		return refusedSubject
	}
	if len(by.methods) > 0 && !slices.Contains(by.methods, agent.Method()) {
		return refusedMethod
	}
	id.Agent = agent
	return nil
}

func readIssuer(m claims, by *issuer, id *Identity) error {
	iss, ok := m["iss"].(string)
	if _, given := m["iss"]; given && !ok || by.name != "" && iss != by.name {
		return refusedIssuer
	}
	id.Issuer = iss
	return nil
}

func (c Config) readAudience(m claims, _ *issuer, _ *Identity) error {
	var names []string
	switch aud := m["aud"].(type) {
	case string:
		names = []string{aud}
	case []any:
		var ok bool
		if names, ok = texts(aud); !ok {
			return refusedAudience
		}
	default:
		if _, given := m["aud"]; given {
			return refusedAudience
		}
	}
	if c.Audience != "" && !slices.Contains(names, c.Audience) {
		return refusedAudience
	}
	return nil
}

// readRoles comes after readIssuer, which says who gives them.
func readRoles(m claims, by *issuer, id *Identity) error {
	claimed := RolesOf(Agent)
	if value, given := m["roles"]; given {
		list, _ := value.([]any)
		names, ok := texts(list)
		if !ok || list == nil {
			return refusedRoles
		}
		for _, name := range names {
			if role, err := ParseRole(name); err == nil {
				claimed = claimed.With(role)
			}
		}
	}
	id.Roles = by.roles(id.Issuer, claimed)
	return nil
}

func readTokenID(m claims, _ *issuer, id *Identity) (err error) {
	id.TokenID, err = name(m, "jti", refusedTokenID)
	return err
}

// readSession reads sid of tokens of the local key: to others it may mean anything, as it
// may where another program signs with that key.
func readSession(m claims, by *issuer, id *Identity) error {
	if !by.local {
		return nil
	}
	session, err := name(m, "sid", refusedSession)
	if strings.HasPrefix(session, SessionPrefix) {
		id.Session = session
	}
	return err
}

// name reads a text that may be left out.
func name(m claims, claim string, refused refusal) (string, error) {
	value, given := m[claim]
	text, _ := value.(string)
	if given && (text == "" || len(text) > MaxTokenIDBytes) {
		return "", refused
	}
	return text, nil
}

// readTimes checks exp, iat and nbf against each other and against now.
func (c Config) readTimes(m claims, id *Identity, now time.Time) error {
	exp, okExp := date(m["exp"])
	iat, okIat := date(m["iat"])
	nbf, okNbf := date(m["nbf"])
	if _, given := m["nbf"]; !okExp || !okIat || given && !okNbf {
		return refusedTime
	}
	switch {
	case !exp.After(iat) || exp.Sub(iat) > c.MaxLifetime:
		return refusedLifetime
	case !now.Before(exp.Add(c.Leeway)):
		return refusedExpired
	case iat.After(now.Add(c.Leeway)) || okNbf && nbf.After(now.Add(c.Leeway)):
		return refusedEarly
	}
	id.IssuedAt, id.Expires = iat, exp
	return nil
}

// date reads a NumericDate: seconds since 1970, perhaps with a fraction.
func date(value any) (time.Time, bool) {
	literal, ok := value.(json.Number)
	if !ok {
		return time.Time{}, false
	}
	const last = 253402300799 // the last second of the year 9999
	if s, err := strconv.ParseInt(literal.String(), 10, 64); err == nil {
		return time.Unix(s, 0).UTC(), 0 <= s && s <= last
	}
	s, err := strconv.ParseFloat(literal.String(), 64)
	if err != nil || !(0 <= s && s <= last) {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(s * 1e6)).UTC(), true
}

// texts returns the elements of a list that has only strings.
func texts(list []any) ([]string, bool) {
	names := make([]string, len(list))
	for i, v := range list {
		name, ok := v.(string)
		if !ok {
			return nil, false
		}
		names[i] = name
	}
	return names, true
}
