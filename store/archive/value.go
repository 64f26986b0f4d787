package archive

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
)

// timeForm has microseconds, which is what both databases keep.
const timeForm = "2006-01-02T15:04:05.000000Z"

// appendRow writes the values of a row, without the end of the line.
func appendRow(line []byte, t *Table, values []any) ([]byte, error) {
	if len(values) != len(t.Columns) {
		return line, fmt.Errorf("archive: a row of %s has %d values instead of %d", t.Name, len(values), len(t.Columns))
	}
	line = append(line, '[')
	for i, value := range values {
		if i > 0 {
			line = append(line, ',')
		}
		var err error
		if line, err = appendValue(line, value); err != nil {
			return line, fmt.Errorf("archive: %s.%s: %w", t.Name, t.Columns[i].Name, err)
		}
	}
	return append(line, ']'), nil
}

func appendValue(line []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(line, "null"...), nil
	case int64:
		return strconv.AppendInt(line, v, 10), nil
	case bool:
		return strconv.AppendBool(line, v), nil
	case string:
		return jsontext.AppendQuote(line, v) // an error where it is no UTF-8
	case ledger.ID:
		return quoted(line, uuid.UUID(v).String()), nil
	case amount.Signed:
		return quoted(line, v.String()), nil
	case time.Time:
		return quoted(line, v.UTC().Format(timeForm)), nil
	case []byte:
		line = base64.StdEncoding.AppendEncode(append(line, '"'), v)
		return append(line, '"'), nil
	}
	return line, fmt.Errorf("nothing is written from %T", value)
}

// quoted is for texts in which nothing has to be escaped.
func quoted(line []byte, text string) []byte { return append(append(append(line, '"'), text...), '"') }

var errNoText = errors.New("must be a text")

// parse reads one value as it stands in a line. That it is written in the one way there is
// is seen later.
func (k Kind) parse(raw jsontext.Value) (any, error) {
	switch raw.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		if k != Bool {
			return nil, fmt.Errorf("must be of kind %s", k)
		}
		return raw.Kind() == 't', nil
	case '0':
		if k != Int {
			return nil, fmt.Errorf("must be of kind %s", k)
		}
		number, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return nil, errors.New("must be a whole number of 64 bits")
		}
		return number, nil
	case '"':
		text, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return nil, errNoText
		}
		return k.parseText(string(text))
	}
	return nil, fmt.Errorf("must be of kind %s", k)
}

func (k Kind) parseText(text string) (any, error) {
	switch k {
	case Text:
		return text, nil
	case ID:
		id, err := uuid.Parse(text)
		return ledger.ID(id), because(err, "must be an id such as 01890a5d-ac96-774b-bcce-b302099a8057")
	case Amount:
		sum, err := amount.ParseSigned(text)
		return sum, because(err, "must be an amount such as 12.5")
	case Time:
		at, err := time.Parse(timeForm, text)
		return at, because(err, "must be a time such as 2026-01-02T03:04:05.000000Z")
	case Bytes:
		content, err := base64.StdEncoding.DecodeString(text)
		return content, because(err, "must be base64")
	}
	return nil, fmt.Errorf("must be of kind %s", k)
}

func because(err error, problem string) error {
	if err == nil {
		return nil
	}
	return errors.New(problem)
}
