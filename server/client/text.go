package client

import (
	"encoding/base64"
	"errors"
)

// What a [SignalRequest] says.
const (
	Praise    = 1
	Complaint = -1
)

// RuleCode is the name of a rule of the auditor, such as "FAN_IN", or of what a person has
// seen.
type RuleCode string

// SystemAccount is an account of the economy itself. The zero value is the treasury, the
// only one that can be paid.
type SystemAccount string

// SystemAccountTreasury is where fees go, and from where grants come.
const SystemAccountTreasury SystemAccount = "treasury"

// MarshalText writes the account's name.
func (a SystemAccount) MarshalText() ([]byte, error) {
	if a == "" {
		a = SystemAccountTreasury
	}
	return []byte(a), nil
}

// LogHash is a SHA-256 of the tree over the log. It converts to a tlog.Hash of
// golang.org/x/mod/sumdb/tlog, which checks proofs.
type LogHash [32]byte

// String returns the hash in base64.
func (h LogHash) String() string { return base64.StdEncoding.EncodeToString(h[:]) }

// MarshalText writes the hash in base64; the error is always nil.
func (h LogHash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads a hash in base64.
func (h *LogHash) UnmarshalText(text []byte) error {
	read, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil || len(read) != len(h) {
		return errors.New("client: a hash of the log is 32 bytes in base64")
	}
	copy(h[:], read)
	return nil
}
