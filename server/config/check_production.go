package config

import (
	"bytes"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/server/auth"
)

// production are the settings that are convenient at a desk and dangerous elsewhere: each
// with what makes it safe, and what is said where it is not. The documentation lists them.
var production = []struct {
	variable string
	safe     func(*Config) bool
	problem  string
	others   []string // variables whose faults come before this one
}{
	{"DEBUG", func(c *Config) bool { return !c.Debug }, "must be false in production: it shows internals to callers", nil},
	{"DATABASE_URL", func(c *Config) bool { return c.Database.Kind != Memory },
		"must not be sqlite://:memory: in production: everything is lost when the process ends; name a file or a PostgreSQL server", nil},
	{"DATABASE_URL", func(c *Config) bool { return saysHowToConnect(c.Database) },
		"must say sslmode in production unless the server is this machine: ?sslmode=verify-full, or disable where nobody else is on the network", nil},
	{"CORS_ALLOWED_ORIGINS", func(c *Config) bool { return !slices.Contains(c.CORSOrigins, AnyOrigin) }, "must name the origins in production", nil},
	{"TRUSTED_PROXIES", func(c *Config) bool { return !slices.ContainsFunc(c.TrustedProxies, everybody) },
		"must name your proxies in production: with a network of everybody, anybody can give any address for its own", nil},
	{"RATE_LIMIT_ENABLED", func(c *Config) bool { return c.RateLimitEnabled },
		"must be true in production: one caller could keep all others waiting; raise the RATE_LIMIT_ settings instead", nil},
	{"JWT_SECRET_KEY", func(c *Config) bool { return string(c.JWTSecretKey.Reveal()) != DevelopmentSecret },
		"must be a secret of your own in production: this one is published; " + makeSecret, nil},
	{"JWT_SECRET_KEY", func(c *Config) bool { return c.JWTSecretKey.IsZero() || !guessable(c.JWTSecretKey.Reveal()) },
		"must be made by chance in production, and not be a placeholder or a few characters again and again; " + makeSecret, nil},
	{"WEBHOOK_SECRET_KEY", func(c *Config) bool {
		return c.WebhookSecretKey.IsZero() || string(c.WebhookSecretKey.Reveal()) != DevelopmentSecret && !guessable(c.WebhookSecretKey.Reveal())
	}, "must be a secret of your own in production, made by chance; " + makeSecret, nil},
	{"WEBHOOK_ALLOW_PRIVATE", func(c *Config) bool { return !c.WebhookAllowPrivate },
		"must be false in production: agents could have messages sent to whatever this server reaches", nil},
	{"JWT_ISSUER", func(c *Config) bool { return c.JWTIssuer != "" || !othersSign(c) },
		"must be set in production where others sign the tokens (JWT_ALGORITHM is not HS256, or JWT_JWKS_URL is set)", []string{"JWT_ALGORITHM", "JWT_JWKS_URL"}},
	{"JWT_AUDIENCE", func(c *Config) bool { return c.JWTAudience != "" || !othersSign(c) },
		"must be set in production where others sign the tokens: without it those for any other service are good here", []string{"JWT_ALGORITHM", "JWT_JWKS_URL"}},
	{"IDEMPOTENCY_TTL", func(c *Config) bool { return c.IdempotencyTTL >= 24*time.Hour },
		"must be at least 24h in production: clients are promised that", nil},
	{"IPFS_API_URL", func(c *Config) bool { return c.IPFSAPIToken.IsZero() || isPrivate(c.IPFSAPIURL) },
		"must begin with https:// in production unless it is this machine: its token would be there to read on the way", nil},
	{"IPFS_PINNING_URL", func(c *Config) bool { return isPrivate(c.IPFSPinningURL) },
		"must begin with https:// in production unless it is this machine: its token would be there to read on the way", nil},
}

// checkProduction refuses what is unsafe.
func (c *collector) checkProduction(config *Config) {
	if config.Environment != Production {
		return
	}
	for _, rule := range production {
		c.require(rule.safe(config), rule.problem, rule.variable, rule.others...)
	}
}

// everybody reports whether a network is larger than any that can be one's own, 10.0.0.0/8
// and fc00::/7, so that two halves of the internet are refused as the whole of it is.
func everybody(network netip.Prefix) bool {
	if network.Addr().Is4() {
		return network.Bits() < 8
	}
	return network.Bits() < 7
}

// othersSign reports whether keys that are not this server's are good for its tokens.
func othersSign(c *Config) bool { return c.JWTAlgorithm != auth.HS256 || c.JWTJWKSURL != "" }

// guessable reports whether a secret was typed and not drawn.
func guessable(secret []byte) bool {
	var seen [256]bool
	different := 0
	for _, b := range secret {
		if !seen[b] {
			seen[b] = true
			different++
		}
	}
	plain := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(string(secret)))
	return different < 10 || strings.Contains(plain, "changeme") || bytes.Contains(secret, []byte("your-secret"))
}

// isPrivate reports whether nobody reads along on the way to an address. One that is no
// address is a fault of its own.
func isPrivate(address string) bool {
	u, err := url.Parse(address)
	return address == "" || err != nil || isPrivateWay(u)
}

// saysHowToConnect reports whether it is said if the way to PostgreSQL is encrypted. The
// driver's own default goes on without, where somebody on the way wants it so.
func saysHowToConnect(d Database) bool {
	if d.Kind != Postgres {
		return true
	}
	u, hosts, err := parsePostgres(d.URL)
	return err != nil || u.Query().Get("sslmode") != "" || !slices.ContainsFunc(hosts, isElsewhere)
}

// isElsewhere reports whether a host of PostgreSQL is reached over the network.
func isElsewhere(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	ip, err := netip.ParseAddr(name)
	return !strings.HasPrefix(host, "/") && name != "localhost" && (err != nil || !ip.IsLoopback())
}
