package toxic

import "time"

// Ill is something that a network can have, in one direction.
type Ill struct {
	Type       string           `json:"type"`
	Stream     string           `json:"stream"` // upstream is to the server
	Toxicity   float32          `json:"toxicity"`
	Attributes map[string]int64 `json:"attributes"`
}

// Asked makes it one of what is sent to the server; without it, it is one of the answers.
func (i Ill) Asked() Ill {
	i.Stream = "upstream"
	return i
}

// Latency delays each packet by so long, more or less by as much as jitter.
func Latency(delay, jitter time.Duration) Ill {
	return ill("latency", map[string]int64{"latency": delay.Milliseconds(), "jitter": jitter.Milliseconds()})
}

// Narrow lets so many kilobytes through in a second.
func Narrow(kilobytes int64) Ill { return ill("bandwidth", map[string]int64{"rate": kilobytes}) }

// Sliced hands on a few bytes at a time, of which none is where a message ends.
func Sliced(bytes int64, pause time.Duration) Ill {
	return ill("slicer", map[string]int64{"average_size": bytes, "size_variation": bytes / 2, "delay": pause.Microseconds()})
}

// BlackHole lets nothing through, and closes nothing.
func BlackHole() Ill { return ill("timeout", map[string]int64{"timeout": 0}) }

// Reset ends connections with the next that they carry, so that nobody is told goodbye.
func Reset() Ill { return ill("reset_peer", map[string]int64{"timeout": 0}) }

func ill(kind string, attributes map[string]int64) Ill {
	return Ill{Type: kind, Stream: "downstream", Toxicity: 1, Attributes: attributes}
}
