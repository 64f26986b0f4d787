package config

import "log/slog"

// DevelopmentSecret is the JWT_SECRET_KEY that `teg dev` uses. It is public, so
// production refuses it.
const DevelopmentSecret = "teg-development-secret-do-not-use-in-production"

// Secret is a value that shows itself to nobody who does not ask for it by
// [Secret.Reveal]: it prints and logs as a mask.
type Secret struct{ text string }

// Reveal returns the secret; nil for none.
func (s Secret) Reveal() []byte {
	if s.text == "" {
		return nil
	}
	return []byte(s.text)
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.text == "" }

// String returns a mask, or "" for no secret.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return mask
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue is String, for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText writes the mask, so that no encoder tells a secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes a secret as it is.
func (s *Secret) UnmarshalText(text []byte) error {
	s.text = string(text)
	return nil
}
