package config

import (
	"time"

	"github.com/agentvault/teg-layer/governance/policy"
)

const badDuration problem = "must be a duration such as 72h, 2s or 30d"

// ParseDuration reads a duration: the notation of Go, before which there may be
// whole days, as in 30d or 1d12h. Negative durations are refused.
func ParseDuration(text string) (time.Duration, error) {
	d, ok := policy.ParseDuration(text)
	if !ok {
		return 0, badDuration
	}
	return d, nil
}
