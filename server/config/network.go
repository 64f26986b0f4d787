package config

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"
)

// AnyOrigin lets the pages of every origin call the API.
const AnyOrigin = "*"

// Origins are web origins, such as https://app.example.com.
type Origins []string

// UnmarshalText reads a JSON list of origins.
func (o *Origins) UnmarshalText(text []byte) error {
	var list []string
	if err := json.Unmarshal(text, &list); err != nil {
		return problem(`must be a JSON list such as ["https://app.example.com"]`)
	}
	for _, origin := range list {
		if origin != AnyOrigin && !isOrigin(origin) {
			return problem("must list origins: http or https, a host in lower case, perhaps a port, and no path, such as https://app.example.com")
		}
	}
	*o = list
	return nil
}

func isOrigin(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.ToLower(text) != text || strings.Contains(u.Host, "*") {
		return false
	}
	return (u.Scheme == "http" || u.Scheme == "https") && u.Scheme+"://"+u.Host == text
}

// Networks are ranges of addresses.
type Networks []netip.Prefix

// UnmarshalText reads addresses and networks with commas between them.
func (n *Networks) UnmarshalText(text []byte) error {
	var list Networks
	for part := range strings.SplitSeq(string(text), ",") {
		prefix, ok := parseNetwork(strings.TrimSpace(part))
		if !ok {
			return problem("must be addresses or networks with commas between them, such as 10.0.0.0/8,192.0.2.7")
		}
		list = append(list, prefix)
	}
	*n = list
	return nil
}

func parseNetwork(text string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix.Masked(), true
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, false
	}
	address = address.Unmap() // as the address of a connection is
	return netip.PrefixFrom(address, address.BitLen()), true
}
