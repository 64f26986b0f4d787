package config

import (
	"regexp"
	"slices"
	"strings"
)

// DIDMethods are methods of DIDs, such as key and web.
type DIDMethods []string

var methodForm = regexp.MustCompile(`^[a-z0-9]+$`)

// noMethods stands for a list without any.
const noMethods = "none"

// UnmarshalText reads methods with commas between them, or none.
func (m *DIDMethods) UnmarshalText(text []byte) error {
	list := DIDMethods{}
	for method := range strings.SplitSeq(string(text), ",") {
		method = strings.TrimSpace(method)
		if !methodForm.MatchString(method) || slices.Contains(list, method) {
			return problem("must be methods of DIDs with commas between them, such as key,jwk,web, or none")
		}
		list = append(list, method)
	}
	if len(list) == 1 && list[0] == noMethods {
		list = nil
	}
	*m = list
	return nil
}
