package config

import (
	"bytes"
	"net/netip"
	"net/url"
	"time"
)

// checkEvidence sees to the storage of evidence.
func (c *collector) checkEvidence(config *Config) {
	api := c.endpoint("IPFS_API_URL", config.IPFSAPIURL, "http://127.0.0.1:5001")
	pinning := c.endpoint("IPFS_PINNING_URL", config.IPFSPinningURL, "https://pin.example/psa")
	c.require(api != nil || config.IPFSAPIToken.IsZero(), "is for the node at IPFS_API_URL, which is not set", "IPFS_API_TOKEN", "IPFS_API_URL")
	c.require(api != nil || pinning == nil, "needs IPFS_API_URL: what is to be kept is read from a node and proved before",
		"IPFS_PINNING_URL", "IPFS_API_URL")
	c.require((pinning == nil) == config.IPFSPinningToken.IsZero(), "goes together with IPFS_PINNING_URL: set both or none",
		"IPFS_PINNING_TOKEN", "IPFS_PINNING_URL")
	const plain = "must be printable ASCII without spaces"
	c.require(!bytes.ContainsFunc(config.IPFSAPIToken.Reveal(), outsideToken), plain, "IPFS_API_TOKEN")
	c.require(!bytes.ContainsFunc(config.IPFSPinningToken.Reveal(), outsideToken), plain, "IPFS_PINNING_TOKEN")
	c.require(1 <= config.IPFSMaxBytes && config.IPFSMaxBytes <= 1<<30, "must be from 1 to 1073741824 bytes", "IPFS_MAX_BYTES")
	c.within(config.IPFSTimeout, 100*time.Millisecond, 10*time.Minute, "must be from 100ms to 10m", "IPFS_TIMEOUT")
}

// outsideToken tells what cannot stand in a header that bears a token.
func outsideToken(r rune) bool { return r <= ' ' || r > '~' }

// endpoint reads the address of a service; nil for none, or a faulty one. Faults do
// not repeat it: people put passwords into addresses.
func (c *collector) endpoint(variable, text, example string) *url.URL {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		c.fail(variable, c.values[variable].source, "must be an address such as "+example)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		c.fail(variable, c.values[variable].source, "must be an address without user, ? and #, such as "+example+"; a token has a variable of its own")
	default:
		return u
	}
	return nil
}

// isPrivateWay tells whether nobody reads along.
func isPrivateWay(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "https" || u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}
