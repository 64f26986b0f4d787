package remote

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain escapes what a terminal would obey rather than show: control characters, those
// that turn the direction of a text or are not seen, and what is no UTF-8. Messages,
// reasons and names come from strangers.
func plain(text string) string {
	if !strings.ContainsFunc(text, obeyed) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[i])|0x100, 16)[1:])
		case obeyed(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func obeyed(r rune) bool {
	return !unicode.IsPrint(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) ||
		unicode.Is(unicode.Variation_Selector, r) && r != '\ufe0e' && r != '\ufe0f' // which emoji have
}
