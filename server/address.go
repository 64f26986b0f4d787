package server

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// clientAddress is the address that a request comes from: that of the connection, or,
// where a trusted proxy made it, the one that the proxy names. X-Forwarded-For is read
// from its end, as far as trusted proxies wrote it: what stands before an address that
// is none of them, anybody may have written. The zero Addr is unknown.
func (s *Server) clientAddress(r *http.Request) netip.Addr {
	address := parseHop(r.RemoteAddr)
	if !s.trusts(address) {
		return address
	}
	lines := r.Header["X-Forwarded-For"]
	for _, line := range slices.Backward(lines) {
		for rest, more := line, true; more; {
			hop := rest
			at := strings.LastIndexByte(rest, ',')
			if more = at >= 0; more {
				rest, hop = rest[:at], rest[at+1:]
			}
			next := parseHop(strings.TrimSpace(hop))
			if !next.IsValid() {
				return address
			}
			if address = next; !s.trusts(address) {
				return address
			}
		}
	}
	return address
}

// trusts reports whether what an address says of others is believed.
func (s *Server) trusts(address netip.Addr) bool {
	for _, network := range s.config.TrustedProxies {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// parseHop reads an address as it stands in a connection or in X-Forwarded-For, with or
// without a port. IPv4 within IPv6 is IPv4.
func parseHop(text string) netip.Addr {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap().WithZone("")
	}
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap().WithZone("")
}
