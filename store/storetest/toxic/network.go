// Package toxic stands a network that goes wrong between a test and a server: a proxy of
// toxiproxy within the test's own process.
//
//	n := toxic.Between(t, "127.0.0.1:5432")
//	heal := n.Suffer(toxic.BlackHole())
//	… // n.Address() leads to the server, and nothing comes through
//	heal()
package toxic

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// Network is a way to a server, in good order until it suffers. It is for one test.
type Network struct {
	t     testing.TB
	proxy *toxiproxy.Proxy
}

// Between makes a network to the server at an address of TCP, which lasts until the test ends.
func Between(t testing.TB, server string) *Network {
	t.Helper()
	zerolog.SetGlobalLevel(zerolog.Disabled) // what it notes would be taken for the program's own
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	n := &Network{t, toxiproxy.NewProxy(api, t.Name(), "127.0.0.1:0", server)}
	require.NoError(t, n.proxy.Start())
	t.Cleanup(n.proxy.Stop)
	return n
}

// Address leads to the server.
func (n *Network) Address() string { return n.proxy.Listen }

// Suffer makes the network ill until heal is called, or the test ends: the connections that
// there are, and those that are made meanwhile. What a connection has lost by then it does
// not get back: one that lost anything is closed by heal.
func (n *Network) Suffer(ills ...Ill) (heal func()) {
	n.t.Helper()
	for _, ill := range ills {
		n.add(ill)
	}
	return n.heal
}

// CutAfter closes the one connection that first has carried so many bytes from now on, of
// answers, or of what is asked. All others stay well. heal ends that, and tells whether it
// has come to it.
func (n *Network) CutAfter(most int64, asked bool) (heal func() bool) {
	n.t.Helper()
	cut := ill("cut_once", map[string]int64{"bytes": most})
	if asked {
		cut = cut.Asked()
	}
	toxic := n.add(cut).(*cutOnce)
	return func() bool {
		n.heal()
		return toxic.cut.Load()
	}
}

func (n *Network) add(ill Ill) toxics.Toxic {
	n.t.Helper()
	text, err := json.Marshal(ill)
	require.NoError(n.t, err)
	wrapper, err := n.proxy.Toxics.AddToxicJson(bytes.NewReader(text))
	require.NoError(n.t, err)
	return wrapper.Toxic
}

func (n *Network) heal() { n.proxy.Toxics.ResetToxics(n.t.Context()) }

// Cut closes every connection that there is, and lets nobody through until mend is called.
func (n *Network) Cut() (mend func()) {
	n.proxy.Stop()
	return func() { require.NoError(n.t, n.proxy.Start()) }
}
