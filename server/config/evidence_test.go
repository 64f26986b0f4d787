package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
)

func TestEvidenceSettings(t *testing.T) {
	c, err := load()
	require.NoError(t, err)
	require.Empty(t, c.IPFSAPIURL, "none by default")
	require.Equal(t, int64(16<<20), c.IPFSMaxBytes)
	require.Equal(t, 30*time.Second, c.IPFSTimeout)

	c, err = config.Load(config.Sources{
		Environ: []string{"JWT_SECRET_KEY=" + secret, "ENVIRONMENT=production", "IPFS_API_URL=http://127.0.0.1:5001", "IPFS_API_TOKEN=hunter2",
			"IPFS_PINNING_URL=https://pin.example/psa", "IPFS_PINNING_TOKEN_FILE=/token", "IPFS_MAX_BYTES=1000", "IPFS_TIMEOUT=2s"},
		ReadFile: func(string) ([]byte, error) { return []byte("hunter3\n"), nil },
	})
	require.NoError(t, err)
	require.Equal(t, "hunter2 hunter3", string(c.IPFSAPIToken.Reveal())+" "+string(c.IPFSPinningToken.Reveal()))
	for _, s := range c.Effective() {
		require.NotContains(t, s.Value, "hunter")
	}
}

func TestEvidenceFaults(t *testing.T) {
	const api, pinning, token = "IPFS_API_URL=http://ipfs:5001", "IPFS_PINNING_URL=http://pin.example", "IPFS_PINNING_TOKEN=hunter2"
	for _, c := range []struct {
		environ []string
		want    string
	}{
		{[]string{"IPFS_API_URL=127.0.0.1:5001"}, "IPFS_API_URL (environment): must be an address such as http://127.0.0.1:5001"},
		{[]string{"IPFS_API_URL=/ip4/127.0.0.1/tcp/5001"}, "must be an address such as"},
		{[]string{"IPFS_API_URL=http://u:hunter2@ipfs:5001"}, "must be an address without user, ? and #"},
		{[]string{"IPFS_API_URL=http://ipfs:5001?key=hunter2"}, "must be an address without user, ? and #"},
		{[]string{"IPFS_API_TOKEN=hunter2"}, "IPFS_API_TOKEN (environment): is for the node at IPFS_API_URL"},
		{[]string{pinning, token}, "IPFS_PINNING_URL (environment): needs IPFS_API_URL"},
		{[]string{api, pinning}, "IPFS_PINNING_TOKEN: goes together with IPFS_PINNING_URL"},
		{[]string{api, token}, "IPFS_PINNING_TOKEN (environment): goes together with IPFS_PINNING_URL"},
		{[]string{api, "IPFS_API_TOKEN=hunter2 x"}, "IPFS_API_TOKEN (environment): must be printable ASCII without spaces"},
		{[]string{api, pinning, "IPFS_PINNING_TOKEN=hunter2\tx"}, "IPFS_PINNING_TOKEN (environment): must be printable ASCII without spaces"},
		{[]string{"IPFS_MAX_BYTES=0"}, "IPFS_MAX_BYTES (environment): must be from 1 to"},
		{[]string{"IPFS_MAX_BYTES=16MiB"}, "must be a whole number"},
		{[]string{"IPFS_TIMEOUT=0s"}, "IPFS_TIMEOUT (environment): must be from 100ms to 10m"},
		{[]string{"ENVIRONMENT=production", api, pinning, token}, "IPFS_PINNING_URL (environment): must begin with https:// in production"},
		{[]string{"ENVIRONMENT=production", api, "IPFS_API_TOKEN=hunter2"}, "IPFS_API_URL (environment): must begin with https:// in production"},
	} {
		_, err := load(c.environ...)
		got := lines(t, err)
		require.Len(t, got, 1, "%v: %v", c.environ, got)
		require.Contains(t, got[0], c.want)
		require.NotContains(t, strings.Join(got, ""), "hunter2")
	}
	for _, environ := range [][]string{{api}, {"ENVIRONMENT=production", api}, {api, pinning, token}} {
		_, err := load(environ...)
		require.NoError(t, err)
	}
}
