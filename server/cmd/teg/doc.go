// Command teg runs and tends a token economy.
//
//	teg dev             everything at once for a first look
//	teg serve           the server
//	teg migrate         the schema: up, down, status
//	teg token mint      a JWT from the configured key
//	teg verify          proves the books
//	teg export          writes the whole economy down, the same from both databases
//	teg import          takes an export in, or plays a market into the books
//	teg backup          copies a SQLite database, and proves the copy
//	teg restore         puts a backup in its place
//	teg health          asks a server whether it can serve
//	teg bench           measures transfers
//	teg config check    the configuration in force
//	teg version         what this program is
//
// Package remote has those that ask a server: teg pay, stake, reputation, dispute, flags,
// and more; docs/cli.md tells of them.
//
// # Configuration
//
// Package config reads it: flags, environment, the file that TEG_CONFIG names,
// defaults. A command takes as flags only the settings that it uses.
//
// # Output and exit codes
//
// What was asked for goes to stdout, everything else to stderr. An error is one
// line that says what to do; a faulty configuration is one line for each fault.
//
//	0  done
//	1  it failed, or the answer is no: migrations are pending, the books do not hold
//	2  it was called wrongly, or the configuration is faulty; nothing was begun
//	3  the server refuses it, and would again
//	4  there is no token or key, or it is not good, or the caller may not
//	5  it may have been carried out; the key to run it again with was printed
//
// # How it is laid out
//
// One file holds one command. What several need is in settings.go (flags and
// configuration), open.go (database and engine) and process.go (the life of a
// server from its first request to its last).
package main
