package reputation

// Bounds of a score.
const (
	MinScore = -1000
	MaxScore = 1000
)

// Tier names the range that a score lies in:
// untrusted < −100 ≤ new ≤ 100 < trusted ≤ 500 < verified ≤ 800 < elite.
func Tier(score int) string {
	switch {
	case score < -100:
		return "untrusted"
	case score <= 100:
		return "new"
	case score <= 500:
		return "trusted"
	case score <= 800:
		return "verified"
	default:
		return "elite"
	}
}
