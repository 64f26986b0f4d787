// Package remote has the commands of teg that ask a server over HTTP, for people and
// scripts.
//
// # How it is laid out
//
// A file holds the commands of a noun; each says what it takes and which method of the
// client it calls. What all have is beside them: connection.go (where the server is, and
// who asks), ask.go (one question and its answer), list.go (pages), table.go and
// details.go (how answers look), flag.go (flags of the economy's types), error.go
// (messages and exit codes).
//
// # Output
//
// Answers are tables on stdout. They are made of the client's types by reflection: a
// column is named as the document names the field, and what a newer server adds is seen
// with --json alone. Whatever a server, and so a stranger, wrote is escaped where a
// terminal would obey it.
package remote
