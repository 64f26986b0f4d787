package config

import (
	"log/slog"
	"net/url"
	"path"
	"slices"
	"strings"
)

// Kind is a kind of database. The zero Kind is none.
type Kind uint8

// The kinds of databases.
const (
	Postgres Kind = iota + 1
	SQLite        // a file
	Memory        // SQLite that is gone when the process ends
)

// String returns postgres, sqlite or memory, and "" for the zero Kind.
func (k Kind) String() string {
	switch k {
	case Postgres:
		return "postgres"
	case SQLite:
		return "sqlite"
	case Memory:
		return "memory"
	}
	return ""
}

// Database says where the economy is kept.
type Database struct {
	Kind Kind
	URL  string // as it was given; it may hold a password
	Path string // of the file of SQLite
}

// ParseDatabaseURL reads a database URL:
//
//	postgres://user:password@host/name, postgresql://...
//	postgres://user:password@host1:5432,host2:5432/name
//	sqlite:///absolute/path.db   the file /absolute/path.db
//	sqlite://relative.db         a file in the working directory
//	sqlite://:memory:
//
// The error does not repeat the URL.
func ParseDatabaseURL(text string) (Database, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	switch {
	case !ok:
	case scheme == "sqlite":
		return parseSQLite(text, rest)
	case scheme == "postgres" || scheme == "postgresql":
		if u, hosts, err := parsePostgres(text); err == nil && u.Opaque == "" && u.Fragment == "" && !slices.Contains(hosts, "") {
			return Database{Kind: Postgres, URL: text}, nil
		}
		return Database{}, problem("must be postgres://user:password@host/name; percent-encode what is special in the password")
	}
	return Database{}, problem("must start with postgres://, postgresql:// or sqlite://")
}

// parsePostgres reads a URL of which the host may be several, which package url cannot.
// hosts are those that are connected to: names, addresses or directories, with ports where
// they are said.
func parsePostgres(text string) (parsed *url.URL, hosts []string, err error) {
	scheme, rest, _ := strings.Cut(text, "://")
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	begin := strings.LastIndexByte(rest[:end], '@') + 1
	hosts = strings.Split(rest[begin:end], ",")
	for _, host := range hosts { // each is checked in its place
		if parsed, err = url.Parse(scheme + "://" + rest[:begin] + host + rest[end:]); err != nil {
			return nil, nil, err
		}
	}
	if len(hosts) > 1 {
		parsed.Host = rest[begin:end]
	}
	if given := parsed.Query().Get("host"); given != "" {
		hosts = strings.Split(given, ",")
	}
	return parsed, hosts, nil
}

func parseSQLite(text, rest string) (Database, error) {
	switch {
	case rest == ":memory:":
		return Database{Kind: Memory, URL: text}, nil
	case strings.ContainsAny(rest, "?#\x00"):
		return Database{}, problem("must name a file without ? and #; SQLite is tuned by teg itself")
	case rest == "" || strings.HasSuffix(rest, "/"):
		return Database{}, problem("must name a file: sqlite:///absolute/path.db or sqlite://relative.db")
	}
	return Database{Kind: SQLite, URL: text, Path: path.Clean(rest)}, nil
}

// String returns the URL with passwords masked.
func (d Database) String() string {
	if d.Kind != Postgres {
		return d.URL
	}
	u, _, err := parsePostgres(d.URL)
	if err != nil {
		return mask
	}
	query, changed := u.Query(), false
	for name := range query {
		if strings.Contains(name, "pass") {
			query.Set(name, "xxxxx")
			changed = true
		}
	}
	if changed {
		u.RawQuery = query.Encode()
	}
	return u.Redacted()
}

// GoString is String, for %#v.
func (d Database) GoString() string { return d.String() }

// LogValue is String, for log/slog.
func (d Database) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalText is String, so that no encoder tells a password.
func (d Database) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a database URL.
func (d *Database) UnmarshalText(text []byte) error {
	parsed, err := ParseDatabaseURL(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}
