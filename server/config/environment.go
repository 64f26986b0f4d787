package config

// Environment is what the server is run for. The zero Environment is none.
type Environment uint8

// The environments.
const (
	Development Environment = iota + 1
	Production
)

// String returns the name of the environment.
func (e Environment) String() string {
	switch e {
	case Development:
		return "development"
	case Production:
		return "production"
	}
	return ""
}

// UnmarshalText reads the name of an environment.
func (e *Environment) UnmarshalText(text []byte) error {
	switch string(text) {
	case "development":
		*e = Development
	case "production":
		*e = Production
	default:
		return problem("must be development or production")
	}
	return nil
}

// LogFormat is how log lines are written. The zero LogFormat is none.
type LogFormat uint8

// The formats of log lines.
const (
	LogText LogFormat = iota + 1
	LogJSON
)

// String returns the name of the format.
func (f LogFormat) String() string {
	switch f {
	case LogText:
		return "text"
	case LogJSON:
		return "json"
	}
	return ""
}

// UnmarshalText reads the name of a format.
func (f *LogFormat) UnmarshalText(text []byte) error {
	switch string(text) {
	case "text":
		*f = LogText
	case "json":
		*f = LogJSON
	default:
		return problem("must be text or json")
	}
	return nil
}
