package remote

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// maxData is how much of a file or of stdin is read.
const maxData = 64 << 20

// parseDID reads an argument that names an agent.
func parseDID(what, text string) (did.DID, error) {
	agent, err := did.Parse(text)
	if err != nil {
		return agent, misused("%s: %w", what, err)
	}
	return agent, nil
}

// parseAmount reads an argument that is an amount.
func parseAmount(text string) (amount.Amount, error) {
	sum, err := amount.Parse(text)
	if err != nil {
		return sum, misused("AMOUNT: %w", err)
	}
	return sum, nil
}

// party reads what many commands begin with: whom, and how much.
func party(what string, args []string) (did.DID, amount.Amount, error) {
	agent, err := parseDID(what, args[0])
	if err != nil {
		return agent, amount.Amount{}, err
	}
	sum, err := parseAmount(args[1])
	return agent, sum, err
}

// readData is JSON that is given as a text, as @FILE, or as - for stdin.
func readData(cmd *cobra.Command, given string) (json.RawMessage, error) {
	text := []byte(given)
	var err error
	switch {
	case given == "-":
		text, err = io.ReadAll(io.LimitReader(cmd.InOrStdin(), maxData))
	case given != "" && given[0] == '@':
		text, err = os.ReadFile(given[1:])
	}
	if err != nil {
		return nil, misused("the data cannot be read: %w", err)
	}
	if !utf8.Valid(text) {
		return nil, misused("the data is no text in UTF-8")
	}
	if !json.Valid(text) {
		return nil, misused("the data is not JSON; give a text, @FILE, or - for stdin")
	}
	return text, nil
}

// readInto reads data into a request. Fields that it does not have are refused here: they
// would be lost.
func readInto(cmd *cobra.Command, given string, request any) error {
	text, err := readData(cmd, given)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(request); err != nil {
		return misused("the data does not fit: %w", err)
	}
	return nil
}

// dataUsage is the help of flags that readData reads.
func dataUsage(what string) string { return fmt.Sprintf("%s: JSON, @FILE, or - for stdin", what) }
