package config

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const badDuration problem = "must be a duration such as 72h, 2s or 30d"

// ParseDuration reads a duration: the notation of Go, before which there may be
// whole days, as in 30d or 1d12h. Negative durations are refused.
func ParseDuration(text string) (time.Duration, error) {
	const day = 24 * time.Hour
	var total time.Duration
	if days, rest, ok := strings.Cut(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, badDuration
		}
		if total = time.Duration(n) * day; rest == "" {
			return total, nil
		}
		text = rest
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || text[0] == '+' || text[0] == '-' || d > math.MaxInt64-total {
		return 0, badDuration
	}
	return total + d, nil
}
