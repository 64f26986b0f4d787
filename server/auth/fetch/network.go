package fetch

import (
	"net/netip"
	"slices"
)

// notPublic are networks that nobody else is reached in, or through which one comes
// back into such: those of the registries of special-purpose addresses that are not
// told from an address alone.
var notPublic = parsed(
	"0.0.0.0/8",       // this network
	"100.64.0.0/10",   // shared, behind carriers' NAT
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"240.0.0.0/4",     // reserved, and broadcast
	"::/96",           // IPv4-compatible
	"64:ff9b::/96",    // NAT64
	"64:ff9b:1::/48",  // NAT64 of one's own
	"100::/64",        // discarded
	"2001::/23",       // protocol assignments, Teredo and ORCHID among them
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4
	"3fff::/20",       // documentation
	"5f00::/16",       // segment routing
	"fec0::/10",       // site-local
)

func parsed(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// Public reports whether an address is one of the open network: not private, loopback,
// link-local, multicast, shared (100.64/10), for benchmarks (198.18/15) or
// documentation, nor one that stands for another address (NAT64, 6to4, Teredo,
// IPv4-compatible). An IPv4 address that is mapped into IPv6 is what it stands for.
func Public(address netip.Addr) bool {
	if address = address.Unmap(); address.Zone() != "" || !address.IsGlobalUnicast() || address.IsPrivate() {
		return false
	}
	return !within(notPublic, address)
}

func within(networks []netip.Prefix, address netip.Addr) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(address) })
}
