package attestation

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of data.
const (
	MaxData  = 64 << 10 // bytes of an attestation's data, as they are sent
	MaxDepth = 64       // of objects and lists in each other
)

// Data is an attestation's data in its one form.
type Data struct {
	Text string // canonical (RFC 8785)
	Hash [sha256.Size]byte
}

// Name is the hash in hex.
func (d *Data) Name() string { return hex.EncodeToString(d.Hash[:]) }

// Canonical brings a JSON object to its canonical form (RFC 8785) and hashes that. It
// refuses what has no one meaning: a name twice, half of a surrogate pair, bytes that
// are not UTF-8, and numbers that are not what a double holds, such as 2^53 + 1; these
// are to be sent as strings.
func Canonical(text []byte) (Data, error) {
	if len(text) > MaxData {
		return Data{}, fmt.Errorf("must have at most %d bytes", MaxData)
	}
	if err := scan(text); err != nil {
		return Data{}, err
	}
	value := jsontext.Value(bytes.Clone(text))
	if err := value.Canonicalize(); err != nil {
		return Data{}, fmt.Errorf("must be a JSON object: %w", err)
	}
	return Data{Text: string(value), Hash: sha256.Sum256(value)}, nil
}

var errNoObject = errors.New("must be a JSON object")

// scan holds every token against what is refused. The decoder itself refuses names that
// stand twice, bad UTF-8 and half surrogates.
func scan(text []byte) error {
	decoder := jsontext.NewDecoder(bytes.NewReader(text))
	if decoder.PeekKind() != '{' {
		return errNoObject
	}
	for {
		token, err := decoder.ReadToken()
		if err != nil {
			return fmt.Errorf("must be a JSON object, of which every program reads the same: %w", err)
		}
		if decoder.StackDepth() > MaxDepth {
			return fmt.Errorf("is nested more than %d deep", MaxDepth)
		}
		if token.Kind() == '0' && !exact(token.String()) {
			return fmt.Errorf("has a number with more digits than a double holds, or out of its range, at %q; send it as a string", decoder.StackPointer())
		}
		if decoder.StackDepth() == 0 {
			break
		}
	}
	if rest := bytes.Trim(text[decoder.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return errors.New("must end with the object")
	}
	return nil
}

// exact reports whether a JSON number is what the double that is nearest to it is
// written as, so that nothing of it is lost.
func exact(literal string) bool {
	double, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return false
	}
	digits, exponent, ok := decimal(literal)
	shortest, at, _ := decimal(strconv.FormatFloat(double, 'e', -1, 64))
	return ok && digits == shortest && exponent == at
}

// decimal takes a number apart: its digits without zeros around them, and the power of
// ten by which they are to be multiplied. The sign is left out.
func decimal(literal string) (digits string, exponent int64, ok bool) {
	mantissa, power, scaled := strings.Cut(strings.ToLower(strings.TrimPrefix(literal, "-")), "e")
	if scaled {
		var err error
		if exponent, err = strconv.ParseInt(power, 10, 32); err != nil {
			return "", 0, false
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exponent -= int64(len(fraction))
	all := strings.TrimLeft(whole+fraction, "0")
	digits = strings.TrimRight(all, "0")
	if digits == "" {
		return "", 0, true
	}
	return digits, exponent + int64(len(all)-len(digits)), true
}
