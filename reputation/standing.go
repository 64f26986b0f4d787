package reputation

// rounds is how often standing is passed on. At a damping of one half the tenth
// round moves a thousandth of it.
const rounds = 10

// period is the length of the months that make seeds.
const period = 30 * Day

// standing is how much of the trust that starts at the seeds arrives at each agent
// along praise. Praise that is not ripe keeps back what it would pass on.
func (t *Trust) standing() []float64 {
	seed := t.seeds()
	spoken := t.spoken()
	now := seed
	for range rounds {
		next := make([]float64, len(seed))
		for i := range next {
			next[i] = (1 - t.terms.Damping) * seed[i]
		}
		for i := range t.signal {
			if s := &t.signal[i]; s.weight > 0 {
				next[s.ratee] += t.terms.Damping * now[s.rater] * s.ripe * s.strength / spoken[s.rater]
			}
		}
		now = next
	}
	return now
}

// spoken is how much praise each agent has given, faded or not.
func (t *Trust) spoken() []float64 {
	sum := make([]float64, len(t.agents))
	for i := range t.signal {
		if s := &t.signal[i]; s.weight > 0 {
			sum[s.rater] += s.strength
		}
	}
	return sum
}

// typical is the standing that a unit of standing finds itself in. Unlike the mean
// it does not fall when names without standing are added.
func typical(standing []float64) float64 {
	var sum, squares float64
	for _, m := range standing {
		sum += m
		squares += m * m
	}
	if squares == 0 {
		return 0
	}
	return squares / sum
}

// seeds sum to 1, or to 0 where nobody can be one yet.
func (t *Trust) seeds() []float64 {
	seed := make([]float64, len(t.agents))
	found := false
	for _, name := range t.terms.Seeds {
		if i, known := t.number[name]; known {
			seed[i], found = 1, true
		}
	}
	if !found {
		seed = t.tenured()
	}
	total := 0.0
	for _, x := range seed {
		total += x
	}
	for i := range seed {
		if total > 0 {
			seed[i] /= total
		}
	}
	return seed
}

// tenured finds whom others have praised for long, which nobody can catch up with
// in a day: the square of the months with praise, each as ripe as its first.
// Complaints play no part, or strangers could silence whom they like.
func (t *Trust) tenured() []float64 {
	months := make([]float64, len(t.agents))
	last := make([]int64, len(t.agents))
	for i := range t.signal {
		s := &t.signal[i]
		if month := s.time / period; s.weight > 0 && (months[s.ratee] == 0 || month != last[s.ratee]) {
			months[s.ratee] += s.ripe
			last[s.ratee] = month
		}
	}
	for i, n := range months {
		months[i] = n * n
	}
	return months
}
