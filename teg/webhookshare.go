package teg

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Shares of the places for messages on their way: those that are not known to be prompt have
// half of all, of which those to one site have a quarter, and agents all but an eighth, which is for
// webhooks of all events.
const (
	sitesShare = 4
	adminShare = 8
)

// room is how many messages more a webhook may have on their way.
func (d *dispatcher) room(s *subscriber) int {
	places := d.config.WebhookConcurrency
	room := min(places-d.flying, maxSending-d.owners[s.hook.Owner])
	if !s.hook.All {
		room = min(room, places-places/adminShare-d.agents)
	}
	if !s.prompt {
		slow := (places + 1) / 2
		room = min(room, slow-d.slow, max(1, slow/sitesShare)-d.sites[s.site()])
	}
	return room
}

// departs counts a message that is on its way, and comes back by the inverse.
func (d *dispatcher) departs(s *subscriber) (back func()) {
	owner, site, slow, agents := s.hook.Owner, s.site(), !s.prompt, !s.hook.All
	count := func(by int) {
		d.flying += by
		if d.owners[owner] += by; d.owners[owner] == 0 {
			delete(d.owners, owner)
		}
		if agents {
			d.agents += by
		}
		if slow {
			d.slow += by
			if d.sites[site] += by; d.sites[site] == 0 {
				delete(d.sites, site)
			}
		}
	}
	count(1)
	return func() { count(-1) }
}

// site is by what receivers are told apart that are slow.
func (s *subscriber) site() string {
	if s.siteOf != s.hook.URL {
		s.siteOf, s.siteIs = s.hook.URL, siteOf(s.hook.URL)
	}
	return s.siteIs
}

// registries are names in which those of countries give domains away, as co in co.uk.
var registries = []string{"ac", "co", "com", "edu", "gen", "go", "gob", "gov", "gv", "id", "me", "mil", "ne", "net", "nom", "or", "org", "plc", "sch"}

// siteOf is what one party has of a host's name: the last two parts of it, or three below a
// country's registry. Whoever has a domain has all names in it, and whoever has an address of
// IPv6 mostly all of the 64 bits behind the network's.
func siteOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		return networkOf(addr.Unmap().WithZone(""))
	}
	parts := strings.Split(host, ".")
	keep := 2
	if n := len(parts); n > 2 && len(parts[n-1]) == 2 && slices.Contains(registries, parts[n-2]) {
		keep = 3
	}
	return strings.Join(parts[max(0, len(parts)-keep):], ".")
}

func networkOf(addr netip.Addr) string {
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}
