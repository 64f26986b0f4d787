package main

import (
	"strings"
	"unicode"
)

// initialisms are parts of names that Go writes in a way of its own.
var initialisms = map[string]string{
	"id": "ID", "ids": "IDs", "did": "DID", "dids": "DIDs", "avt": "AVT", "avtp": "AVTP", "sla": "SLA", "zkp": "ZKP", "ms": "MS", "mib": "MiB", "url": "URL",
}

// exported is the Go name of a field, a parameter or a value: TransactionID of transaction_id.
func exported(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.ToLower(name), "_") {
		if known, ok := initialisms[part]; ok {
			part = known
		}
		b.WriteString(capital(part))
	}
	return b.String()
}

// argument is the Go name of an argument: transactionID of transaction_id.
func argument(name string) string {
	first, rest, _ := strings.Cut(name, "_")
	return first + exported(rest)
}

func capital(text string) string {
	for i, first := range text {
		return string(unicode.ToUpper(first)) + text[i+len(string(first)):]
	}
	return text
}

// codeName is the constant of a code: ErrInsufficientBalance of BIZ_INSUFFICIENT_BALANCE.
func codeName(code string) string {
	for _, prefix := range []string{"VALIDATION_", "BIZ_", "AUTH_", "SYS_"} {
		code = strings.TrimPrefix(code, prefix)
	}
	return "Err" + strings.ReplaceAll(exported(code), "Json", "JSON")
}

// comment writes a text as a Go comment, in lines of some ninety characters; an empty
// line stays one.
func comment(text string) string {
	const width = 92
	var b strings.Builder
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			b.WriteString("//\n")
		}
		line := "//"
		for _, word := range strings.Fields(paragraph) {
			if len(line)+1+len(word) > width && line != "//" {
				b.WriteString(line + "\n")
				line = "//"
			}
			line += " " + word
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
