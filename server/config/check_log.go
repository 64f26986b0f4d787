package config

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// The key that `teg dev` signs the checkpoints of its audit log with, and the one to
// verify them with. Both are public, so production refuses the first.
const (
	DevelopmentLogKey      = "PRIVATE+KEY+teg.dev/log+5235d4c5+AcFtLEJzKTuJeZSatkMkKy2Ko0vpHWqIhNtSdWXcKHk2"
	DevelopmentLogVerifier = "teg.dev/log+5235d4c5+AZac6EcF0RLCm4IgxtxhnttIaypfU0DcLoUHInSsIIrT"
)

// checkLog sees to the audit log.
func (c *collector) checkLog(config *Config) {
	const form = "must be a private key that signs notes, PRIVATE+KEY+name+...; make one with: teg log keygen --name teg.example/log"
	key := strings.TrimSpace(string(config.LogSigningKey.Reveal()))
	_, err := note.NewSigner(key)
	c.require(key == "" || err == nil, form, "LOG_SIGNING_KEY")
	c.require(config.Environment != Production || key != DevelopmentLogKey,
		"must be a key of your own in production: this one is published; make one with: teg log keygen", "LOG_SIGNING_KEY")
	line := len(config.LogOrigin) <= 255 && utf8.ValidString(config.LogOrigin) && !strings.ContainsFunc(config.LogOrigin, unicode.IsControl)
	c.require(line, "must be one line of at most 255 bytes, such as teg.example/log", "LOG_ORIGIN")
	const least = 90 * 24 * time.Hour // teg.MinEventRetention
	c.require(config.EventRetention == 0 || config.EventRetention >= least, "must be 0s, for ever, or 90d or more", "EVENT_RETENTION")
	c.within(config.LogCheckpointInterval, time.Second, 24*time.Hour, "must be from 1s to 24h", "LOG_CHECKPOINT_INTERVAL")
}
