package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/ledger/did"
)

// How much of a file or of stdin is read.
const (
	maxData   = 64 << 20
	maxSecret = 1 << 10
)

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
		text, err = readAll(cmd.Context(), "stdin", cmd.InOrStdin(), maxData)
	case strings.HasPrefix(given, "@"):
		text, err = readFile(cmd.Context(), given[1:])
	}
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(text) {
		return nil, misused("the data is no text in UTF-8")
	}
	if !json.Valid(text) {
		return nil, misused("the data is not JSON; give a text, @FILE, or - for stdin")
	}
	return text, nil
}

func readFile(ctx context.Context, name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, misused("the data cannot be read: %w", err)
	}
	defer file.Close()
	return readAll(ctx, name, file, maxData)
}

// readAll reads to the end, which is not beyond so many bytes, unless it is interrupted:
// nobody may ever write there.
func readAll(ctx context.Context, name string, from io.Reader, most int64) ([]byte, error) {
	type reading struct {
		text []byte
		err  error
	}
	done := make(chan reading, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(from, most+1))
		done <- reading{text, err}
	}()
	select {
	case <-ctx.Done():
		return nil, &Error{code: exitFailed, text: "interrupted, and nothing was sent", err: ctx.Err()}
	case read := <-done:
		switch {
		case read.err != nil:
			return nil, misused("%s cannot be read: %w", name, read.err)
		case int64(len(read.text)) > most:
			return nil, misused("%s has more than %d bytes", name, most)
		}
		return read.text, nil
	}
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
