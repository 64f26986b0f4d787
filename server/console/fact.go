package console

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// fact is a name and a value of an answer.
type fact struct{ Name, Value string }

// facts are the values of an answer in JSON, in its order, those of objects within it by
// names with dots. Null is left out, and what is named.
func facts(answer []byte, without ...string) []fact {
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	var list []fact
	readFacts(decoder, "", &list)
	return slices.DeleteFunc(list, func(f fact) bool { return slices.Contains(without, f.Name) })
}

// readFacts reads one value. It ends where the text does, whole or not.
func readFacts(d *json.Decoder, name string, into *[]fact) {
	token, err := d.Token()
	if err != nil {
		return
	}
	opened, isDelim := token.(json.Delim)
	if !isDelim {
		if text := scalar(token); text != "" {
			*into = append(*into, fact{name, text})
		}
		return
	}
	for i := 0; d.More(); i++ {
		inner := strconv.Itoa(i + 1)
		if opened == '{' {
			key, err := d.Token()
			if err != nil {
				return
			}
			inner, _ = key.(string)
		}
		if name != "" {
			inner = name + "." + inner
		}
		readFacts(d, inner, into)
	}
	_, _ = d.Token() // the end of it
}

// scalar is the text of a value; empty for null.
func scalar(token json.Token) string {
	switch value := token.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	}
	return ""
}
