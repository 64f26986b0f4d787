package remote

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agentvault/teg-layer/ledger/amount"
	"github.com/agentvault/teg-layer/server/client"
)

// none stands where there is nothing.
const none = "-"

// timeFormat is how times are shown: in UTC, to the second.
const timeFormat = "2006-01-02 15:04:05Z"

// cell is a value as a table shows it, on one line.
func cell(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return none
		}
		return cell(v.Elem())
	}
	switch value := v.Interface().(type) {
	case time.Time:
		return value.UTC().Format(timeFormat)
	case json.RawMessage:
		return compact(value)
	case client.ShortProblem:
		return plain(value.Error())
	case encoding.TextMarshaler:
		text, err := value.MarshalText()
		if err != nil || len(text) == 0 { // a DID that is none
			return none
		}
		return plain(string(text))
	}
	return simple(v)
}

// simple is a value of a kind that Go has.
func simple(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return "yes"
		}
		return "no"
	case reflect.Float64:
		if math.Abs(v.Float()) >= 1e6 {
			return strconv.FormatFloat(v.Float(), 'f', 0, 64)
		}
		return strconv.FormatFloat(v.Float(), 'g', 6, 64)
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = cell(v.Index(i))
		}
		return orNone(strings.Join(parts, ", "))
	case reflect.Map:
		var parts []string
		for entry := v.MapRange(); entry.Next(); {
			parts = append(parts, cell(entry.Key())+"="+cell(entry.Value()))
		}
		slices.Sort(parts)
		return orNone(strings.Join(parts, " "))
	}
	return orNone(plain(fmt.Sprint(v.Interface())))
}

func orNone(text string) string {
	if text == "" {
		return none
	}
	return text
}

// compact is JSON on one line.
func compact(text json.RawMessage) string {
	var b bytes.Buffer
	if len(text) == 0 || string(text) == "null" || json.Compact(&b, text) != nil {
		return none
	}
	return plain(b.String())
}

// numeric reports whether values of a type are numbers, which stand at the right.
func numeric(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[amount.Amount](), reflect.TypeFor[client.Percent]():
		return true
	}
	return t.Kind() == reflect.Int || t.Kind() == reflect.Int64 || t.Kind() == reflect.Float64
}
