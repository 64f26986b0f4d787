package main

import "math"

const published = 10 // rounds of the published rules

// fairnessGoodness is Kumar, Spezzano, Subrahmanian, Faloutsos, "Edge Weight
// Prediction in Weighted Signed Networks" (2016).
func fairnessGoodness(deals []deal, agents int) []float64 {
	return goodness(deals, agents, 0, func(fairness, _ float64) float64 { return fairness })
}

// rev2 is Kumar and others, "REV2: Fraudulent User Prediction in Rating Platforms"
// (2018), with smoothing and without properties of behaviour: a rating is as
// reliable as its rater is fair and as it is near to the others.
func rev2(deals []deal, agents int) []float64 {
	return goodness(deals, agents, 1, func(fairness, distance float64) float64 { return (fairness + 1 - distance) / 2 })
}

// goodness is the fixed point of goodness, the mean of weights by their
// reliability, and fairness, how near what an agent says comes to it; smoothing
// adds so many ratings of goodness 0 and fairness ½.
func goodness(deals []deal, agents int, smoothing float64, reliability func(fairness, distance float64) float64) []float64 {
	good, fair := make([]float64, agents), make([]float64, agents)
	for i := range fair {
		fair[i] = 1
	}
	met := make([]bool, agents)
	for range published {
		sum, heard, near, said := make([]float64, agents), make([]float64, agents), make([]float64, agents), make([]float64, agents)
		for _, d := range deals {
			met[d.ratee] = true
			sum[d.ratee] += d.weight * reliability(fair[d.rater], math.Abs(d.weight-good[d.ratee])/2)
			heard[d.ratee]++
		}
		for i := range good {
			good[i] = sum[i] / max(1, heard[i]+smoothing)
		}
		for _, d := range deals {
			near[d.rater] += 1 - math.Abs(d.weight-good[d.ratee])/2
			said[d.rater]++
		}
		for i := range fair {
			if said[i] > 0 {
				fair[i] = (near[i] + smoothing/2) / (said[i] + smoothing)
			}
		}
	}
	scores := unknown(agents)
	for i := range scores {
		if met[i] {
			scores[i] = (1 + good[i]) / 2
		}
	}
	return scores
}

// eigenTrust is Kamvar, Schlosser, Garcia-Molina, "The EigenTrust Algorithm"
// (2003): what one says of another is praise less complaints, not below 0, as a
// share of all it says. It starts at everybody, or at so many who are praised most.
func eigenTrust(seeds int) func([]deal, int) []float64 {
	return func(deals []deal, agents int) []float64 {
		said := make([]float64, agents)
		met := make([]bool, agents)
		start := make([]float64, agents)
		for _, d := range deals {
			met[d.rater], met[d.ratee] = true, true
			start[d.ratee] += max(0, d.weight)
			said[d.rater] += max(0, d.weight)
		}
		start = shares(start, met, seeds)
		now := start
		for range published {
			next := make([]float64, agents)
			for i := range next {
				next[i] = 0.15 * start[i]
			}
			for _, d := range deals {
				if d.weight > 0 {
					next[d.ratee] += 0.85 * now[d.rater] * d.weight / said[d.rater]
				}
			}
			now = next
		}
		return relative(now, met)
	}
}

// shares starts at those with the most, or at everybody.
func shares(most []float64, met []bool, seeds int) []float64 {
	start := make([]float64, len(most))
	if seeds == 0 {
		n := 0.0
		for _, m := range met {
			if m {
				n++
			}
		}
		for i, m := range met {
			if m {
				start[i] = 1 / n
			}
		}
		return start
	}
	for range seeds {
		best := 0
		for i := range most {
			if most[i] > most[best] {
				best = i
			}
		}
		if most[best] <= 0 {
			break
		}
		start[best], most[best] = 1/float64(seeds), 0
	}
	return start
}

// relative puts the mean at one half.
func relative(standing []float64, met []bool) []float64 {
	sum, n := 0.0, 0.0
	for i, m := range met {
		if m {
			sum += standing[i]
			n++
		}
	}
	scores := unknown(len(standing))
	for i, m := range met {
		if m && sum > 0 {
			scores[i] = standing[i] / (standing[i] + sum/n)
		}
	}
	return scores
}
