package config

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/server/auth"
	"github.com/agentvault/teg-layer/server/auth/fetch"
)

const makeSecret = "make one with `openssl rand -base64 48`"

// checkTokens sees to the key and to the lifetimes of tokens.
func (c *collector) checkTokens(config *Config) {
	c.checkKey(config)
	c.checkRegistry(config)
	if secret := config.ConsoleSecret; !secret.IsZero() {
		c.require(len(secret.Reveal()) >= 32, "must have at least 32 bytes; "+makeSecret, "CONSOLE_SECRET")
	}
	for _, method := range config.LoginDIDMethods {
		c.require(slices.Contains([]string{"key", "jwk", "web"}, method) || config.Registries.tellKeysOf(method),
			"must be out of key, jwk and web, and the did_methods of registries with a metadata_url, or none", "LOGIN_DID_METHODS", "REGISTRIES")
	}
	c.within(config.JWTMaxLifetime, time.Minute, 366*24*time.Hour, "must be from 1m to 366d", "JWT_MAX_LIFETIME")
	minutes := time.Duration(config.JWTAccessMinutes)
	c.require(1 <= minutes && minutes <= config.JWTMaxLifetime/time.Minute, "must be at least 1 and within JWT_MAX_LIFETIME",
		"JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "JWT_MAX_LIFETIME")
	c.require(1 <= config.JWTRefreshDays && config.JWTRefreshDays <= 366, "must be from 1 to 366", "JWT_REFRESH_TOKEN_EXPIRE_DAYS")
}

// checkKey holds the key against the algorithm and loads it.
func (c *collector) checkKey(config *Config) {
	secret, public, private := config.JWTSecretKey, config.JWTPublicKeyPath, config.JWTPrivateKeyPath
	elsewhere := config.JWTJWKSURL != "" || len(config.Registries) > 0 || c.WithoutTokens
	if config.JWTAlgorithm != auth.HS256 {
		c.require(public != "" || private != "" || elsewhere, "must name the PEM file of the public key, as JWT_ALGORITHM is not HS256",
			"JWT_PUBLIC_KEY_PATH", "JWT_ALGORITHM", "JWT_PRIVATE_KEY_PATH")
		c.loadKeys(config)
		return
	}
	for variable, path := range map[string]string{"JWT_PUBLIC_KEY_PATH": public, "JWT_PRIVATE_KEY_PATH": private} {
		c.require(path == "", "is not used by HS256: remove it, or set JWT_ALGORITHM to RS256, ES256 or EdDSA", variable, "JWT_ALGORITHM")
	}
	if secret.IsZero() {
		c.require(elsewhere, "is not set, and HS256 needs it; "+makeSecret, "JWT_SECRET_KEY", "JWT_ALGORITHM", "JWT_JWKS_URL")
		return
	}
	if err := auth.CheckSecret(secret.Reveal()); err != nil {
		c.require(false, reason(err)+"; "+makeSecret, "JWT_SECRET_KEY", "JWT_ALGORITHM")
	}
}

// loadKeys reads the key files. The public key may be left out where the private one
// is there.
func (c *collector) loadKeys(config *Config) {
	var err error
	if path := config.JWTPublicKeyPath; path != "" {
		if config.publicKey, err = auth.LoadPublicKey(path); err == nil {
			_, err = auth.New(config.Auth())
		}
		c.require(err == nil, "must name a usable key: "+reason(err), "JWT_PUBLIC_KEY_PATH", "JWT_ALGORITHM")
	}
	if path := config.JWTPrivateKeyPath; path != "" && err == nil {
		if config.privateKey, err = auth.LoadPrivateKey(path); err == nil {
			_, err = auth.NewSigner(config.Auth(), config.privateKey)
		}
		c.require(err == nil, "must name a usable key: "+reason(err), "JWT_PRIVATE_KEY_PATH", "JWT_ALGORITHM")
		if err == nil {
			config.publicKey = config.privateKey.Public()
		}
	}
}

// checkRegistry sees to the keys that a registry publishes.
func (c *collector) checkRegistry(config *Config) {
	url := c.endpoint("JWT_JWKS_URL", config.JWTJWKSURL, "https://registry.example/jwks.json")
	c.require(url == nil || isPrivateWay(url), "must begin with https:// unless it is this machine: whoever is on the way could put in a key", "JWT_JWKS_URL")
	for variable, given := range map[string]bool{
		"JWT_JWKS_ALGORITHM": config.JWTJWKSAlgorithm != 0, "JWT_JWKS_ISSUER": config.JWTJWKSIssuer != "", "JWT_JWKS_DID_METHODS": len(config.JWTJWKSMethods) > 0,
	} {
		c.require(url != nil || !given, "is about the registry at JWT_JWKS_URL, which is not set", variable, "JWT_JWKS_URL")
	}
	c.within(config.JWTJWKSRefresh, 10*time.Second, 24*time.Hour, "must be from 10s to 24h", "JWT_JWKS_REFRESH")
	if url == nil {
		return
	}
	c.require(strings.TrimSpace(c.values["JWT_JWKS_DID_METHODS"].text) != noMethods, // which would be read as all
		"must name methods that the registry may speak for; for no registry at all unset JWT_JWKS_URL", "JWT_JWKS_DID_METHODS", "JWT_JWKS_URL")
	c.require(config.registryAlgorithm() != auth.HS256, "must be RS256, ES256 or EdDSA: what the registry signs with",
		"JWT_JWKS_ALGORITHM", "JWT_ALGORITHM", "JWT_JWKS_URL")
	c.require(!config.hasKey() || config.JWTJWKSIssuer != "" && config.JWTJWKSIssuer != config.JWTIssuer,
		"must say what iss of the registry's tokens is, and be another than JWT_ISSUER: there is a key of this server beside the registry's", "JWT_JWKS_ISSUER", "JWT_JWKS_URL")
	keys, err := auth.NewJWKS(auth.JWKSConfig{
		URL: config.JWTJWKSURL, Algorithm: config.registryAlgorithm(), Refresh: config.JWTJWKSRefresh,
		Client: fetch.New(fetch.Config{AnyAddress: true, Plain: true, MaxBytes: auth.MaxJWKSBytes}), // what is plain was refused above
	})
	if err == nil {
		config.jwks = keys
	}
}

// hasKey tells whether the server has a key of its own to check tokens with.
func (c *Config) hasKey() bool {
	return c.JWTAlgorithm == auth.HS256 && !c.JWTSecretKey.IsZero() || c.JWTPublicKeyPath != "" || c.JWTPrivateKeyPath != ""
}

// registryAlgorithm is what the registry signs with.
func (c *Config) registryAlgorithm() auth.Algorithm {
	return cmp.Or(c.JWTJWKSAlgorithm, c.JWTAlgorithm)
}

// registryName is what the registry calls itself in its tokens.
func (c *Config) registryName() string {
	if c.JWTJWKSIssuer == "" && !c.hasKey() {
		return c.JWTIssuer
	}
	return c.JWTJWKSIssuer
}

// reason is the message of an error of package auth, which holds no secret; "" for none.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "auth: ")
}
