package auditor

import (
	"bytes"
	"encoding/json"

	"github.com/agentvault/teg-layer/ledger/amount"
)

// toldChange is a change as it is written, its members in order.
type toldChange struct {
	Code       Code              `json:"code"`
	Enabled    *bool             `json:"enabled,omitempty"`
	Severity   *Severity         `json:"severity,omitempty"`
	Shadow     *bool             `json:"shadow,omitempty"`
	Thresholds map[string]number `json:"thresholds,omitempty"`
}

// number is written as a string, and read from one or from a JSON number.
type number string

// UnmarshalJSON takes the text as it stands.
func (n *number) UnmarshalJSON(raw []byte) error {
	*n = number(bytes.Trim(raw, `"`)) // what is no number is refused by whoever parses it
	return nil
}

// EncodeChange writes the one form of a change, a JSON object: codes and names are
// plain ASCII, and maps are written in order. A severity that is not valid has none.
func EncodeChange(c *Change) []byte {
	told := toldChange{Code: c.Code, Enabled: c.Enabled, Severity: c.Severity, Shadow: c.Shadow}
	if len(c.Thresholds) > 0 {
		told.Thresholds = make(map[string]number, len(c.Thresholds))
		for name, value := range c.Thresholds {
			told.Thresholds[name] = number(value.String())
		}
	}
	text, _ := json.Marshal(told) // a severity that was checked has a text
	return text
}

// DecodeChange reads what [EncodeChange] has written. Members that it does not know,
// which another version may have written, are left out.
func DecodeChange(text []byte) (Change, error) {
	var told toldChange
	if err := json.Unmarshal(text, &told); err != nil {
		return Change{}, err
	}
	return told.change()
}

// ParseChange reads a change that somebody asks for: members that it does not know are
// an error.
func ParseChange(text []byte) (Change, error) {
	var told toldChange
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&told); err != nil {
		return Change{}, err
	}
	return told.change()
}

func (t *toldChange) change() (Change, error) {
	c := Change{Code: t.Code, Enabled: t.Enabled, Severity: t.Severity, Shadow: t.Shadow}
	for name, text := range t.Thresholds {
		value, err := amount.Parse(string(text))
		if err != nil {
			return Change{}, err
		}
		if c.Thresholds == nil {
			c.Thresholds = map[string]Number{}
		}
		c.Thresholds[name] = value
	}
	return c, nil
}
