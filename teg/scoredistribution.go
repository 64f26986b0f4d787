package teg

import (
	"context"

	"github.com/agentvault/teg-layer/reputation"
)

// ScoreRange is how many agents have a reputation within a range.
type ScoreRange struct {
	Low, High int // Low ≤ score ≤ High
	Agents    int64
}

// widthOfScores is how many scores a range has, but for the last, which has one more.
const widthOfScores = 100

// ScoreDistribution returns how many agents have a reputation within each range of a
// hundred scores, from the lowest to the highest.
func (e *Engine) ScoreDistribution(ctx context.Context) ([]ScoreRange, error) {
	histogram, err := e.reader().Histogram(ctx)
	if err != nil {
		return nil, outward(err)
	}
	var ranges []ScoreRange
	for low := reputation.MinScore; low < reputation.MaxScore; low += widthOfScores {
		ranges = append(ranges, ScoreRange{Low: low, High: low + widthOfScores - 1})
	}
	ranges[len(ranges)-1].High = reputation.MaxScore
	for _, bucket := range histogram {
		at := min((bucket.Value-reputation.MinScore)/widthOfScores, len(ranges)-1)
		ranges[at].Agents += bucket.Agents
	}
	return ranges, nil
}
