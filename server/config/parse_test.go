package config_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agentvault/teg-layer/server/config"
)

func TestParseDatabaseURL(t *testing.T) {
	for text, want := range map[string]config.Database{
		"sqlite:///var/lib/teg.db":   {Kind: config.SQLite, Path: "/var/lib/teg.db"},
		"sqlite://relative.db":       {Kind: config.SQLite, Path: "relative.db"},
		"sqlite://./data/../x/t.db":  {Kind: config.SQLite, Path: "x/t.db"},
		"sqlite:////var/lib/teg.db":  {Kind: config.SQLite, Path: "/var/lib/teg.db"},
		"sqlite://a b%20.db":         {Kind: config.SQLite, Path: "a b%20.db"},
		"sqlite://:memory:":          {Kind: config.Memory},
		"postgres://u:p@h:5432/d":    {Kind: config.Postgres},
		"postgresql://h/d?sslmode=x": {Kind: config.Postgres},
		"postgres:///d?host=/run/pg": {Kind: config.Postgres},
		"postgres://u:p@h,i/d":       {Kind: config.Postgres},
		"postgres://u@[::1]:1,h:2,i": {Kind: config.Postgres},
	} {
		want.URL = text
		got, err := config.ParseDatabaseURL(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{
		"", "teg.db", "sqlite:teg.db", "sqlite://", "sqlite:///", "sqlite://dir/", "sqlite://t.db?mode=ro", "mysql://u:hunter2@h/d",
		"postgres://", "postgres:///d", "postgres://u:hunter2%@h/d", "postgres://u:hunter2@h:port/d", "SQLITE://x.db", "file:teg.db",
		"postgres://u:hunter2@h,/d", "postgres://u:hunter2@h:port,i/d", "postgres://u:hunter2@h,i:port/d",
	} {
		_, err := config.ParseDatabaseURL(text)
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"72h": 72 * time.Hour, "2s": 2 * time.Second, "30d": 720 * time.Hour, "1d12h": 36 * time.Hour, "1h30m": 90 * time.Minute, "0s": 0,
	} {
		got, err := config.ParseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "d", "30", "-1d", "+1h", "1d-1h", "1.5d", "1d1d", "h", "9999999d", "1 h", "65535d2562047h"} {
		_, err := config.ParseDuration(text)
		require.Error(t, err, text)
	}
}

func TestNetworks(t *testing.T) {
	var n config.Networks
	require.NoError(t, n.UnmarshalText([]byte("10.9.9.9/8, 2001:db8::1")))
	require.Equal(t, config.Networks{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::1/128")}, n)
	require.NoError(t, n.UnmarshalText([]byte("::ffff:192.0.2.7")))
	require.Equal(t, config.Networks{netip.MustParsePrefix("192.0.2.7/32")}, n)
}

func FuzzLoad(f *testing.F) {
	f.Add("LISTEN_ADDR=:1\nFEE_SPLIT=burn=1\n# x\nJWT_SECRET_KEY='hunter2'")
	f.Fuzz(func(t *testing.T, content string) {
		_, err := config.Load(config.Sources{
			Flags:    map[string]string{"TEG_CONFIG": "file"},
			ReadFile: func(string) ([]byte, error) { return []byte(content), nil },
		})
		for _, fault := range config.Faults(err) {
			require.NotEmpty(t, fault.Variable+fault.Source)
			require.NotEmpty(t, fault.Problem)
			require.False(t, strings.Contains(fault.Problem, "\n"))
		}
	})
}
