package config

import (
	"strings"
	"time"

	"github.com/agentvault/teg-layer/server/auth"
)

const makeSecret = "make one with `openssl rand -base64 48`"

// checkTokens sees to the key and to the lifetimes of tokens.
func (c *collector) checkTokens(config *Config) {
	c.checkKey(config)
	c.within(config.JWTMaxLifetime, time.Minute, 366*24*time.Hour, "must be from 1m to 366d", "JWT_MAX_LIFETIME")
	minutes := time.Duration(config.JWTAccessMinutes)
	c.require(1 <= minutes && minutes <= config.JWTMaxLifetime/time.Minute, "must be at least 1 and within JWT_MAX_LIFETIME",
		"JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "JWT_MAX_LIFETIME")
	c.require(1 <= config.JWTRefreshDays && config.JWTRefreshDays <= 366, "must be from 1 to 366", "JWT_REFRESH_TOKEN_EXPIRE_DAYS")
}

// checkKey holds the key against the algorithm and loads it.
func (c *collector) checkKey(config *Config) {
	secret, path := config.JWTSecretKey, config.JWTPublicKeyPath
	if config.JWTAlgorithm != auth.HS256 {
		c.require(path != "" || c.WithoutTokens, "must name the PEM file of the public key, as JWT_ALGORITHM is not HS256",
			"JWT_PUBLIC_KEY_PATH", "JWT_ALGORITHM")
		c.loadKey(config)
		return
	}
	c.require(path == "", "is not used by HS256: remove it, or set JWT_ALGORITHM to RS256, ES256 or EdDSA",
		"JWT_PUBLIC_KEY_PATH", "JWT_ALGORITHM")
	if secret.IsZero() {
		c.require(c.WithoutTokens, "is not set, and HS256 needs it; "+makeSecret, "JWT_SECRET_KEY", "JWT_ALGORITHM")
		return
	}
	if err := auth.CheckSecret(secret.Reveal()); err != nil {
		c.require(false, reason(err)+"; "+makeSecret, "JWT_SECRET_KEY", "JWT_ALGORITHM")
	}
}

func (c *collector) loadKey(config *Config) {
	if config.JWTPublicKeyPath == "" {
		return
	}
	key, err := auth.LoadPublicKey(config.JWTPublicKeyPath)
	if err == nil {
		config.publicKey = key
		_, err = auth.New(config.Auth())
	}
	if err != nil {
		c.require(false, "must name a usable key: "+reason(err), "JWT_PUBLIC_KEY_PATH", "JWT_ALGORITHM")
	}
}

// reason is the message of an error of package auth, which holds no secret.
func reason(err error) string { return strings.TrimPrefix(err.Error(), "auth: ") }
