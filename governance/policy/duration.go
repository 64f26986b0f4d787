package policy

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a duration: the notation of Go, before which there may be whole
// days, as in 30d or 1d12h. Of anything else, and of a negative one, it reports false.
func ParseDuration(text string) (time.Duration, bool) {
	const day = 24 * time.Hour
	var total time.Duration
	if days, rest, ok := strings.Cut(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, false
		}
		if total = time.Duration(n) * day; rest == "" {
			return total, true
		}
		text = rest
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || text[0] == '+' || text[0] == '-' || d > math.MaxInt64-total {
		return 0, false
	}
	return total + d, true
}
