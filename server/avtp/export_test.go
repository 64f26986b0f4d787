package avtp

import (
	"context"
	"time"
)

// SetSleep has the reporter pause as a test says.
func (r *Reporter) SetSleep(sleep func(context.Context, time.Duration) error) { r.sleep = sleep }

// RetryAfter reads the header.
var RetryAfter = retryAfter
