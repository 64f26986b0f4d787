package did

import "strings"

const scheme = "did:"

// check returns the rule of the grammar that s breaks, or "" when it breaks
// none:
//
//	did                = "did:" method-name ":" method-specific-id
//	method-name        = 1*( %x61-7A / DIGIT )
//	method-specific-id = *( *idchar ":" ) 1*idchar
//	idchar             = ALPHA / DIGIT / "." / "-" / "_" / "%" HEXDIG HEXDIG
func check(s string) string {
	if s == "" {
		return "it is empty"
	}
	if len(s) > MaxLength {
		return "it is longer than 255 bytes"
	}
	rest, ok := strings.CutPrefix(s, scheme)
	if !ok {
		return `it must start with "did:"`
	}
	method, id, ok := strings.Cut(rest, ":")
	if !ok {
		return "it must have the form did:method:id"
	}
	if why := checkMethod(method); why != "" {
		return why
	}
	return checkID(id)
}

func checkMethod(method string) string {
	if method == "" {
		return "the method is empty"
	}
	for i := range len(method) {
		if c := method[i]; !isLower(c) && !isDigit(c) {
			return "the method may have lower-case letters and digits only"
		}
	}
	return ""
}

func checkID(id string) string {
	if id == "" {
		return "the method-specific id is empty"
	}
	if id[len(id)-1] == ':' {
		return "the method-specific id must not end with a colon"
	}
	for i := 0; i < len(id); i++ {
		switch c := id[i]; {
		case c == '%':
			if i+2 >= len(id) || !isHex(id[i+1]) || !isHex(id[i+2]) {
				return "a percent sign must be followed by two hexadecimal digits"
			}
			i += 2
		case c == '/' || c == '?' || c == '#':
			return "a path, query or fragment is not part of a DID"
		case !isIDChar(c):
			return "the method-specific id may have letters, digits, '.', '-', '_', ':' and percent-encoded bytes only"
		}
	}
	return ""
}

func isIDChar(c byte) bool {
	return isLower(c) || isUpper(c) || isDigit(c) || c == '.' || c == '-' || c == '_' || c == ':'
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
