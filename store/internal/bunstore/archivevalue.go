package bunstore

import (
	"fmt"
	"time"

	"github.com/agentvault/teg-layer/ledger"
	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/store/archive"
)

// exportedValue is what either driver returned, as package archive has it.
func exportedValue(kind archive.Kind, found any) (any, error) {
	if found == nil {
		return nil, nil
	}
	switch kind {
	case archive.Int:
		return scanned[int64](Column{new(int64)}, found)
	case archive.Bool:
		return scanned[bool](Column{new(bool)}, found)
	case archive.Text:
		return scanned[string](Column{new(string)}, found)
	case archive.ID:
		return scanned[ledger.ID](Column{new(ledger.ID)}, found)
	case archive.Time:
		return scanned[time.Time](Column{new(time.Time)}, found)
	case archive.Amount:
		var sum signedColumn
		err := sum.Scan(found)
		return sum.Signed, err
	case archive.Bytes:
		var content []byte
		err := scanKind(&content, found)
		return content, err
	}
	return nil, fmt.Errorf("bunstore: no value is exported as %s", kind)
}

// scanned is what a column holds once it has read a value.
func scanned[T any](column Column, found any) (any, error) {
	err := column.Scan(found)
	return *column.To.(*T), err
}

// argument is a value of package archive, as the database takes it.
func (d Dialect) argument(value any) any {
	switch v := value.(type) {
	case ledger.ID:
		return d.ID(v)
	case time.Time:
		return d.Time(v)
	case amount.Signed:
		if d == SQLite {
			bytes := v.Bytes()
			return bytes[:]
		}
		return v.String()
	case bool:
		if d == SQLite {
			return map[bool]int64{true: 1}[v]
		}
	}
	return value
}

// placeholder begins the place of an argument.
func (d Dialect) placeholder() byte {
	if d == SQLite {
		return '?'
	}
	return '$'
}
