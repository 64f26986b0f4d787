// Package archive says how a whole economy is written down, so that it can be kept, looked
// at, or moved from one database to another.
//
// An export is lines of JSON. The first names the format and the schema. Then comes each
// of [Tables], also one without rows: a line with its name and columns, and a line for
// each row, ordered by the key. The last line has the number of rows of each table, and
// the SHA-256 of its lines.
//
//	{"teg_export":1,"schema":["20261124000001"]}
//	{"table":"accounts","columns":["id","owner","kind"]}
//	[1,"did:agentvault:treasury",3]
//	{"tables":[{"table":"accounts","rows":1,"sha256":"5d41…"}],"rows":1}
//
// Nothing in it tells which database it comes from or when it was made: equal economies
// have equal exports, byte for byte. There is one way to write each line, and [Reader]
// takes no other.
//
// This package knows the form of an export and no database; the drivers read and write
// their rows by it.
package archive
