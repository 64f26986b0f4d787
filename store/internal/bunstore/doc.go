// Package bunstore is what both databases share: the questions that can be
// asked of the books, and the runner of migrations, in bun.
//
// The write path is not here. A group's statements differ so much between the
// two databases, and matter so much, that each driver has its own.
//
// A [Dialect] holds every difference in how values are written and read; a
// [Reader] asks through it and otherwise does not know which database it is on.
package bunstore
