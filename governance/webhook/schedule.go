package webhook

import "time"

// Schedule is how long to wait after the first failure in a row, after the second, and so
// on. When it is through, the webhook is paused.
type Schedule []time.Duration

// DefaultSchedule tries again soon, as most receivers are only being restarted, and then
// for a little more than three days.
func DefaultSchedule() Schedule {
	return Schedule{
		time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
}

// MaxPause is how long a receiver can have asked to be left alone.
const MaxPause = 24 * time.Hour

// Next is how long to wait after so many failures in a row, where the receiver asked to be
// left alone for a while, which is zero where it did not. chance, from 0 to 1, lengthens the
// wait by up to a tenth, so that not all come back at once. last: there is no next time.
func (s Schedule) Next(failures int64, asked time.Duration, chance float64) (wait time.Duration, last bool) {
	if failures > int64(len(s)) {
		return 0, true
	}
	wait = s[max(0, failures-1)]
	wait += time.Duration(chance * float64(wait) / 10)
	return max(wait, min(asked, MaxPause)), false
}
