package storebench

import (
	"slices"
	"time"
)

// median times an act often enough and returns the time in the middle.
func median(act func() error) (time.Duration, error) {
	took := make([]time.Duration, 101)
	for i := range took {
		began := time.Now()
		if err := act(); err != nil {
			return 0, err
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}
