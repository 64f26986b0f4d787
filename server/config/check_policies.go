package config

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// checkPolicies sees to who is asked before every act.
func (c *collector) checkPolicies(config *Config) {
	const example = "http://127.0.0.1:8181/v1/data/teg/decision"
	url := c.endpoint("OPA_URL", config.OPAURL, example)
	c.require(url == nil || isPrivateWay(url), "must begin with https:// unless it is this machine: whoever is on the way could decide", "OPA_URL")
	_, rule, found := strings.Cut(config.OPAURL, "/v1/data/")
	c.require(url == nil || found && rule != "", "must be the address of a rule, such as "+example, "OPA_URL")
	c.require(url == nil || config.OPAPolicyDir == "", "is instead of OPA_URL: one of the two decides", "OPA_POLICY_DIR", "OPA_URL")
	c.require(url != nil || config.OPAToken.IsZero(), "is for the agent at OPA_URL, which is not set", "OPA_TOKEN", "OPA_URL")
	c.require(!bytes.ContainsFunc(config.OPAToken.Reveal(), outsideToken), "must be printable ASCII without spaces", "OPA_TOKEN")
	c.within(config.OPATimeout, 10*time.Millisecond, 30*time.Second, "must be from 10ms to 30s", "OPA_TIMEOUT")
}

// checkRegistries sees to how registries are asked; what they are is checked as it is
// read.
func (c *collector) checkRegistries(config *Config) {
	c.within(config.RegistryTimeout, 10*time.Millisecond, 30*time.Second, "must be from 10ms to 30s", "REGISTRY_TIMEOUT")
	c.within(config.RegistryTTL, time.Second, 30*24*time.Hour, "must be from 1s to 30d", "REGISTRY_TTL")
	for i := range config.Registries {
		r := &config.Registries[i]
		c.require(!config.hasKey() || r.Issuer != config.JWTIssuer, "must have issuers other than JWT_ISSUER: that is this server's own key", "REGISTRIES", "JWT_ISSUER")
		c.require(config.jwks == nil || r.Issuer != config.registryName(), "must have issuers other than that of JWT_JWKS_URL", "REGISTRIES", "JWT_JWKS_ISSUER", "JWT_ISSUER")
		issuer, err := issuerOf(r, config.JWTJWKSRefresh)
		c.require(err == nil, "cannot be used: "+reason(err), "REGISTRIES")
		config.registries = append(config.registries, issuer)
	}
}

// checkPeers sees to the workloads that connect with SVIDs.
func (c *collector) checkPeers(config *Config) {
	addr, socket := config.SPIFFEListenAddr, config.SPIFFESocket
	c.require(addr == "" || isListenAddr(addr), "must be host:port such as 127.0.0.1:8443 or :8443", "SPIFFE_LISTEN_ADDR")
	c.require(addr == "" || socket != "", "is required with SPIFFE_LISTEN_ADDR: from there SVIDs come", "SPIFFE_ENDPOINT_SOCKET", "SPIFFE_LISTEN_ADDR")
	c.require(addr == "" || len(config.SPIFFEDomains) > 0, "is required with SPIFFE_LISTEN_ADDR: nobody could connect", "SPIFFE_TRUST_DOMAINS", "SPIFFE_LISTEN_ADDR")
	c.require(addr != "" || len(config.SPIFFEDomains) == 0, "needs SPIFFE_LISTEN_ADDR, where workloads connect", "SPIFFE_TRUST_DOMAINS", "SPIFFE_LISTEN_ADDR")
	c.require(addr != "" || len(config.SPIFFERoles) == 0, "needs SPIFFE_LISTEN_ADDR, where workloads connect", "SPIFFE_ROLES", "SPIFFE_LISTEN_ADDR")
	for id := range config.SPIFFERoles {
		domain, _, _ := strings.Cut(strings.TrimPrefix(id, "spiffe://"), "/")
		c.require(addr == "" || slices.ContainsFunc(config.SPIFFEDomains, func(d string) bool { return strings.TrimPrefix(d, "spiffe://") == domain }),
			"names a workload of none of SPIFFE_TRUST_DOMAINS, which could not connect", "SPIFFE_ROLES", "SPIFFE_TRUST_DOMAINS")
	}
	c.require(socket == "" || strings.HasPrefix(socket, "unix:///") || strings.HasPrefix(socket, "tcp://"),
		"must be an address such as unix:///run/spire/agent.sock", "SPIFFE_ENDPOINT_SOCKET")
}
