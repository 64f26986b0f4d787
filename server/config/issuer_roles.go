package config

import (
	"strings"

	"github.com/agentvault/teg-layer/server/auth"
)

// IssuerRoles says which roles an issuer of tokens may give, by its iss or
// auth.AnyIssuer. nil bounds nothing.
type IssuerRoles map[string]auth.Roles

const badIssuerRoles problem = "must be roles such as agent,auditor, or issuers with roles such as https://a.example=agent,auditor;https://b.example=agent"

// UnmarshalText reads entries with semicolons between them. An entry is an
// issuer, an equals sign and roles with commas between them; an entry without
// an issuer holds for all others.
func (r *IssuerRoles) UnmarshalText(text []byte) error {
	all := IssuerRoles{}
	for entry := range strings.SplitSeq(string(text), ";") {
		issuer, roles, err := parseIssuerRoles(strings.TrimSpace(entry))
		if _, twice := all[issuer]; err != nil || twice {
			return badIssuerRoles
		}
		all[issuer] = roles
	}
	*r = all
	return nil
}

func parseIssuerRoles(entry string) (string, auth.Roles, error) {
	issuer, list := auth.AnyIssuer, entry
	if i := strings.LastIndexByte(entry, '='); i >= 0 {
		issuer, list = strings.TrimSpace(entry[:i]), entry[i+1:]
	}
	names := strings.Split(list, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	roles, err := auth.ParseRoles(names...)
	return issuer, roles, err
}
